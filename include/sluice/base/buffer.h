// A growable run of bytes that is appended to, cut back and reused. Unlike std::string it does not
// zero what it grows, and its spare capacity may be written through `Prepare`. Owned by one object
// at a time; growth doubles, so views into it die at the next append. Running out of memory aborts.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "sluice/base/check.h"

namespace sluice {

class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { std::free(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }

  char* data() { return data_; }
  const char* data() const { return data_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {data_, size_}; }

  void Clear() { size_ = 0; }
  void Truncate(size_t size) {
    SLUICE_CHECK(size <= size_);
    size_ = size;
  }

  void Reserve(size_t capacity) {
    if (capacity > capacity_) Grow(capacity);
  }
  // Room for `n` more bytes behind size(); write there, then Advance by what was written.
  char* Prepare(size_t n) {
    if (capacity_ - size_ < n) Grow(size_ + n);
    return data_ + size_;
  }
  void Advance(size_t n) {
    SLUICE_CHECK(n <= capacity_ - size_);
    size_ += n;
  }

  void Append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(Prepare(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void AppendDecimal(uint64_t n) {
    char* at = Prepare(20);
    size_ += static_cast<size_t>(std::to_chars(at, at + 20, n).ptr - at);
  }

 private:
  void Grow(size_t least);

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace sluice
