#include "sluice/base/counter.h"

#include <gtest/gtest.h>

#include <thread>

namespace sluice {
namespace {

TEST(CounterTest, AddsUp) {
  Counter counter;
  EXPECT_EQ(counter.value(), 0u);
  counter.Add();
  counter.Add(41);
  EXPECT_EQ(counter.value(), 42u);
}

TEST(CounterTest, IsReadByAnotherThreadWhileItCounts) {
  constexpr uint64_t kCount = 100'000;
  Counter counter;
  std::thread writer([&counter] {
    for (uint64_t i = 0; i < kCount; ++i) counter.Add();
  });
  for (uint64_t last = 0; last < kCount;) {
    const uint64_t now = counter.value();
    if (now < last) ADD_FAILURE() << "went back from " << last << " to " << now;
    last = now;
  }
  writer.join();
  EXPECT_EQ(counter.value(), kCount);
}

TEST(GaugeTest, SaysWhatWasSetLast) {
  Gauge gauge;
  EXPECT_EQ(gauge.value(), 0u);
  gauge.Set(7);
  gauge.Set(3);
  EXPECT_EQ(gauge.value(), 3u);
}

}  // namespace
}  // namespace sluice
