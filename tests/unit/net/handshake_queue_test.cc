#include "sluice/net/handshake_queue.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "sluice/base/limits.h"
#include "support/fake_clock.h"

namespace sluice {
namespace {

using Step = HandshakeQueue::Step;

class HandshakeQueueTest : public testing::Test {
 protected:
  static constexpr uint64_t kMs = 500;

  struct One final : public Handshaker {
    One(HandshakeQueueTest& its_test, std::string its_name)
        : test(its_test), name(std::move(its_name)), place(test.queue_.Enter(*this)) {}
    void OnHandshakeTurn() override { test.said_ += name; }
    void OnHandshakeLate() override {
      test.said_ += name + "!";
      test.queue_.Leave(place);
    }
    HandshakeQueueTest& test;
    const std::string name;
    HandshakeQueue::Place place;
  };

  One& Enter(const std::string& name) { return all_.emplace_back(*this, name); }
  void Pass(uint64_t ms) {
    clock_.AdvanceMs(ms);
    loop_.clock().Forget();
    queue_.Sweep();
  }

  FakeClock clock_;
  Loop loop_{clock_};
  HandshakeQueue queue_{loop_, kMs};
  std::deque<One> all_;
  std::string said_;
};

TEST_F(HandshakeQueueTest, EachTurnTakesSoManyStepsInTheOrderOfTheirWaiting) {
  static_assert(kHandshakesPerTurn == 4);
  for (const char* name : {"a", "b", "c", "d", "e", "f"})
    EXPECT_TRUE(queue_.Wait(Enter(name).place, 1, Step::kFirst));
  queue_.Run();
  EXPECT_EQ(said_, "abcd");
  EXPECT_TRUE(queue_.Wait(all_[0].place, 1, Step::kFirst));
  queue_.Run();
  EXPECT_EQ(said_, "abcdefa");
  EXPECT_EQ(queue_.waiting_count(), 0u);
  Pass(kMs);
}

TEST_F(HandshakeQueueTest, WhatHasBegunIsEndedFirst) {
  for (const char* name : {"a", "b", "c", "d", "e"})
    EXPECT_TRUE(queue_.Wait(Enter(name).place, 1, Step::kFirst));
  EXPECT_TRUE(queue_.Wait(Enter("x").place, 1, Step::kLater));
  EXPECT_TRUE(queue_.Wait(Enter("y").place, 1, Step::kLater));
  queue_.Run();
  EXPECT_EQ(said_, "xyab");
  queue_.Run();
  EXPECT_EQ(said_, "xyabcde");
  Pass(kMs);
}

TEST_F(HandshakeQueueTest, OfManyThatAreLateASweepEndsSome) {
  for (int i = 0; i < 300; ++i) Enter("a");
  Pass(kMs);
  const size_t ended = said_.size() / 2;
  EXPECT_GT(ended, 0u);
  EXPECT_LT(ended, 300u);
  Pass(1);
  EXPECT_EQ(said_.size() / 2, 300u);
}

TEST_F(HandshakeQueueTest, WhoLeavesIsNotCalled) {
  One& left = Enter("a");
  EXPECT_TRUE(queue_.Wait(left.place, 1, Step::kFirst));
  EXPECT_TRUE(queue_.Wait(Enter("b").place, 1, Step::kFirst));
  queue_.Leave(left.place);
  queue_.Run();
  EXPECT_EQ(said_, "b");
  Pass(kMs);
  EXPECT_EQ(said_, "bb!");
}

TEST_F(HandshakeQueueTest, TheDeadlineIsFromTheStartWhetherOneWaitsOrNot) {
  Enter("a");
  Pass(kMs / 2);
  EXPECT_TRUE(queue_.Wait(Enter("b").place, 1, Step::kFirst));
  Pass(kMs / 2 - 1);
  EXPECT_EQ(said_, "");
  Pass(1);
  EXPECT_EQ(said_, "a!");
  Pass(kMs / 2);
  EXPECT_EQ(said_, "a!b!");
  EXPECT_EQ(queue_.waiting_count(), 0u);
}

TEST_F(HandshakeQueueTest, WhatWaitsIsBoundedByItsBytes) {
  EXPECT_TRUE(queue_.Wait(Enter("a").place, kHandshakeBytesMax, Step::kFirst));
  One& late = Enter("b");
  EXPECT_FALSE(queue_.Wait(late.place, 1, Step::kFirst));
  queue_.Run();
  EXPECT_TRUE(queue_.Wait(late.place, 1, Step::kFirst)) << "there is room again";
  One& large = Enter("c");
  EXPECT_TRUE(queue_.Wait(large.place, kHandshakeBytesMax - 1, Step::kFirst));
  queue_.Leave(large.place);
  EXPECT_TRUE(queue_.Wait(Enter("d").place, kHandshakeBytesMax - 1, Step::kFirst))
      << "who leaves makes room";
  Pass(kMs);
}

}  // namespace
}  // namespace sluice
