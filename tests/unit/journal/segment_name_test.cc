#include "sluice/journal/segment_name.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using Kind = SegmentName::Kind;

TEST(SegmentNameTest, ReadsBackWhatItWrites) {
  for (const LaneKind lane : {LaneKind::kUrgent, LaneKind::kBulk}) {
    for (const Kind kind : {Kind::kSegment, Kind::kRefused}) {
      const SegmentName name{.lane = lane,
                             .start_ms = 1'700'000'000'123,
                             .worker = 12,
                             .number = kind == Kind::kSegment ? 7u : 0u,
                             .kind = kind};
      const auto read = SegmentName::Parse(name.ToString());
      ASSERT_TRUE(read);
      EXPECT_EQ(*read, name);
    }
  }
}

TEST(SegmentNameTest, TheLanesOfAWorkerAreTwoWriters) {
  const SegmentName bulk{.start_ms = 5, .worker = 1, .number = 2};
  SegmentName urgent = bulk;
  urgent.lane = LaneKind::kUrgent;
  EXPECT_EQ(urgent.ToString(), "0000000000005-1u-000002.journal");
  EXPECT_FALSE(urgent.SameWriter(bulk));
  SegmentName earlier = bulk;
  earlier.start_ms = 4;
  EXPECT_LT(urgent, earlier) << "alerts go first";
}

TEST(SegmentNameTest, AWritersSegmentsSortInTheOrderOfWriting) {
  EXPECT_EQ((SegmentName{.start_ms = 5, .worker = 1, .number = 2}.ToString()),
            "0000000000005-1-000002.journal");
  SegmentName earlier{.start_ms = 1'700'000'000'123, .worker = 0, .number = 9};
  SegmentName later = earlier;
  later.number = 10;
  EXPECT_LT(earlier.ToString(), later.ToString());
  EXPECT_LT(earlier, later);
}

TEST(SegmentNameTest, KnowsWhatWasKeptAside) {
  for (const char* text :
       {"0000000000005-1-000002.journal.damaged", "0000000000005-1-000002.journal.3.damaged"}) {
    const auto name = SegmentName::Parse(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->kind, Kind::kDamaged);
    EXPECT_EQ(name->number, 2u);
  }
  EXPECT_EQ(SegmentName::Parse("0000000000005-1u-000002.journal.damaged")->lane, LaneKind::kUrgent);
  EXPECT_EQ(SegmentName::Parse("5-1-2.journal.repaired")->kind, Kind::kRepaired);
}

TEST(SegmentNameTest, OtherFilesAreNotTheJournals) {
  for (const char* text :
       {"", "lock", "5-1.journal", "5-1-2", "5-1-2.journal~", "x-1-2.journal", "5-1-2.journal.",
        "5-1-2.journal.x.damaged", "5-1-2.journal.1damaged", "5-1-99999999999.journal",
        "5-1-refused.journal", "5-1-2.journal", "0000000000005-01-000002.journal",
        "0000000000005-1x-000002.journal", "0000000000005-u1-000002.journal"}) {
    EXPECT_FALSE(SegmentName::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace sluice
