// Twice the load that Redis can take, for SLUICE_SOAK_SECONDS (10): memory stays flat, what cannot
// be taken is 503 with Retry-After, what was accepted is stored, and how long accepted requests
// take is bounded by the memory budget and does not grow. Prints their 99th percentile a window of
// 5 s (of 1 s in a run of less than 30).
#include <cstdio>

#include "fault/fault_fixture.h"

namespace sluice {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr size_t kRedisBytesPerS = 512 * kKiB;  // what the relay lets through to Redis
constexpr size_t kBudgetBytes = 128 * kKiB;
constexpr uint64_t kDeadlineMs = 5'000;
// A record is about 125 bytes on its way to Redis and a request has 3 of them on average, so this
// is about twice what the relay passes.
constexpr uint64_t kRequestsPerS = 2 * kRedisBytesPerS / (3 * 125);
constexpr size_t kFlatBytes = 8 * kMiB;

double Percentile(std::vector<std::chrono::nanoseconds>& latencies, double part) {
  if (latencies.empty()) return 0;
  const auto place = static_cast<size_t>(part * static_cast<double>(latencies.size() - 1));
  const auto at = latencies.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(latencies.begin(), at, latencies.end());
  return Milliseconds(*at).count();
}

class SoakTest : public FaultTest {
 protected:
  // One window: prints it, and returns the slowest accepted request's ms.
  double Window(std::chrono::seconds time, uint64_t number) {
    const uint64_t stored = load_->stored_count();
    const uint64_t unavailable = load_->unavailable_count();
    (void)load_->TakeLatencies();
    Watch(time, [this] { rss_bytes_ = std::max(rss_bytes_, gate_->RssBytes()); });
    std::vector<std::chrono::nanoseconds> latencies = load_->TakeLatencies();
    const double p99_ms = Percentile(latencies, 0.99);
    const double max_ms = Percentile(latencies, 1);
    std::printf("window %3lu: p99 %7.1f ms, most %7.1f ms, %7lu accepted, %7lu shed, RSS %zu KiB\n",
                number, p99_ms, max_ms, load_->stored_count() - stored,
                load_->unavailable_count() - unavailable, rss_bytes_ / kKiB);
    EXPECT_GT(load_->stored_count(), stored) << "in window " << number;
    EXPECT_GT(load_->unavailable_count(), unavailable) << "in window " << number;
    return max_ms;
  }

  size_t rss_bytes_ = 0;
};

TEST_F(SoakTest, TwiceWhatRedisCanTake) {
  redis_.Start();
  StartGateOnRelay(
      "[http]\nbody_bytes_max = \"32KiB\"\n[delivery]\ninflight_bytes_max = "
      "\"128KiB\"\nbatch_bytes_max = \"32KiB\"\n",
      1);
  ASSERT_TRUE(WaitReady());
  relay_->Throttle(kRedisBytesPerS);
  // More connections than the budget has room for requests.
  StartLoad({.connections = 2 * kBudgetBytes / (3 * 125), .requests_per_s = kRequestsPerS});

  const std::chrono::seconds total(FaultNumber("SLUICE_SOAK_SECONDS", 10));
  const std::chrono::seconds window(total.count() < 30 ? 1 : 5);
  const auto windows = static_cast<uint64_t>(total / window);
  double max_ms = 0;
  size_t early_rss_bytes = 0;
  for (uint64_t i = 1; i <= windows; ++i) {
    max_ms = std::max(max_ms, Window(window, i));
    if (i == (windows + 2) / 3) early_rss_bytes = rss_bytes_;
  }
  // Whatever takes longer than the deadline is not accepted; the rest is for a busy machine.
  EXPECT_LT(max_ms, static_cast<double>(2 * kDeadlineMs));
  if (!kSanitized) {
    EXPECT_LE(rss_bytes_, early_rss_bytes + kFlatBytes) << "it grows";
    EXPECT_LE(rss_bytes_, kBudgetBytes + 32 * kMiB);
  }
  relay_->Pass();
  StopLoad();
  ExpectAnswersTrue();
  EXPECT_EQ(witness_.Count(Told::kUnknown), 0u);
  EXPECT_EQ(StopGate().stored, witness_.stored_count());
}

}  // namespace
}  // namespace sluice
