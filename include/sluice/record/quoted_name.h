// QuotedName: a member's name and the quote that ends it, to be compared with the bytes of a body,
// eight at a time. A body's every member is asked, so this is no call of memcmp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "sluice/base/eight_bytes.h"
#include "sluice/base/limits.h"

namespace sluice {

class QuotedName {
 public:
  QuotedName() = default;
  // At most kFieldNameBytesMax, which is the caller's to check.
  explicit QuotedName(std::string_view name) : size_(name.size() + 1) {
    std::memcpy(bytes_.data(), name.data(), name.size());
    bytes_[name.size()] = '"';
  }

  size_t size() const { return size_; }  // the quote too

  // Reads kJsonPaddingBytes from `raw` on at the most.
  bool Fronts(const char* raw) const {
    size_t at = 0;
    for (; at + sizeof(uint64_t) <= size_; at += sizeof(uint64_t)) {
      if (EightBytes(raw + at) != EightBytes(bytes_.data() + at)) return false;
    }
    const uint64_t mask = (uint64_t{1} << 8 * (size_ - at)) - 1;
    return ((EightBytes(raw + at) ^ EightBytes(bytes_.data() + at)) & mask) == 0;
  }

 private:
  // Room for eight from any place before the end.
  std::array<char, kFieldNameBytesMax + 1 + sizeof(uint64_t)> bytes_ = {};
  size_t size_ = 0;
};

static_assert(kFieldNameBytesMax + 1 <= 61 && kJsonPaddingBytes >= 64,
              "the last eight bytes compared end within the padding");

}  // namespace sluice
