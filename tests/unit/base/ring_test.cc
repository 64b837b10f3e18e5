#include "sluice/base/ring.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "sluice/base/random.h"

namespace sluice {
namespace {

template <typename T>
std::vector<T> Content(const Ring<T>& ring) {
  std::vector<T> content;
  for (size_t i = 0; i < ring.size(); ++i) content.push_back(ring[i]);
  return content;
}

TEST(RingTest, IsFirstInFirstOut) {
  Ring<int> ring;
  EXPECT_TRUE(ring.empty());
  for (int i = 0; i < 100; ++i) ring.PushBack(i);
  EXPECT_EQ(ring.front(), 0);
  EXPECT_EQ(ring.back(), 99);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ring.PopFront(), i);
  EXPECT_TRUE(ring.empty());
}

TEST(RingTest, KeepsItsOrderWhenItGrowsWrapped) {
  Ring<int> ring;
  for (int i = 0; i < 4; ++i) ring.PushBack(i);
  ring.PopFront();
  ring.PopFront();
  for (int i = 4; i < 10; ++i) ring.PushBack(i);
  EXPECT_EQ(Content(ring), (std::vector<int>{2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(RingTest, InsertsAnywhere) {
  Ring<std::string> ring;
  ring.Insert(0, "b");
  ring.Insert(0, "a");
  ring.Insert(2, "d");
  ring.Insert(2, "c");
  EXPECT_EQ(Content(ring), (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST(RingTest, RemovesFromAnywhereAndKeepsTheOrderOfTheRest) {
  for (size_t at = 0; at < 5; ++at) {
    Ring<int> ring;
    for (int i = -3; i < 0; ++i) ring.PushBack(i);
    for (int i = 0; i < 5; ++i) {
      ring.PushBack(i);
      if (i < 3) ring.PopFront();  // so that it is wrapped
    }
    EXPECT_EQ(ring.Remove(at), static_cast<int>(at));
    std::vector<int> rest = {0, 1, 2, 3, 4};
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_EQ(Content(ring), rest);
  }
}

TEST(RingTest, LetsGoOfWhatIsPopped) {
  Ring<std::shared_ptr<int>> ring;
  const auto object = std::make_shared<int>(1);
  ring.PushBack(object);
  ring.PushBack(object);
  ring.PushBack(object);
  EXPECT_EQ(object.use_count(), 4);
  ring.Remove(1);
  EXPECT_EQ(object.use_count(), 3);
  ring.PopFront();
  EXPECT_EQ(object.use_count(), 2);
  ring.PopBack();
  EXPECT_EQ(object.use_count(), 1);
}

TEST(RingTest, HoldsWhatCanOnlyBeMoved) {
  Ring<std::unique_ptr<int>> ring;
  for (int i = 0; i < 10; ++i) ring.PushBack(std::make_unique<int>(i));
  EXPECT_EQ(*ring.PopBack(), 9);
  EXPECT_EQ(*ring.PopFront(), 0);
}

// A random walk against std::deque, which is right by assumption.
TEST(RingTest, DoesAsADequeDoes) {
  Random random(7);
  Ring<uint64_t> ring;
  std::deque<uint64_t> model;
  for (int step = 0; step < 20'000; ++step) {
    const auto at = static_cast<size_t>(random.Below(model.size() + 1));
    const uint64_t value = random.Next();
    switch (random.Below(6)) {
      case 0:
      case 1:
        ring.PushBack(value);
        model.push_back(value);
        break;
      case 2:
        ring.Insert(at, value);
        model.insert(model.begin() + static_cast<std::ptrdiff_t>(at), value);
        break;
      case 3:
        if (model.empty()) break;
        ASSERT_EQ(ring.PopBack(), model.back());
        model.pop_back();
        break;
      case 4:
        if (at == model.size()) break;
        ASSERT_EQ(ring.Remove(at), model[at]);
        model.erase(model.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      default:
        if (model.size() < 20) break;  // now and then back to small
        while (model.size() > 3) {
          ASSERT_EQ(ring.PopFront(), model.front());
          model.pop_front();
        }
    }
    ASSERT_EQ(ring.size(), model.size());
    ASSERT_EQ(Content(ring), std::vector<uint64_t>(model.begin(), model.end()));
  }
}

TEST(RingTest, PopBackTakesTheLast) {
  Ring<int> ring;
  for (int i = 0; i < 5; ++i) ring.PushBack(i);
  EXPECT_EQ(ring.PopFront(), 0);
  EXPECT_EQ(ring.PopBack(), 4);
  EXPECT_EQ(ring.back(), 3);
  EXPECT_EQ(ring.size(), 3u);
}

TEST(RingDeathTest, HasNoPlaceBehindItsEnd) {
  Ring<int> ring;
  EXPECT_DEATH(ring.PopFront(), "invariant broken");
  EXPECT_DEATH(ring.front(), "invariant broken");
  ring.PushBack(1);
  EXPECT_DEATH(ring[1], "invariant broken");
  EXPECT_DEATH(ring.Insert(2, 1), "invariant broken");
  EXPECT_DEATH(ring.Remove(1), "invariant broken");
}

}  // namespace
}  // namespace sluice
