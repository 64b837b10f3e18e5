#include "sluice/net/alarm.h"

#include <gtest/gtest.h>

#include "unit/net/loop_fixture.h"

namespace sluice {
namespace {

constexpr uint64_t kHourNs = 3'600'000 * kNsPerMs;

class AlarmTest : public LoopTest {
 protected:
  // Whether the loop, which has nothing else to do, has a second turn before its next sweep.
  bool WakesBeforeASweep() {
    const int before = turn_count();
    RunUntil([&] { return turn_count() - before > 1; });
    return sweep_count() == 0;
  }

  Alarm alarm_{loop()};

  void TearDown() override {
    alarm_.Close();
    alarm_.Close();
    LoopTest::TearDown();
  }
};

TEST_F(AlarmTest, WakesTheLoopAfterAWhile) {
  bool woke = false;  // a busy machine may be late for any single one
  for (int attempt = 0; attempt < 20 && !woke; ++attempt) {
    alarm_.Set(kHourNs);
    alarm_.Set(500'000);
    woke = WakesBeforeASweep();
  }
  EXPECT_TRUE(woke);
}

TEST_F(AlarmTest, WithoutASettingTheLoopSleepsUntilItsSweep) { EXPECT_FALSE(WakesBeforeASweep()); }

TEST_F(AlarmTest, ALaterSettingReplacesTheEarlier) {
  alarm_.Set(1'000'000);
  alarm_.Set(kHourNs);
  EXPECT_FALSE(WakesBeforeASweep());
}

}  // namespace
}  // namespace sluice
