// A journal on a disk that is full, fails, or gives back other bytes than it was given.
#include <cerrno>

#include "sluice/journal/frame.h"
#include "unit/journal/failing_disk.h"
#include "unit/journal/journal_fixture.h"

namespace sluice {
namespace {

using testing::SizeIs;

constexpr const char* kFirst = "1700000000000-0-000001.journal";

class JournalFailureTest : public JournalTest {
 protected:
  ~JournalFailureTest() override {
    TheDisk().sync_error = 0;
    TheDisk().truncate_error = 0;
  }
  bool NoFiles() const { return Files().empty(); }
};

TEST_F(JournalFailureTest, AFullQuotaTakesNoBatchUntilASegmentIsDeleted) {
  const uint64_t header_bytes = EncodeSegmentHeader("ledger:1").size();
  Start({.bytes_max = header_bytes + FrameBytes(1) + FrameBytes(2) - 1});
  EXPECT_TRUE(journal_->Append(Batch(1)));
  EXPECT_FALSE(journal_->Append(Batch(2)));
  EXPECT_EQ(Sync(), LogSynced::kDurable);
  EXPECT_FALSE(journal_->Append(Batch(2)));
  EXPECT_EQ(stats_->failures.value(), 2u);
  EXPECT_EQ(Said("journal.bytes_max is reached"), 1u) << "more than once in 10 s";
  EXPECT_FALSE(journal_->healthy());
  EXPECT_EQ(TakeAll(), (Sequences{1}));
  Release(ledger_, 1);
  RunUntil([this] { return directory_->used_bytes() == 0; });
  EXPECT_EQ(Store({2}), LogSynced::kDurable);
  EXPECT_TRUE(journal_->healthy());
}

TEST_F(JournalFailureTest, AWriteThatStopsInTheMiddleIsRefusedAndLeavesNothing) {
  Start();
  Store({1});
  const std::string before = Content(kFirst);
  for (uint64_t room = 0; room < FrameBytes(2); room += 7) {
    const FileLimit limit(before.size() + room);
    EXPECT_EQ(Store({2}), LogSynced::kRefused) << room;
    EXPECT_FALSE(journal_->healthy());
    EXPECT_EQ(Content(kFirst), before);
    EXPECT_EQ(directory_->used_bytes(), before.size());
  }
  EXPECT_EQ(Said("free space or raise journal.bytes_max, or mend journal.dir"), 1u);
  EXPECT_EQ(Said("File too large"), 1u);
  EXPECT_GT(stats_->failures.value(), 1u);
  EXPECT_EQ(Store({3}), LogSynced::kDurable);
  EXPECT_TRUE(journal_->healthy());
  EXPECT_EQ(TakeAll(), (Sequences{1, 3}));
  EXPECT_EQ(stats_->batches_written.value(), 2u);
  EXPECT_EQ(stats_->records_written.value(), 6u);
}

TEST_F(JournalFailureTest, ASegmentThatCannotBeBegunIsRefusedAndGone) {
  Start();
  for (uint64_t room = 0; room < EncodeSegmentHeader(ledger_).size() + FrameBytes(1); room += 5) {
    const FileLimit limit(room);
    EXPECT_EQ(Store({1}), LogSynced::kRefused) << room;
    EXPECT_TRUE(NoFiles());
    EXPECT_EQ(directory_->used_bytes(), 0u);
  }
  std::filesystem::remove_all(path());
  EXPECT_EQ(Store({1}), LogSynced::kRefused);
}

TEST_F(JournalFailureTest, AFailedSyncIsUnclearAndEndsTheSegment) {
  Start();
  Store({1});
  TheDisk().sync_error = EIO;
  EXPECT_EQ(Store({2}), LogSynced::kUnclear);
  EXPECT_FALSE(journal_->healthy());
  TheDisk().sync_error = 0;
  EXPECT_EQ(Store({3}), LogSynced::kDurable);
  EXPECT_TRUE(journal_->healthy());
  EXPECT_THAT(Files(), SizeIs(2));
  EXPECT_EQ(TakeAll(), (Sequences{1, 3}));
  Crash();
  Start();
  EXPECT_EQ(TakeAll(), (Sequences{1, 2, 3})) << "a later process may find it";
  Release("ledger:1", 3);
  RunUntil([this] { return directory_->used_bytes() == 0; });
}

TEST_F(JournalFailureTest, AWriteThatCannotBeTakenBackIsUnclear) {
  Start();
  Store({1});
  TheDisk().truncate_error = EIO;
  {
    const FileLimit limit(Content(kFirst).size() + 10);
    EXPECT_EQ(Store({2}), LogSynced::kUnclear);
  }
  TheDisk().truncate_error = 0;
  EXPECT_EQ(Store({3}), LogSynced::kDurable);
  EXPECT_EQ(TakeAll(), (Sequences{1, 3}));
  Release(ledger_, 3);
  RunUntil([this] { return NoFiles() && directory_->used_bytes() == 0; });
}

TEST_F(JournalFailureTest, AnUnclearFirstWriteLeavesNoFileThatIsReadOrCounted) {
  Start();
  TheDisk().sync_error = EIO;
  EXPECT_EQ(Store({1}), LogSynced::kUnclear);
  EXPECT_TRUE(NoFiles());
  EXPECT_EQ(directory_->used_bytes(), 0u);
  EXPECT_EQ(Next(), nullptr);
}

TEST_F(JournalFailureTest, WhatIsDamagedAfterItWasWrittenIsSkippedSaidAndKept) {
  Start();
  Store({1, 2, 3});
  std::string content = Content(kFirst);
  const uint64_t second_at = EncodeSegmentHeader(ledger_).size() + FrameBytes(1);
  content[second_at + 3] ^= 1;
  Put(kFirst, content);
  EXPECT_EQ(TakeAll(), (Sequences{1, 3}));
  EXPECT_EQ(journal_->unread_bytes(), 0u);
  EXPECT_EQ(stats_->damaged_bytes.value(), FrameBytes(2));
  EXPECT_EQ(Said("file=" + std::string(kFirst) + " offset=" + std::to_string(second_at) +
                 " bytes=" + std::to_string(FrameBytes(2))),
            1u);
  Release(ledger_, 3);
  const std::string aside = kFirst + std::string(".damaged");
  RunUntil([&] { return Files() == std::vector{aside}; });
  EXPECT_EQ(Content(aside), content);
  EXPECT_EQ(directory_->used_bytes(), content.size());
  EXPECT_EQ(stats_->records_sent.value(), 6u);
}

TEST_F(JournalFailureTest, ALostEndOrFileIsNotWaitedFor) {
  Start({.segment_bytes = 1});
  Store({1, 2});
  Store({3});
  Store({4});
  const std::vector<std::string> files = Files();
  std::filesystem::resize_file(path() + "/" + files[0], Content(files[0]).size() - 1);
  std::filesystem::remove(path() + "/" + files[1]);
  EXPECT_EQ(TakeAll(), (Sequences{1, 4}));
  EXPECT_EQ(stats_->damaged_bytes.value(), FrameBytes(2) + FrameBytes(3));
  Release(ledger_, 4);
  RunUntil([&] { return Files() == std::vector{files[0] + ".damaged"}; });
}

}  // namespace
}  // namespace sluice
