#include "sluice/base/clock.h"

#include <gtest/gtest.h>

#include <ctime>

namespace sluice {
namespace {

class CountingClock final : public Clock {
 public:
  uint64_t MonotonicNs() const override { return ns_ += 1'000; }
  uint64_t WallMs() const override { return ms_ += 10; }

 private:
  mutable uint64_t ns_ = 0;
  mutable uint64_t ms_ = 0;
};

TEST(TurnClockTest, RepeatsItsAnswerUntilItForgets) {
  const CountingClock source;
  TurnClock clock(source);
  EXPECT_EQ(clock.now_ns(), 1'000u);
  EXPECT_EQ(clock.now_ns(), 1'000u);
  clock.Forget();
  EXPECT_EQ(clock.now_ns(), 2'000u);
  EXPECT_EQ(clock.now_ns(), 2'000u);
}

TEST(TurnClockTest, RepeatsTheWallTimeUntilItForgets) {
  const CountingClock source;
  TurnClock clock(source);
  EXPECT_EQ(clock.wall_ms(), 10u);
  EXPECT_EQ(clock.now_ns(), 1'000u) << "the two are asked for one by one";
  EXPECT_EQ(clock.wall_ms(), 10u);
  clock.Forget();
  EXPECT_EQ(clock.wall_ms(), 20u);
}

TEST(SystemClockTest, ItsMonotonicTimeDoesNotGoBack) {
  const SystemClock clock;
  uint64_t last = clock.MonotonicNs();
  for (int i = 0; i < 1'000; ++i) {
    const uint64_t now = clock.MonotonicNs();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SystemClockTest, ItsMonotonicTimeIsInNanoseconds) {
  timespec before{};
  timespec after{};
  clock_gettime(CLOCK_MONOTONIC, &before);
  const uint64_t now = SystemClock().MonotonicNs();
  clock_gettime(CLOCK_MONOTONIC, &after);
  const auto ns = [](const timespec& time) {
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
  };
  EXPECT_GE(now, ns(before));
  EXPECT_LE(now, ns(after));
}

TEST(SystemClockTest, ItsWallTimeIsInMillisecondsSinceTheEpoch) {
  timespec before{};
  timespec after{};
  clock_gettime(CLOCK_REALTIME, &before);
  const uint64_t now = SystemClock().WallMs();
  clock_gettime(CLOCK_REALTIME, &after);
  const auto ms = [](const timespec& time) {
    return static_cast<uint64_t>(time.tv_sec) * 1'000 +
           static_cast<uint64_t>(time.tv_nsec) / 1'000'000;
  };
  EXPECT_GE(now, ms(before));
  EXPECT_LE(now, ms(after));
}

}  // namespace
}  // namespace sluice
