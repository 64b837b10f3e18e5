// The two journals of a worker with an urgent lane: whose the files are, in which order they are
// sent after a restart, and what of the quota is kept for alerts.
#include "sluice/journal/frame.h"
#include "unit/journal/journal_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using enum LaneKind;

constexpr const char* kBulkFile = "1700000000000-0-000001.journal";
constexpr const char* kUrgentFile = "1700000000000-0u-000001.journal";

class JournalLanesTest : public JournalTest {
 protected:
  // What a process with these batches in the journal of one lane leaves when it crashes.
  void Leave(LaneKind lane, uint32_t worker, const Sequences& sequences) {
    Start({.worker_count = worker + 1, .worker = worker, .urgent_lanes = true, .lane = lane});
    EXPECT_EQ(Store(sequences), LogSynced::kDurable);
    Crash();
  }
  Sequences Left(const Setup& setup) {
    Start(setup);
    const Sequences sequences = TakeAll();
    Crash();
    return sequences;
  }
  // A journal's file of this ledger, without its last frame's last byte where it is torn.
  static std::string Segment(std::string_view ledger, const Sequences& sequences,
                             bool torn = false) {
    Buffer bytes;
    bytes.Append(EncodeSegmentHeader(ledger));
    for (const uint64_t sequence : sequences) {
      AppendFrame({.sequence = sequence, .records = 3, .commands = 3}, Bytes(sequence), bytes);
    }
    return std::string(bytes.view().substr(0, bytes.size() - (torn ? 1 : 0)));
  }
};

TEST_F(JournalLanesTest, AfterARestartWithOtherWorkersEachLaneGetsItsOwn) {
  for (const uint32_t worker : {0u, 1u, 2u}) {
    Leave(kBulk, worker, {10 * worker + 1, 10 * worker + 2});
    Leave(kUrgent, worker, {10 * worker + 7});
  }
  EXPECT_EQ(Left({.worker_count = 2, .urgent_lanes = true}), (Sequences{1, 2, 21, 22}));
  EXPECT_EQ(Left({.worker_count = 2, .urgent_lanes = true, .lane = kUrgent}), (Sequences{7, 27}));
  EXPECT_EQ(Left({.worker_count = 2, .worker = 1, .urgent_lanes = true}), (Sequences{11, 12}));
  EXPECT_EQ(Left({.worker_count = 2, .worker = 1, .urgent_lanes = true, .lane = kUrgent}),
            (Sequences{17}));
  Start({.worker_count = 2, .urgent_lanes = true});
  EXPECT_EQ(directory_->journal_count(), 4u);
}

TEST_F(JournalLanesTest, WithoutUrgentLanesAlertsThatWereLeftGoFirst) {
  Leave(kBulk, 0, {1, 2});
  Leave(kUrgent, 0, {7});
  Leave(kBulk, 0, {3});
  Leave(kUrgent, 1, {8});
  Start();
  EXPECT_EQ(directory_->journal_count(), 1u);
  Store({4});
  EXPECT_EQ(TakeAll(), (Sequences{7, 8, 1, 2, 3, 4}));
  EXPECT_THAT(ledgers_,
              ElementsAre("ledger:2", "ledger:4", "ledger:1", "ledger:1", "ledger:3", "ledger:5"));
  for (const std::string& ledger : ledgers_) Release(ledger, 9);
  RunUntil([this] { return Files().empty() && directory_->used_bytes() == 0; });
}

TEST_F(JournalLanesTest, EachLaneHasFilesOfItsOwn) {
  Leave(kBulk, 0, {1});
  Leave(kUrgent, 0, {2});
  EXPECT_THAT(Files(), ElementsAre(kBulkFile, "1700000000001-0u-000001.journal"));
  Start();  // the bulk lane, which sends both
  const LoggedBatch* alert = Next();
  ASSERT_NE(alert, nullptr);
  LoggedBatch refused = *alert;
  const std::string bytes(alert->bytes);
  refused.bytes = bytes;
  journal_->Pop();
  journal_->SetAside(refused);
  Close();
  EXPECT_THAT(Files(), testing::Contains("1700000000001-0u-refused.journal.refused"));
}

