// PutText: writes a text where there is room for it, and says where it ended. Names and values are
// mostly of a few bytes, for which a call of memcpy costs more than the copy.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace sluice {

inline char* PutText(std::string_view text, char* at) {
  const char* const from = text.data();
  const size_t size = text.size();
  // From both ends, so that two copies of a fixed size are of any size between it and twice it.
  const auto both_ends = [=](auto bytes) {
    std::memcpy(at, from, bytes);
    std::memcpy(at + size - bytes, from + size - bytes, bytes);
  };
  if (size > 32) {
    std::memcpy(at, from, size);
  } else if (size >= 16) {
    both_ends(std::integral_constant<size_t, 16>());
  } else if (size >= 8) {
    both_ends(std::integral_constant<size_t, 8>());
  } else if (size >= 4) {
    both_ends(std::integral_constant<size_t, 4>());
  } else if (size >= 2) {
    both_ends(std::integral_constant<size_t, 2>());
  } else if (size == 1) {
    *at = *from;
  }
  return at + size;
}

}  // namespace sluice
