// QuotedName: a member's name and the quote that ends it, to be compared with the bytes of a body,
// eight at a time. A body's every member is asked, so this is no call of memcmp.
#pragma once

#include <algorithm>
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
  explicit QuotedName(std::string_view name)
      : size_(name.size() + 1),
        last_at_(std::max(size_, sizeof(uint64_t)) - sizeof(uint64_t)),
        mask_(size_ < sizeof(uint64_t) ? (uint64_t{1} << 8 * size_) - 1 : ~uint64_t{0}) {
    std::memcpy(bytes_.data(), name.data(), name.size());
    bytes_[name.size()] = '"';
  }

  size_t size() const { return size_; }  // the quote too

  // Reads size() bytes from `raw` on, and eight at least.
  bool Fronts(const char* raw) const {
    // The last eight overlap those before them.
    const uint64_t ends = (EightBytes(raw) ^ EightBytes(bytes_.data())) |
                          (EightBytes(raw + last_at_) ^ EightBytes(bytes_.data() + last_at_));
    if ((ends & mask_) != 0) return false;
    for (size_t at = sizeof(uint64_t); at < last_at_; at += sizeof(uint64_t)) {
      if (EightBytes(raw + at) != EightBytes(bytes_.data() + at)) return false;
    }
    return true;
  }

 private:
  std::array<char, kFieldNameBytesMax + 1> bytes_ = {};
  size_t size_ = 0;
  size_t last_at_ = 0;  // of the last eight bytes
  uint64_t mask_ = 0;   // those of eight bytes that a short name has
};

static_assert(kFieldNameBytesMax + std::string_view("\"\":").size() <= kJsonPaddingBytes,
              "a name that is looked for behind the body's last byte ends within the padding");

}  // namespace sluice