TEST_F(JournalLanesTest, OrderSurvivesAClockThatWentBackBeforeAnAlert) {
  Put("1800000000000-0u-000001.journal", Segment("ledger:u", {1}));
  Start();
  EXPECT_EQ(directory_->start_ms(), 1'800'000'000'001u);
}

TEST_F(JournalLanesTest, TheLanesTailsAreTornEachForItself) {
  Put(kBulkFile, Segment("ledger:b", {1, 2}, true));
  Put(kUrgentFile, Segment("ledger:u", {1, 2}, true));
  EXPECT_EQ(Left({}), (Sequences{1, 1}));
  EXPECT_EQ(Said("torn by a crash"), 2u);
}

TEST_F(JournalLanesTest, ADamagedHeaderNeverTakesTheOtherLanesLedger) {
  std::string damaged = Segment("ledger:b", {1, 2});
  damaged[20] ^= 1;
  Put(kBulkFile, damaged);
  Put(kUrgentFile, Segment("ledger:u", {7}));
  EXPECT_EQ(Left({}), (Sequences{7}));
  EXPECT_THAT(Files(), ElementsAre(kBulkFile + std::string(".damaged"), kUrgentFile));
}

TEST_F(JournalLanesTest, DamageIsCountedOnce) {
  std::string damaged = Segment("ledger:u", {1, 2, 3});
  damaged[damaged.size() - FrameBytes(3) - 1] ^= 1;
  uint64_t damaged_bytes = 0;
  for (const LaneKind lane : {kBulk, kUrgent}) {
    Put(kUrgentFile, damaged);
    Start({.urgent_lanes = true, .lane = lane});
    damaged_bytes += stats_->damaged_bytes.value();
    Crash();
    RemoveAll();
  }
  EXPECT_EQ(damaged_bytes, FrameBytes(2));
}

TEST_F(JournalLanesTest, ABacklogOfBulkCannotKeepAlertsOffTheDisk) {
  Start({.bytes_max = 16 * kMiB, .urgent_lanes = true});
  EXPECT_TRUE(directory_->Reserve(kBulk, 14 * kMiB));
  EXPECT_FALSE(directory_->Reserve(kBulk, 1));
  EXPECT_TRUE(directory_->full(kBulk));
  EXPECT_FALSE(directory_->full(kUrgent));
  EXPECT_TRUE(directory_->Reserve(kUrgent, 2 * kMiB));
  EXPECT_TRUE(directory_->full(kUrgent));
  EXPECT_FALSE(directory_->Reserve(kUrgent, 1));
  directory_->Return(2 * kMiB);
  EXPECT_FALSE(directory_->Reserve(kBulk, 1)) << "what alerts gave back is kept for alerts";
  directory_->Return(14 * kMiB);
}

TEST_F(JournalLanesTest, AFullJournalSaysWhatItKeepsForAlerts) {
  const uint64_t all = 1'000;
  for (const LaneKind lane : {kBulk, kUrgent}) {
    RemoveAll();
    said_.clear();
    Start({.bytes_max = all, .urgent_lanes = true, .lane = lane});
    uint64_t sequence = 1;
    while (journal_->Append(Batch(sequence))) ++sequence;
    const uint64_t max = lane == kBulk ? all - all / 8 : all;
    EXPECT_LE(directory_->used_bytes(), max);
    EXPECT_GT(directory_->used_bytes() + FrameBytes(sequence), max);
    EXPECT_EQ(Said("lane=" + std::string(LaneName(lane))), 1u);
    EXPECT_EQ(Said("but for the eighth that is kept for alerts"), lane == kBulk ? 1u : 0u);
    Crash();
  }
}

}  // namespace
}  // namespace sluice
