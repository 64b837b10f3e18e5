#include "sluice/base/buffer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

namespace sluice {
namespace {

Buffer Holding(std::string_view text) {
  Buffer buffer;
  buffer.Append(text);
  return buffer;
}

TEST(BufferTest, StartsEmptyAndWithoutMemory) {
  const Buffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity(), 0u);
  EXPECT_EQ(buffer.view(), "");
}

TEST(BufferTest, KeepsWhatWasAppendedWhileItGrows) {
  Buffer buffer;
  std::string expected;
  for (int i = 0; i < 5'000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    buffer.Append(piece);
    expected += piece;
  }
  EXPECT_EQ(buffer.view(), expected);
}

TEST(BufferTest, GrowthAtLeastDoubles) {
  Buffer buffer = Holding("x");
  const size_t first = buffer.capacity();
  EXPECT_GE(first, 256u) << "small appends grow it once";
  buffer.Append(std::string(first, 'y'));
  EXPECT_GE(buffer.capacity(), 2 * first);
}

TEST(BufferTest, GrowsToAnAppendLargerThanTwiceItself) {
  Buffer buffer = Holding("x");
  const std::string large(1'000'000, 'y');
  buffer.Append(large);
  EXPECT_EQ(buffer.view(), "x" + large);
}

TEST(BufferTest, TakesAnEmptyAppendWithoutAllocating) {
  Buffer buffer;
  buffer.Append({});
  EXPECT_EQ(buffer.capacity(), 0u);
}

TEST(BufferTest, HoldsWhatIsPreparedAndAdvanced) {
  Buffer buffer = Holding("ab");
  std::memcpy(buffer.Prepare(1'000), "cdef", 4);
  EXPECT_EQ(buffer.view(), "ab") << "prepared is not yet held";
  EXPECT_GE(buffer.capacity() - buffer.size(), 1'000u);
  buffer.Advance(3);
  EXPECT_EQ(buffer.view(), "abcde");
}

TEST(BufferTest, PreparesNothingNewWhileThereIsRoom) {
  Buffer buffer;
  buffer.Reserve(512);
  const char* const data = buffer.Prepare(512);
  EXPECT_EQ(buffer.capacity(), 512u);
  buffer.Advance(512);
  EXPECT_EQ(buffer.data(), data);
}

TEST(BufferTest, KeepsItsMemoryWhenCleared) {
  Buffer buffer = Holding(std::string(1'000, 'x'));
  const size_t capacity = buffer.capacity();
  const char* const data = buffer.data();
  buffer.Clear();
  EXPECT_TRUE(buffer.empty());
  buffer.Append("again");
  EXPECT_EQ(buffer.capacity(), capacity);
  EXPECT_EQ(buffer.data(), data);
  EXPECT_EQ(buffer.view(), "again");
}

TEST(BufferTest, IsCutBackToAnEarlierSize) {
  Buffer buffer = Holding("keep, take back");
  buffer.Truncate(4);
  EXPECT_EQ(buffer.view(), "keep");
  buffer.Truncate(4);
  buffer.Append("!");
  EXPECT_EQ(buffer.view(), "keep!");
}

TEST(BufferTest, AppendsDecimals) {
  Buffer buffer;
  for (const uint64_t n : {uint64_t{0}, uint64_t{7}, uint64_t{10}, uint64_t{600}, UINT64_MAX}) {
    buffer.AppendDecimal(n);
    buffer.Append(" ");
  }
  EXPECT_EQ(buffer.view(), "0 7 10 600 18446744073709551615 ");
}

TEST(BufferTest, GivesItsBytesAwayWhenMoved) {
  Buffer from = Holding("bytes");
  const Buffer to = std::move(from);
  EXPECT_EQ(to.view(), "bytes");
  EXPECT_EQ(from.capacity(), 0u);  // NOLINT: moved-from is empty, by contract
  from.Append("new");
  EXPECT_EQ(from.view(), "new");
  EXPECT_EQ(to.view(), "bytes");
}

TEST(BufferTest, ReplacesItsBytesWhenMovedInto) {
  Buffer from = Holding("new");
  Buffer to = Holding("old");
  to = std::move(from);
  EXPECT_EQ(to.view(), "new");
}

TEST(BufferDeathTest, CannotBeCutToMoreThanItHolds) {
  Buffer buffer = Holding("abc");
  EXPECT_DEATH(buffer.Truncate(4), "invariant broken");
}

TEST(BufferDeathTest, CannotAdvanceBeyondWhatWasPrepared) {
  Buffer buffer = Holding("abc");
  EXPECT_DEATH(buffer.Advance(buffer.capacity() - 2), "invariant broken");
}

}  // namespace
}  // namespace sluice
