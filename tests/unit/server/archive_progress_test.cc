#include "server/archive_progress.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr size_t kWide = 1'000;

class ArchiveProgressTest : public testing::Test {
 protected:
  ArchiveStats vitals_{"vitals"};
  ArchiveStats answers_{"answers"};
  ArchiveProgress progress_{{&vitals_, &answers_}, 5 * kSecondNs};
};

TEST_F(ArchiveProgressTest, SaysRowsRateAndLagOfEachStream) {
  vitals_.rows.Add(1'234'567);
  vitals_.lag_entries.Set(1'000);
  answers_.rows.Add(99);
  EXPECT_EQ(progress_.Line(105 * kSecondNs, kWide),
            "vitals 1,234,567 rows (12,345/s), lag 1,000 · answers 99 rows (0/s), lag 0");
}

TEST_F(ArchiveProgressTest, TheRateIsThatSinceTheLastLine) {
  vitals_.rows.Add(1'000);
  progress_.Line(6 * kSecondNs, kWide);
  vitals_.rows.Add(100);
  EXPECT_EQ(progress_.Line(8 * kSecondNs, kWide),
            "vitals 1,100 rows (50/s), lag 0 · answers 0 rows (0/s), lag 0");
  EXPECT_EQ(progress_.Line(8 * kSecondNs, kWide),
            "vitals 1,100 rows (0/s), lag 0 · answers 0 rows (0/s), lag 0");
}

TEST_F(ArchiveProgressTest, IsCutBetweenCharactersAtTheTerminalsWidth) {
  EXPECT_EQ(progress_.Line(6 * kSecondNs, 6), "vitals");
  EXPECT_EQ(progress_.Line(6 * kSecondNs, 29), "vitals 0 rows (0/s), lag 0 · ");
  EXPECT_EQ(progress_.Line(6 * kSecondNs, 28), "vitals 0 rows (0/s), lag 0 ·");
  EXPECT_EQ(progress_.Line(6 * kSecondNs, 27), "vitals 0 rows (0/s), lag 0 ");
}

TEST_F(ArchiveProgressTest, AStreamsNameDoesNotMoveTheCursor) {
  const ArchiveStats odd("a\n\x1b[2Jb");
  EXPECT_EQ(ArchiveProgress({&odd}, 0).Line(kSecondNs, 8), "a??[2Jb ");
}

}  // namespace
}  // namespace sluice
