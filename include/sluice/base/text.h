// Small questions about text, asked in more than one layer.
#pragma once

#include <strings.h>

#include <string_view>

namespace sluice {

// ASCII only, as protocol names are.
inline bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sluice
