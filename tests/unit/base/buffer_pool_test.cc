#include "sluice/base/buffer_pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace sluice {
namespace {

std::unique_ptr<Buffer> BufferOf(size_t capacity) {
  auto buffer = std::make_unique<Buffer>();
  buffer->Reserve(capacity);
  return buffer;
}

TEST(BufferPoolTest, HandsOutEmptyBuffersWhenItHasNone) {
  BufferPool pool;
  const std::unique_ptr<Buffer> buffer = pool.Take();
  EXPECT_TRUE(buffer->empty());
  EXPECT_EQ(buffer->capacity(), 0u);
}

TEST(BufferPoolTest, HandsOutAGivenBufferEmptiedWithItsMemory) {
  BufferPool pool;
  std::unique_ptr<Buffer> given = BufferOf(4'096);
  given->Append("left over");
  const Buffer* const same = given.get();
  pool.Give(std::move(given));
  const std::unique_ptr<Buffer> taken = pool.Take();
  EXPECT_EQ(taken.get(), same);
  EXPECT_TRUE(taken->empty());
  EXPECT_EQ(taken->capacity(), 4'096u);
  EXPECT_NE(pool.Take().get(), same) << "handed out twice";
}

TEST(BufferPoolTest, KeepsALargeBufferOnlyUpToItsBound) {
  BufferPool pool;
  pool.Give(BufferOf(BufferPool::kSpareBytesMax + 1));
  EXPECT_EQ(pool.Take()->capacity(), 0u);
  pool.Give(BufferOf(BufferPool::kSpareBytesMax));
  EXPECT_EQ(pool.Take()->capacity(), BufferPool::kSpareBytesMax);
}

TEST(BufferPoolTest, KeepsNoMoreThanSpareCount) {
  BufferPool pool;
  for (size_t i = 0; i <= BufferPool::kSpareCount; ++i) pool.Give(BufferOf(1'000));
  std::vector<std::unique_ptr<Buffer>> taken;
  for (size_t i = 0; i < BufferPool::kSpareCount; ++i) {
    taken.push_back(pool.Take());
    EXPECT_EQ(taken.back()->capacity(), 1'000u) << i;
  }
  EXPECT_EQ(pool.Take()->capacity(), 0u);
}

}  // namespace
}  // namespace sluice
