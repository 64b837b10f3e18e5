// What of an error of Redis's may be said. Redis repeats the arguments of a command that it does
// not know, and they may be a password or a record: neither is for a log or a terminal.
#pragma once

#include <string_view>

namespace sluice {

inline std::string_view WithoutArguments(std::string_view error) {
  return error.substr(0, error.find(", with args beginning with"));
}

}  // namespace sluice
