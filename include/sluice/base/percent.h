// Percent-encoding (RFC 3986 section 2.1), as user, password and path of a URL have it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

// None: a % is not followed by two hex digits.
std::optional<std::string> PercentDecode(std::string_view text);

}  // namespace sluice
