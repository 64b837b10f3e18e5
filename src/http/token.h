// The characters that names in HTTP are made of.
#pragma once

#include <string_view>

namespace sluice {

// RFC 9110 section 5.6.2.
constexpr bool IsTokenChar(char c) {
  const bool alpha_numeric =
      (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return alpha_numeric ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

}  // namespace sluice
