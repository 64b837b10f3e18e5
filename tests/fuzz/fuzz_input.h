// FuzzInput: a fuzzer's bytes as choices first and content behind them, and ReadSizes: the content
// cut as a network would cut it. All that was taken from an input is decided by it alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace sluice {

class FuzzInput {
 public:
  explicit FuzzInput(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  // 0 behind the end.
  uint8_t Byte() { return rest_.empty() ? uint8_t{0} : static_cast<uint8_t>(Take(1).front()); }
  size_t Word() {
    const size_t high = Byte();
    return high << 8 | Byte();
  }
  // As many, or fewer at the end.
  std::string_view Take(size_t bytes) {
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// The sizes of reads, four that come again and again.
class ReadSizes {
 public:
  explicit ReadSizes(FuzzInput& input) {
    for (uint8_t& choice : choices_) choice = input.Byte();
  }

  // 0 is all that is left; large reads are coarse.
  size_t Next(size_t bytes_left) {
    const size_t choice = choices_[next_++ % choices_.size()];
    const size_t bytes = choice == 0 ? bytes_left : choice < 128 ? choice : (choice - 127) * 32;
    return std::min(bytes, bytes_left);
  }

 private:
  std::array<uint8_t, 4> choices_;
  size_t next_ = 0;
};

// A read's bytes, and no byte more: reading further, or later, is an error under ASan.
class ReadCopy {
 public:
  explicit ReadCopy(std::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
    if (!bytes.empty()) std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  const std::unique_ptr<char[]> bytes_;
  const size_t size_;
};

}  // namespace sluice
