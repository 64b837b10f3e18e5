// What the keys are called that keep repeated requests and records from being stored again
// (src/redis/guarded_request.h). Pure.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

// Of those beside this stream: "sluice:seen:{vitals}:", behind which a digest's digits follow.
std::string GuardPrefix(std::string_view stream);

}  // namespace sluice
