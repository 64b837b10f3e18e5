// Eight bytes of text as one word, the first byte lowest, for loops that look at single characters
// only where eight at once do not decide. Pure functions; any thread.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace sluice {

static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");

inline uint64_t EightBytes(const char* at) {
  uint64_t eight;
  std::memcpy(&eight, at, sizeof eight);
  return eight;
}

constexpr uint64_t EachByte(uint8_t byte) { return 0x0101010101010101u * byte; }

// The top bit of each byte that a JSON string cannot hold as it is, or that is no ASCII: a quote, a
// backslash, a control character (RFC 8259 section 7). A subtraction borrows from the next byte
// only where the answer is yes already: above the first, bits may be set that mean nothing.
constexpr uint64_t SpecialBytes(uint64_t eight) {
  const uint64_t quotes = eight ^ EachByte('"');
  const uint64_t backslashes = eight ^ EachByte('\\');
  const uint64_t high =
      eight | (eight - EachByte(' ')) | (quotes - EachByte(1)) | (backslashes - EachByte(1));
  return high & EachByte(0x80);
}

}  // namespace sluice
