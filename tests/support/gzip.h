// Text as a gzip stream of one member (RFC 1952), as a device would send it.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

std::string Gzip(std::string_view text);

}  // namespace sluice
