#include "sluice/gateway/settle_rate.h"

#include <gtest/gtest.h>

#include <optional>

namespace sluice {
namespace {

constexpr uint64_t kMost = 20;
constexpr size_t kMB = 1'000'000;

class SettleRateTest : public testing::Test {
 protected:
  SettleRateTest() { rate_.Observe(now_ns_, 0, false, false); }

  // Sweeps of `ms` in all, with so many bytes settled in each.
  void Pass(uint64_t ms, uint64_t bytes_a_sweep, bool confirmed = true, bool waiting = true) {
    for (uint64_t at = 0; at < ms; at += kSweepPeriodMs) {
      now_ns_ += kSweepPeriodMs * kNsPerMs;
      rate_.Observe(now_ns_, bytes_a_sweep, confirmed, waiting);
    }
  }
  std::optional<uint64_t> Seconds(size_t bytes) const { return rate_.SecondsFor(bytes, kMost); }

 private:
  SettleRate rate_;
  uint64_t now_ns_ = 1'000'000'000;
};

TEST_F(SettleRateTest, SaysNothingBeforeAnythingWasSettled) {
  EXPECT_EQ(Seconds(kMB), std::nullopt);
  Pass(1'000, 0, false, false);
  EXPECT_EQ(Seconds(kMB), std::nullopt);
}

TEST_F(SettleRateTest, IsHowLongTheBytesInHandTakeAtTheObservedRate) {
  Pass(5'000, kMB);  // ten a second
  EXPECT_EQ(Seconds(64 * kMB), 7u);
  EXPECT_EQ(Seconds(10 * kMB + 1), 2u) << "whole seconds, upwards";
}

TEST_F(SettleRateTest, IsAtLeastOneSecondAndAtMostTheMost) {
  Pass(1'000, kMB);
  EXPECT_EQ(Seconds(0), 1u);
  EXPECT_EQ(Seconds(1), 1u);
  EXPECT_EQ(Seconds(1'000 * kMB), kMost);
}

TEST_F(SettleRateTest, FollowsAStoreThatBecomesSlower) {
  Pass(5'000, kMB);
  Pass(500, kMB / 10);
  EXPECT_GT(*Seconds(64 * kMB), 7u);
  Pass(10'000, kMB / 2);
  EXPECT_EQ(Seconds(64 * kMB), 13u);
}

TEST_F(SettleRateTest, AQuietTimeSaysNothingAgainstTheStore) {
  Pass(5'000, kMB);
  Pass(60'000, 0, false, false);
  EXPECT_EQ(Seconds(64 * kMB), 7u);
  Pass(60'000, 10, true, false);
  EXPECT_EQ(Seconds(64 * kMB), 7u) << "little was asked of it";
}

TEST_F(SettleRateTest, AStoreThatConfirmsNothingWhileSomethingWaitsHasNoRate) {
  Pass(5'000, kMB);
  Pass(kSettleQuietMs, kMB, false);  // what leaves was taken out at its deadline
  EXPECT_EQ(Seconds(64 * kMB), std::nullopt);
  Pass(kSweepPeriodMs, kMB);
  EXPECT_EQ(Seconds(64 * kMB), 7u) << "known again at once when it is back";
}

}  // namespace
}  // namespace sluice
