// UrgentTest: a gate whose relay knows the urgent links from the bulk ones, and a budget that is
// soon full of bulk.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fault/fault_fixture.h"

namespace sluice {

// Part of the ledger key of an urgent lane, which each of its transactions names.
inline constexpr char kUrgentMark[] = ":urgent";

inline constexpr size_t kHeldBudgetBytes = 1 * kMiB;
inline constexpr size_t kHeldReserveBytes = kHeldBudgetBytes / 8;
inline constexpr size_t kHeldBodyBytesMax = 4 * kKiB;  // read over the bulk limit
// Nothing that is taken is given up while a test holds a link still.
inline constexpr char kHeldStill[] = R"([http]
body_bytes_max = "128KiB"
[delivery]
inflight_bytes_max = "1MiB"
deadline_ms = 60000
drain_ms = 61000
[redis]
reply_ms = 90000
)";

class UrgentTest : public FaultTest {
 protected:
  using FaultTest::FaultTest;

  // With all links up, and the relay knowing which are urgent.
  void StartUrgent(const std::string& config, unsigned workers) {
    redis_.Start();
    StartGateOnRelay(config, workers);
    relay_->Mark(kUrgentMark);
    ASSERT_TRUE(WaitReady());
    ASSERT_TRUE(WaitFor(
        [&] {
          Posted posted = Post({{Reading::kFastHeart}});
          EXPECT_EQ(Read(posted), std::vector<Told>{Told::kStored});
          return relay_->open_count(RelayLinks::kMarked) == workers;
        },
        "an alert on each worker's urgent link"));
  }

  double InflightBytes() { return Metrics().Sum("sluice_inflight_bytes"); }
  double StoredRecords() { return Metrics().Sum("sluice_records_total", {{"outcome", "stored"}}); }
  double SettledAlerts(const std::string& outcome) {
    return Metrics().Sum("sluice_alerts_settled_total", {{"outcome", outcome}});
  }

  // Links are held still: sends requests of so many normal readings until the gate sheds them,
  // whichever worker they come to. Those it took are in `held_`.
  void FillBulk(uint32_t records) {
    constexpr int kRequests = 5'000;
    const int enough = gate_->workers() == 1 ? 1 : 16;  // in a row: then each worker has shed one
    int shed = 0;
    for (int i = 0; i < kRequests && shed < enough; ++i) {
      const double before = InflightBytes();
      Posted posted = Post({std::vector<Reading>(records, Reading::kNormal)});
      ASSERT_TRUE(WaitFor([&] { return posted.client.Readable() || InflightBytes() > before; },
                          "a request to be taken or shed"));
      if (!posted.client.Readable()) {
        held_.push_back(std::move(posted));
        shed = 0;
        continue;
      }
      ++shed;
      ASSERT_EQ(Read(posted), std::vector<Told>{Told::kNotStored});
    }
    ASSERT_EQ(shed, enough) << "bulk is not shed";
  }
  void FillBulk() {
    for (const uint32_t records : {400u, 20u, 1u}) FillBulk(records);
    ASSERT_GT(held_.size(), 10u);
  }
  std::vector<Posted> held_;
};

}  // namespace sluice
