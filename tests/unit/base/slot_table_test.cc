#include "sluice/base/slot_table.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace sluice {
namespace {

class SlotTableTest : public testing::Test {
 protected:
  SlotHandle Put(const std::string& text) {
    const SlotHandle handle = table_.Reserve();
    table_.Put(handle, std::make_unique<std::string>(text));
    return handle;
  }
  std::string Found(SlotHandle handle) const {
    const std::string* const text = table_.Find(handle);
    return text != nullptr ? *text : "nothing";
  }

  SlotTable<std::string> table_;
};

TEST_F(SlotTableTest, FindsEachObjectByItsHandle) {
  const SlotHandle a = Put("a");
  const SlotHandle b = Put("b");
  EXPECT_EQ(Found(a), "a");
  EXPECT_EQ(Found(b), "b");
  EXPECT_EQ(table_.size(), 2u);
}

TEST_F(SlotTableTest, FindsNothingByAHandleFromNowhere) {
  EXPECT_EQ(Found(SlotHandle{}), "nothing");
  EXPECT_EQ(Found({0, 0}), "nothing");
  Put("a");
  EXPECT_EQ(Found({0, 1}), "nothing");
  EXPECT_EQ(Found({1, 0}), "nothing");
}

TEST_F(SlotTableTest, AReservedPlaceIsEmptyUntilItIsFilled) {
  const SlotHandle handle = table_.Reserve();
  EXPECT_EQ(Found(handle), "nothing");
  EXPECT_EQ(table_.size(), 0u);
  table_.Put(handle, std::make_unique<std::string>("a"));
  EXPECT_EQ(Found(handle), "a");
}

TEST_F(SlotTableTest, ReservationsDoNotShareAPlace) {
  const SlotHandle a = table_.Reserve();
  const SlotHandle b = table_.Reserve();
  EXPECT_NE(a.index, b.index);
}

TEST_F(SlotTableTest, AnOldHandleDoesNotFindTheNewcomerInItsPlace) {
  const SlotHandle old = Put("old");
  EXPECT_EQ(*table_.Remove(old), "old");
  EXPECT_EQ(Found(old), "nothing");
  const SlotHandle fresh = Put("new");
  ASSERT_EQ(fresh.index, old.index) << "the place was to be used again";
  EXPECT_EQ(Found(old), "nothing");
  EXPECT_EQ(Found(fresh), "new");
}

TEST_F(SlotTableTest, TheLastPlaceFreedIsTheFirstUsedAgain) {
  const SlotHandle a = Put("a");
  const SlotHandle b = Put("b");
  Put("c");
  table_.Remove(a);
  table_.Remove(b);
  EXPECT_EQ(table_.Reserve().index, b.index);
  EXPECT_EQ(table_.Reserve().index, a.index);
  EXPECT_EQ(table_.Reserve().index, 3u);
}

TEST_F(SlotTableTest, VisitsEachObjectThatIsThere) {
  Put("a");
  const SlotHandle b = Put("b");
  Put("c");
  table_.Reserve();
  table_.Remove(b);
  std::set<std::string> seen;
  table_.ForEach([&seen](const std::string& text) { seen.insert(text); });
  EXPECT_EQ(seen, (std::set<std::string>{"a", "c"}));
}

TEST_F(SlotTableTest, AVisitMayRemoveItsObject) {
  std::vector<SlotHandle> handles;
  for (int i = 0; i < 5; ++i) handles.push_back(Put(std::to_string(i)));
  int visits = 0;
  table_.ForEach([&](const std::string& text) {
    ++visits;
    table_.Remove(handles[static_cast<size_t>(std::stoi(text))]);
  });
  EXPECT_EQ(visits, 5);
  EXPECT_EQ(table_.size(), 0u);
}

using SlotTableDeathTest = SlotTableTest;

TEST_F(SlotTableDeathTest, RemovingTwiceIsABug) {
  const SlotHandle handle = Put("a");
  table_.Remove(handle);
  EXPECT_DEATH(table_.Remove(handle), "invariant broken");
}

TEST_F(SlotTableDeathTest, FillingAPlaceTwiceIsABug) {
  const SlotHandle handle = Put("a");
  EXPECT_DEATH(table_.Put(handle, std::make_unique<std::string>("b")), "invariant broken");
}

}  // namespace
}  // namespace sluice
