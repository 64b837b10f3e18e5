#include "sluice/gateway/rate_limit.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace sluice {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kStart = 5 * kSecond;

TEST(RateLimitTest, WithoutARateEverythingIsTaken) {
  const RateLimit limit;
  RateMeter meter = 0;
  EXPECT_TRUE(limit.Take(meter, kStart, UINT64_MAX / kSecond - 1));
  EXPECT_EQ(limit.WaitNs(meter, kStart, 1), 0u);
  meter = kStart + kSecond;  // of a rate that a reload took away
  EXPECT_EQ(limit.WaitNs(meter, kStart, 1), 0u);
  EXPECT_EQ(limit.LongestWaitNs(meter, kStart), 0u);
}

TEST(RateLimitTest, TheBurstAtOnceAndThenTheRate) {
  const RateLimit limit(10, 20);
  RateMeter meter = 0;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(limit.Take(meter, kStart, 1)) << i;
  EXPECT_FALSE(limit.Take(meter, kStart, 1));
  EXPECT_FALSE(limit.Take(meter, kStart + kSecond / 10 - 1, 1));
  EXPECT_TRUE(limit.Take(meter, kStart + kSecond / 10, 1));
  EXPECT_FALSE(limit.Take(meter, kStart + kSecond / 10, 1));
  EXPECT_TRUE(limit.Take(meter, kStart + 10 * kSecond, 20)) << "what was not used is not saved up";
  EXPECT_FALSE(limit.Take(meter, kStart + 10 * kSecond, 1));
}

TEST(RateLimitTest, AllOfARequestOrNothing) {
  const RateLimit limit(10, 10);
  RateMeter meter = 0;
  EXPECT_TRUE(limit.Take(meter, kStart, 8));
  EXPECT_FALSE(limit.Take(meter, kStart, 3));
  EXPECT_TRUE(limit.Take(meter, kStart, 2));
}

// To the nanosecond: refused just before, taken then.
TEST(RateLimitTest, TheWaitIsTrue) {
  for (const uint64_t units : {1u, 3u, 7u, 10u, 25u}) {
    const RateLimit limit(7, 10);
    RateMeter meter = 0;
    ASSERT_TRUE(limit.Take(meter, kStart, 9));
    ASSERT_FALSE(limit.Take(meter, kStart, 2));
    const uint64_t wait_ns = limit.WaitNs(meter, kStart, units);
    if (wait_ns > 0) {
      EXPECT_FALSE(limit.Take(meter, kStart + wait_ns - 1, units)) << units;
    }
    EXPECT_LE(wait_ns, limit.LongestWaitNs(meter, kStart));
    EXPECT_TRUE(limit.Take(meter, kStart + wait_ns, units)) << units;
  }
}

TEST(RateLimitTest, ARequestOfMoreThanTheBurstIsTakenOnceNothingIsOwedAndThenPaidFor) {
  const RateLimit limit(10, 10);
  RateMeter meter = 0;
  ASSERT_TRUE(limit.Take(meter, kStart, 1));
  EXPECT_FALSE(limit.Take(meter, kStart, 100));
  EXPECT_TRUE(limit.Take(meter, kStart + kSecond / 10, 100));
  const uint64_t wait_ns = limit.WaitNs(meter, kStart + kSecond / 10, 1);
  EXPECT_EQ(wait_ns, 9 * kSecond + kSecond / 10) << "ten seconds' worth, less the burst";
}

TEST(RateLimitTest, AnOlderClockGetsNoMore) {
  const RateLimit limit(10, 10);
  RateMeter meter = 0;
  ASSERT_TRUE(limit.Take(meter, kStart, 10));
  EXPECT_FALSE(limit.Take(meter, kStart - kSecond, 1));
}

// Whatever the threads do, together they take the burst and what the time gives, to the unit.
TEST(RateLimitTest, ManyThreadsTakeExactlyWhatOneWould) {
  constexpr int kThreads = 8;
  constexpr uint64_t kSteps = 200;
  const RateLimit limit(1'000, 500);
  RateMeter meter = 0;
  std::atomic<uint64_t> step_now = 0;
  std::atomic<uint64_t> taken = 0;
  while (limit.Take(meter, kStart, 1)) ++taken;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      // Each step is a millisecond, which gives one unit; they pass as the threads take turns.
      for (uint64_t step = step_now++; step < kSteps; step = step_now++) {
        while (limit.Take(meter, kStart + step * kSecond / 1'000, 1)) ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  while (limit.Take(meter, kStart + (kSteps - 1) * kSecond / 1'000, 1)) ++taken;
  EXPECT_EQ(taken, 500 + kSteps - 1);
}

}  // namespace
}  // namespace sluice
