#include "sluice/base/buffer.h"

#include <algorithm>

namespace sluice {

void Buffer::Grow(size_t least) {
  constexpr size_t kSmallest = 256;
  const size_t capacity = std::max({least, capacity_ * 2, kSmallest});
  void* grown = std::realloc(data_, capacity);
  SLUICE_CHECK(grown != nullptr);
  data_ = static_cast<char*>(grown);
  capacity_ = capacity;
}

}  // namespace sluice
