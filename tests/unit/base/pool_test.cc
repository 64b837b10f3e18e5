#include "sluice/base/pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace sluice {
namespace {

struct Thing {
  void Reset() {
    ++resets;
    mark = 0;
  }
  int resets = 0;
  int mark = 0;
};

TEST(PoolTest, MakesAnObjectWhenItHasNoSpare) {
  Pool<Thing> pool(2);
  EXPECT_EQ(pool.spare_count(), 0u);
  EXPECT_EQ(pool.Take()->resets, 0);
}

TEST(PoolTest, HandsOutASpareAsGoodAsNew) {
  Pool<Thing> pool(2);
  std::unique_ptr<Thing> thing = pool.Take();
  thing->mark = 5;
  const Thing* const same = thing.get();
  pool.Give(std::move(thing));
  EXPECT_EQ(pool.spare_count(), 1u);
  const std::unique_ptr<Thing> again = pool.Take();
  EXPECT_EQ(again.get(), same);
  EXPECT_EQ(again->mark, 0);
  EXPECT_EQ(again->resets, 1);
  EXPECT_EQ(pool.spare_count(), 0u);
}

TEST(PoolTest, NeverHandsOutOneObjectTwice) {
  Pool<Thing> pool(2);
  pool.Give(std::make_unique<Thing>());
  const std::unique_ptr<Thing> first = pool.Take();
  const std::unique_ptr<Thing> second = pool.Take();
  EXPECT_NE(first.get(), second.get());
}

TEST(PoolTest, KeepsNoMoreSparesThanItsBound) {
  Pool<Thing> pool(2);
  for (int i = 0; i < 3; ++i) pool.Give(std::make_unique<Thing>());
  EXPECT_EQ(pool.spare_count(), 2u);
  Pool<Thing> none(0);
  none.Give(std::make_unique<Thing>());
  EXPECT_EQ(none.spare_count(), 0u);
}

}  // namespace
}  // namespace sluice
