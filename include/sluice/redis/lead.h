// Lead: the bytes that stand before a value, its name and what is around it, encoded beforehand. It
// is copied in blocks, which for the few bytes of a name is less work than to ask how many they
// are.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {

class Lead {
 public:
  static constexpr size_t kBlockBytes = 16;
  static constexpr size_t kBytesMax = (kFieldNameBytesMax / kBlockBytes + 2) * kBlockBytes;

  explicit Lead(std::string_view text) : size_(text.size()) {
    SLUICE_CHECK(size_ <= kBytesMax);
    std::memcpy(text_.data(), text.data(), size_);
  }

  size_t bytes_max() const { return size_ + kBlockBytes; }  // that Put may write

  // Behind it.
  char* Put(char* at) const {
    for (size_t done = 0; done < size_; done += kBlockBytes) {
      std::memcpy(at + done, text_.data() + done, kBlockBytes);
    }
    return at + size_;
  }

 private:
  std::array<char, kBytesMax> text_ = {};
  size_t size_;
};

static_assert(Lead::kBytesMax >= kFieldNameBytesMax + std::string_view("$60\r\n\r\n$").size(),
              "the longest name and what RESP or JSON has around it");

}  // namespace sluice
