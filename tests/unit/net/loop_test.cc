#include "sluice/net/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "support/fake_clock.h"
#include "unit/net/loop_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;

TEST_F(LoopTest, RunsWhatOtherThreadsPostInOrderOnItsOwnThread) {
  std::vector<int> ran;
  std::thread::id ran_on;
  std::thread poster([&] {
    for (int i = 0; i < 100; ++i) {
      loop().Post([&, i] {
        ran.push_back(i);
        ran_on = std::this_thread::get_id();
      });
    }
  });
  RunUntil([&] { return ran.size() == 100; });
  poster.join();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(ran[static_cast<size_t>(i)], i);
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST_F(LoopTest, WhatATaskPostsRunsToo) {
  std::vector<std::string> ran;
  loop().Post([&] {
    ran.push_back("first");
    loop().Post([&] { ran.push_back("third"); });
    ran.push_back("second");
  });
  RunUntil([&] { return ran.size() == 3; });
  EXPECT_THAT(ran, ElementsAre("first", "second", "third"));
}

TEST_F(LoopTest, SweepsAgainAndAgain) {
  RunUntil([this] { return sweep_count() >= 2; });
}

TEST_F(LoopTest, CanRunAgainAfterStop) {
  RunUntil([] { return true; });
  bool ran = false;
  loop().Post([&] { ran = true; });
  RunUntil([&] { return ran; });
}

// Time stands still within a turn and is asked for anew after its end.
class TurnTimeWatcher final : public LoopHandler {
 public:
  FakeClock clock;
  Loop loop{clock};
  std::vector<uint64_t> ends_ms;  // what the clock said at the end of each turn

  void OnTurnEnd() override {
    const uint64_t before_ns = loop.clock().now_ns();
    clock.AdvanceMs(10);
    EXPECT_EQ(loop.clock().now_ns(), before_ns);
    ends_ms.push_back(before_ns / kNsPerMs);
    if (ends_ms.size() == 3) loop.Stop();
    loop.Post([] {});  // another turn at once
  }
  void OnSweep() override {}
};

TEST(LoopTime, IsAskedForOnceATurn) {
  TurnTimeWatcher watcher;
  watcher.loop.Run(watcher);
  EXPECT_THAT(watcher.ends_ms, ElementsAre(1'000, 1'010, 1'020));
}

}  // namespace
}  // namespace sluice
