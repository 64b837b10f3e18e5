#include "sluice/journal/journal.h"

#include "sluice/journal/frame.h"
#include "unit/journal/failing_disk.h"
#include "unit/journal/journal_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kFirst = "1700000000000-0-000001.journal";
constexpr const char* kRefused = "1700000000000-0-refused.journal.refused";

class JournalOfWorkerTest : public JournalTest {
 protected:
  // Small enough for each Sync to begin a segment.
  void StartWithSmallSegments() { Start({.segment_bytes = 1}); }
  bool NoFiles() const { return Files().empty(); }
};

TEST_F(JournalOfWorkerTest, BatchesComeBackAsTheyWere) {
  Start();
  EXPECT_EQ(journal_->own_ledger(), "ledger:1");
  EXPECT_EQ(Next(), nullptr);
  EXPECT_EQ(Store({5, 6}), LogSynced::kDurable);
  EXPECT_EQ(Store({7}), LogSynced::kDurable);
  EXPECT_EQ(journal_->unread_bytes(), FrameBytes(5) + FrameBytes(6) + FrameBytes(7));
  const LoggedBatch* batch = Next();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->ledger, "ledger:1");
  EXPECT_EQ(batch->sequence, 5u);
  EXPECT_EQ(batch->commands, 3u);
  EXPECT_EQ(TakeAll(), (Sequences{5, 6, 7}));
  EXPECT_EQ(journal_->unread_bytes(), 0u);
  EXPECT_THAT(Files(), ElementsAre(kFirst));
}

TEST_F(JournalOfWorkerTest, WhatIsNotSyncedIsNotRead) {
  Start();
  EXPECT_TRUE(journal_->Append(Batch(1)));
  EXPECT_EQ(Next(), nullptr);
  Crash();
  Start();
  EXPECT_THAT(TakeAll(), IsEmpty());
}

TEST_F(JournalOfWorkerTest, EarlierProcessesComeFirstUnderTheirOwnLedgers) {
  Start();
  Store({1, 2});
  Crash();
  Start({.start_ms = 1'700'000'000'001});
  Store({1});
  Crash();
  Start({.start_ms = 1'700'000'000'002});
  Store({8});
  EXPECT_EQ(TakeAll(), (Sequences{1, 2, 1, 8}));
  EXPECT_THAT(ledgers_, ElementsAre("ledger:1", "ledger:1", "ledger:2", "ledger:3"));
}

TEST_F(JournalOfWorkerTest, OrderHoldsOverSegmentsAndReads) {
  Start({.segment_bytes = 4 * kKiB});
  Sequences expected;
  for (uint64_t sequence = 1; sequence <= 3'000; sequence += 100) {
    Sequences group;
    for (uint64_t i = 0; i < 100; ++i) group.push_back(sequence + i);
    Store(group);
    expected.insert(expected.end(), group.begin(), group.end());
  }
  EXPECT_THAT(Files(), SizeIs(Gt(10u)));
  EXPECT_EQ(TakeAll(), expected);
  Crash();
  Start();
  EXPECT_EQ(TakeAll(), expected);
}

TEST_F(JournalOfWorkerTest, ABatchLargerThanOneReadComesBack) {
  Start();
  const std::string large(3 * kJournalReadBytes, 'x');
  for (const uint64_t sequence : {1u, 2u}) {
    ASSERT_TRUE(journal_->Append({.ledger = ledger_, .sequence = sequence, .bytes = large}));
  }
  Sync();
  for (const uint64_t sequence : {1u, 2u}) {
    const LoggedBatch* batch = Next();
    ASSERT_NE(batch, nullptr);
    EXPECT_EQ(batch->sequence, sequence);
    EXPECT_EQ(batch->bytes, large);
    journal_->Pop();
  }
}

TEST_F(JournalOfWorkerTest, WritingAndReadingTakeTurns) {
  StartWithSmallSegments();
  uint64_t written = 1;
  on_synced_ = [&] {  // always another sync
    if (written == 500) return;
    EXPECT_TRUE(journal_->Append(Batch(++written)));
    journal_->Sync();
  };
  Store({written});
  uint64_t taken = 0;
  RunUntil([&] {
    if (const LoggedBatch* batch = journal_->Front()) {
      taken = batch->sequence;
      journal_->Pop();
      journal_->Release(ledger_, taken);
    }
    return taken >= 50;
  });
  EXPECT_LT(written, 500u) << "reads waited for the last write";
  RunUntil([&] { return written == 500 && !journal_->syncing(); });
}

TEST_F(JournalOfWorkerTest, AReleasedSegmentIsDeletedAlsoTheOpenOne) {
  StartWithSmallSegments();
  Store({1, 2});
  Store({3});
  EXPECT_EQ(TakeAll(), (Sequences{1, 2, 3}));
  Release(ledger_, 1);
  EXPECT_THAT(Files(), SizeIs(2));
  Release(ledger_, 2);
  RunUntil([this] { return Files().size() == 1; });
  Release("ledger:other", 9);
  EXPECT_THAT(Files(), SizeIs(1));
  Release(ledger_, 3);
  RunUntil([this] { return NoFiles() && directory_->used_bytes() == 0; });
  EXPECT_EQ(stats_->bytes.value(), 0u);
  EXPECT_EQ(stats_->records_sent.value(), 9u);
  EXPECT_EQ(Store({4}), LogSynced::kDurable) << "into a new one";
  EXPECT_EQ(TakeAll(), (Sequences{4}));
}

