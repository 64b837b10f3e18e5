// BatchMemory: what the lanes that one sink fills have in common: their spare batches, bounded by
// the bytes that they keep, and the count of the bytes that all of them hold. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "redis/batch.h"
#include "sluice/base/check.h"
#include "sluice/base/pool.h"

namespace sluice {

class BatchMemory {
 public:
  BatchMemory() = default;
  BatchMemory(const BatchMemory&) = delete;
  BatchMemory& operator=(const BatchMemory&) = delete;

  std::unique_ptr<Batch> Take() {
    std::unique_ptr<Batch> batch = spare_.Take();
    spare_bytes_ -= batch->spare_bytes;
    batch->spare_bytes = 0;
    return batch;
  }
  void Give(std::unique_ptr<Batch> batch) {
    batch->Reset();
    const size_t bytes = batch->bytes().capacity();
    if (spare_.spare_count() == kSpareMax || spare_bytes_ + bytes > kSpareBytesMax) return;
    spare_bytes_ += batch->spare_bytes = bytes;
    spare_.Give(std::move(batch));
  }

  void Hold(size_t bytes) { held_bytes_ += bytes; }
  void LetGo(size_t bytes) {
    SLUICE_CHECK(bytes <= held_bytes_);
    held_bytes_ -= bytes;
  }
  size_t held_bytes() const { return held_bytes_; }

 private:
  static constexpr size_t kSpareMax = 1'024;
  static constexpr size_t kSpareBytesMax = 8 * Batch::kKeptBytesMax;

  Pool<Batch> spare_{kSpareMax};
  size_t spare_bytes_ = 0;
  size_t held_bytes_ = 0;
};

}  // namespace sluice
