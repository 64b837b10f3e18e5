#include "sluice/metrics/archive_exposition.h"

#include <gtest/gtest.h>

#include <string>

#include "support/fake_clock.h"
#include "unit/metrics/page.h"

namespace sluice {
namespace {

// An archive of two streams.
class ArchiveExpositionTest : public testing::Test {
 protected:
  std::string Page() const {
    return ArchiveExposition({&vitals_, &answers_}, "1.2.3", clock_).Render();
  }
  std::string Value(const std::string& series) const { return ValueOn(Page(), series); }

  FakeClock clock_;
  ArchiveStats vitals_{"vitals"};
  ArchiveStats answers_{"answers"};
};

TEST_F(ArchiveExpositionTest, CountsEachStreamByItself) {
  const struct {
    const char* name;
    Counter ArchiveStats::*counter;
  } kCounters[] = {{"sluice_archive_rows_total", &ArchiveStats::rows},
                   {"sluice_archive_batches_total", &ArchiveStats::batches},
                   {"sluice_archive_dead_letters_total", &ArchiveStats::dead_letters},
                   {"sluice_archive_claimed_entries_total", &ArchiveStats::claimed_entries},
                   {"sluice_archive_missing_entries_total", &ArchiveStats::missing_entries},
                   {"sluice_archive_trimmed_entries_total", &ArchiveStats::trimmed_entries}};
  uint64_t count = 0;
  for (const auto& one : kCounters) (vitals_.*one.counter).Add(++count);
  count = 0;
  for (const auto& one : kCounters) {
    const std::string name = one.name;
    EXPECT_EQ(Value(name + R"({stream="vitals"})"), std::to_string(++count));
    EXPECT_EQ(Value(name + R"({stream="answers"})"), "0") << "from the start: a rate needs it";
  }
}

TEST_F(ArchiveExpositionTest, TellsTheStoresApart) {
  vitals_.redis_retries.Add(2);
  vitals_.database_retries.Add(3);
  vitals_.redis_up.Set(1);
  answers_.database_up.Set(1);
  EXPECT_EQ(Value(R"(sluice_archive_retries_total{stream="vitals",store="redis"})"), "2");
  EXPECT_EQ(Value(R"(sluice_archive_retries_total{stream="vitals",store="database"})"), "3");
  EXPECT_EQ(Value(R"(sluice_archive_up{stream="vitals",store="redis"})"), "1");
  EXPECT_EQ(Value(R"(sluice_archive_up{stream="vitals",store="database"})"), "0");
  EXPECT_EQ(Value(R"(sluice_archive_up{stream="answers",store="redis"})"), "0");
  EXPECT_EQ(Value(R"(sluice_archive_up{stream="answers",store="database"})"), "1");
}

TEST_F(ArchiveExpositionTest, SaysWhatIsNotArchivedYetAndForHowManySeconds) {
  vitals_.lag_entries.Set(7);
  vitals_.oldest_at_ms.Set(clock_.WallMs());
  clock_.AdvanceMs(2'500);
  vitals_.pending_entries.Set(3);
  EXPECT_EQ(Value(R"(sluice_archive_lag_entries{stream="vitals"})"), "7");
  EXPECT_EQ(Value(R"(sluice_archive_lag_seconds{stream="vitals"})"), "2.5");
  EXPECT_EQ(Value(R"(sluice_archive_pending_entries{stream="vitals"})"), "3");
  EXPECT_EQ(Value(R"(sluice_archive_lag_seconds{stream="answers"})"), "0");
  vitals_.oldest_at_ms.Set(clock_.WallMs() + 1);
  EXPECT_EQ(Value(R"(sluice_archive_lag_seconds{stream="vitals"})"), "0") << "a clock set back";
}

TEST_F(ArchiveExpositionTest, MeasuresBatchesInRowsAndStatementsInSeconds) {
  vitals_.batch_rows.Observe(150);
  vitals_.statement_ns.Observe(1'500'000);
  EXPECT_EQ(Value(R"(sluice_archive_batch_rows_bucket{stream="vitals",le="100"})"), "0");
  EXPECT_EQ(Value(R"(sluice_archive_batch_rows_bucket{stream="vitals",le="200"})"), "1");
  EXPECT_EQ(Value(R"(sluice_archive_batch_rows_sum{stream="vitals"})"), "150");
  EXPECT_EQ(Value(R"(sluice_archive_statement_seconds_bucket{stream="vitals",le="0.001"})"), "0");
  EXPECT_EQ(Value(R"(sluice_archive_statement_seconds_bucket{stream="vitals",le="0.002"})"), "1");
  EXPECT_EQ(Value(R"(sluice_archive_statement_seconds_sum{stream="vitals"})"), "0.0015");
  EXPECT_EQ(Value(R"(sluice_archive_batch_rows_count{stream="answers"})"), "0");
}

TEST_F(ArchiveExpositionTest, NamesTheVersionAndTheProcess) {
  EXPECT_EQ(Value(R"(sluice_build_info{version="1.2.3"})"), "1");
  EXPECT_NE(Value("process_cpu_seconds_total"), "absent");
}

TEST_F(ArchiveExpositionTest, PromtoolFindsNothingToSay) {
  vitals_.batch_rows.Observe(1);
  EXPECT_EQ(PromtoolsComplaint(Page()), "");
}

}  // namespace
}  // namespace sluice
