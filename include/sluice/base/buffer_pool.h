// BufferPool: one worker's spare buffers. At most kSpareCount are kept, and none larger than
// kSpareBytesMax, so that one burst of large bodies does not stay in memory.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "sluice/base/buffer.h"
#include "sluice/base/limits.h"

namespace sluice {

class BufferPool {
 public:
  static constexpr size_t kSpareCount = 64;
  static constexpr size_t kSpareBytesMax = 128 * kKiB;

  std::unique_ptr<Buffer> Take() {
    if (spare_.empty()) return std::make_unique<Buffer>();
    std::unique_ptr<Buffer> buffer = std::move(spare_.back());
    spare_.pop_back();
    return buffer;
  }
  void Give(std::unique_ptr<Buffer> buffer) {
    if (spare_.size() == kSpareCount || buffer->capacity() > kSpareBytesMax) return;
    buffer->Clear();
    spare_.push_back(std::move(buffer));
  }

 private:
  std::vector<std::unique_ptr<Buffer>> spare_;
};

}  // namespace sluice