TEST_F(JournalOfWorkerTest, WhatIsReleasedUnreadIsNotHandedOut) {
  Start({.segment_bytes = 100});
  for (const Sequences& group : {Sequences{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}) Store(group);
  Crash();
  Start();
  Release("ledger:1", 5);  // Redis had these
  EXPECT_EQ(TakeAll(), (Sequences{6, 7, 8, 9}));
  EXPECT_EQ(stats_->records_sent.value(), 15u);
  Release("ledger:1", 9);
  RunUntil([this] { return NoFiles(); });
  EXPECT_EQ(stats_->records_sent.value(), 27u);
  EXPECT_EQ(stats_->bytes.value(), 0u);
}

TEST_F(JournalOfWorkerTest, AReleaseBetweenFrontAndPopIsNoLoss) {
  Start();
  Store({1, 2, 3});
  ASSERT_NE(Next(), nullptr);
  journal_->Release(ledger_, 2);
  journal_->Pop();
  EXPECT_EQ(TakeAll(), (Sequences{3}));
  Release(ledger_, 3);
  RunUntil([this] { return NoFiles(); });
  EXPECT_EQ(stats_->bytes.value(), 0u);
  EXPECT_EQ(stats_->records_sent.value(), 9u);
}

TEST_F(JournalOfWorkerTest, ARefusedBatchIsSetAsideBeforeItsSegmentGoes) {
  Start();
  Store({1, 2});
  TakeAll();
  {
    const FileLimit limit(10);
    journal_->SetAside(Batch(1));
    journal_->Release(ledger_, 2);
    RunUntil([this] { return stats_->failures.value() > 0; });
  }
  EXPECT_EQ(Said("set a refused batch aside"), 1u);
  EXPECT_EQ(Content(kFirst).size() > 0, true) << "its only place";
  RunUntil([this] {
    journal_->Front();  // as a lane does every turn
    return Files() == std::vector<std::string>{kRefused};
  });
  Buffer frame;
  AppendFrame({.sequence = 1, .records = 3, .commands = 3}, Bytes(1), frame);
  EXPECT_EQ(Content(kRefused), EncodeSegmentHeader(ledger_) + std::string(frame.view()));
  EXPECT_EQ(stats_->records_set_aside.value(), 3u);
  EXPECT_EQ(stats_->records_sent.value(), 3u) << "a refused record was sent";
  EXPECT_EQ(Said("Redis refused a batch for good; it is set aside file=" + std::string(kRefused)),
            1u);
}

TEST_F(JournalOfWorkerTest, RefusedBatchesGoToTheFileOfTheirWriter) {
  Start();
  Store({1, 2});
  Crash();
  Start({.start_ms = 1'700'000'000'009});
  while (const LoggedBatch* batch = Next()) {
    const std::string bytes(batch->bytes);
    LoggedBatch refused = *batch;
    refused.bytes = bytes;
    journal_->Pop();
    journal_->SetAside(refused);
  }
  journal_->SetAside(Batch(7));
  Close();
  EXPECT_THAT(Files(), ElementsAre(kFirst, kRefused, "1700000000009-0-refused.journal.refused"));
  const uint64_t header_bytes = EncodeSegmentHeader("ledger:1").size();
  EXPECT_EQ(Content(kRefused).size(), header_bytes + FrameBytes(1) + FrameBytes(2));
  EXPECT_EQ(ParseSegmentHeader(Content(kRefused))->ledger, "ledger:1");
}

TEST_F(JournalOfWorkerTest, CloseEndsAfterTheWriteUnderWay) {
  Start();
  ASSERT_TRUE(journal_->Append(Batch(1)));
  journal_->Sync();
  journal_->Close();
  EXPECT_FALSE(journal_->closed());
  RunUntil([this] { return journal_->closed(); });
  EXPECT_THAT(synced_, ElementsAre(LogSynced::kDurable));
  EXPECT_FALSE(journal_->Append(Batch(2)));
  EXPECT_EQ(journal_->Front(), nullptr);
  Crash();
  Start();
  EXPECT_EQ(TakeAll(), (Sequences{1}));
}

TEST_F(JournalOfWorkerTest, ItsBytesAreThoseThatRedisDoesNotHave) {
  Start();
  Store({1, 2});
  EXPECT_EQ(stats_->bytes.value(), FrameBytes(1) + FrameBytes(2));
  TakeAll();
  EXPECT_EQ(stats_->bytes.value(), FrameBytes(1) + FrameBytes(2)) << "taken is not stored";
  Release(ledger_, 1);
  EXPECT_EQ(stats_->bytes.value(), FrameBytes(2));
}

}  // namespace
}  // namespace sluice
