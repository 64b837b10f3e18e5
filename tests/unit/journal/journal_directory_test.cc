// What a start makes of what earlier processes left. Journals are written and read back through the
// Journal; in between the files are cut, damaged and moved.
#include "sluice/journal/journal_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include "sluice/hash/checksum.h"
#include "sluice/journal/frame.h"
#include "unit/journal/failing_disk.h"
#include "unit/journal/journal_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kFirst = "1700000000000-0-000001.journal";
constexpr const char* kSecond = "1700000000000-0-000002.journal";

class JournalDirectoryTest : public JournalTest {
 protected:
  // One process's journal of these batches in one segment, as the file's bytes; nothing stays.
  std::string Journalled(const Sequences& sequences) {
    Start();
    EXPECT_EQ(Store(sequences), LogSynced::kDurable);
    Crash();
    std::string bytes = Content(kFirst);
    RemoveAll();
    said_.clear();
    return bytes;
  }
  // What a new process reads of the directory; it leaves everything where it is.
  Sequences Recovered() {
    Start();
    const Sequences sequences = TakeAll();
    stored_damage_ = stats_->damaged_bytes.value();
    used_bytes_ = directory_->used_bytes();
    Crash();
    return sequences;
  }
  uint64_t FileBytes() const {
    uint64_t bytes = 0;
    for (const std::string& file : Files()) bytes += Content(file).size();
    return bytes;
  }

  uint64_t stored_damage_ = 0;
  uint64_t used_bytes_ = 0;
  const uint64_t header_bytes_ = EncodeSegmentHeader("ledger:1").size();
};

TEST_F(JournalDirectoryTest, IsMadeForItsOwnerAlone) {
  Start();
  struct stat info {};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  EXPECT_THAT(Files(), IsEmpty());
  EXPECT_EQ(directory_->used_bytes(), 0u);
}

TEST_F(JournalDirectoryTest, BelongsToOneProcess) {
  Start();
  EXPECT_EQ(OpenError(), "journal.dir: " + path() +
                             " is in use by another sluice; give each process its own journal.dir");
  Crash();
  EXPECT_EQ(OpenError(), "no error");
}

TEST_F(JournalDirectoryTest, WhatCannotBeUsedIsNamedWithTheSetting) {
  const auto opened = JournalDirectory::Open({.dir = path() + "/no/such"});
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error(),
              HasSubstr("journal.dir: cannot make " + path() + "/no/such: No such"));
  dir_.Write("journal", "a file");
  EXPECT_THAT(OpenError(), HasSubstr("journal.dir: cannot open " + path() + ": Not a directory"));
}

TEST_F(JournalDirectoryTest, ASegmentThatCannotBeReadIsNamed) {
  std::filesystem::create_directories(path() + "/" + kFirst);
  EXPECT_THAT(OpenError(), HasSubstr("journal.dir: " + path() + ": cannot read " + kFirst));
}

TEST_F(JournalDirectoryTest, ATailCutAnywhereInTheLastTwoFramesEndsAtTheLastWholeOne) {
  const std::string whole = Journalled({1, 2, 3, 4});
  const uint64_t third_at = whole.size() - FrameBytes(4) - FrameBytes(3);
  const uint64_t fourth_at = whole.size() - FrameBytes(4);
  for (uint64_t size = third_at; size <= whole.size(); ++size) {
    Put(kFirst, std::string_view(whole).substr(0, size));
    Sequences expected = {1, 2};
    if (size >= fourth_at) expected.push_back(3);
    if (size == whole.size()) expected.push_back(4);
    const uint64_t end = size == whole.size() ? size : size >= fourth_at ? fourth_at : third_at;
    EXPECT_EQ(Recovered(), expected) << size;
    EXPECT_EQ(Content(kFirst), whole.substr(0, end)) << size;
    EXPECT_EQ(used_bytes_, end);
    EXPECT_EQ(stored_damage_, 0u);
    const std::string line =
        "torn by a crash is cut at the last whole frame file=" + std::string(kFirst) +
        " offset=" + std::to_string(end) + " bytes=" + std::to_string(size - end);
    EXPECT_EQ(Said(line), size == end ? 0u : 1u) << size;
    EXPECT_EQ(said_.size(), size == end ? 0u : 1u) << size;
    RemoveAll();
    said_.clear();
  }
}

TEST_F(JournalDirectoryTest, ATailOfOtherBytesIsTornToo) {
  const std::string whole = Journalled({1, 2});
  Put(kFirst, whole + std::string(5'000, '\0'));
  EXPECT_EQ(Recovered(), (Sequences{1, 2}));
  EXPECT_EQ(Content(kFirst), whole);
}

TEST_F(JournalDirectoryTest, AByteFlippedAnywhereInAMiddleFrameCostsThatFrameAlone) {
  const std::string whole = Journalled({1, 2, 3});
  const uint64_t second_at = header_bytes_ + FrameBytes(1);
  for (uint64_t byte = 0; byte < FrameBytes(2); ++byte) {
    std::string damaged = whole;
    damaged[second_at + byte] ^= 0x10;
    Put(kFirst, damaged);
    EXPECT_EQ(Recovered(), (Sequences{1, 3})) << byte;
    EXPECT_THAT(Files(), ElementsAre(kFirst, kFirst + std::string(".damaged")));
    EXPECT_EQ(Content(kFirst + std::string(".damaged")), damaged);
    EXPECT_EQ(Content(kFirst).size(), whole.size() - FrameBytes(2));
    EXPECT_EQ(stored_damage_, FrameBytes(2));
    EXPECT_EQ(used_bytes_, FileBytes());
    EXPECT_EQ(Said("damaged; it is kept aside, and the frames around are sent file=" +
                   std::string(kFirst) + " offset=" + std::to_string(second_at) +
                   " bytes=" + std::to_string(FrameBytes(2))),
              1u);
    said_.clear();
    EXPECT_EQ(Recovered(), (Sequences{1, 3})) << "the next start";
    EXPECT_EQ(said_.size(), 0u) << "said again";
    RemoveAll();
  }
}

TEST_F(JournalDirectoryTest, ARepairCutShortIsDoneAgain) {
  const std::string whole = Journalled({1, 2, 3});
  std::string damaged = whole;
  damaged[header_bytes_ + FrameBytes(1) + 5] ^= 1;
  const std::string aside = kFirst + std::string(".damaged");
  // As a crash left it: before the copy was whole, and between the link and the renaming.
  for (const bool linked : {false, true}) {
    Put(kFirst, damaged);
    Put(kFirst + std::string(".repaired"), whole.substr(0, 40));
    if (linked) {
      ASSERT_EQ(::link((path() + "/" + kFirst).c_str(), (path() + "/" + aside).c_str()), 0);
    }
    EXPECT_EQ(Recovered(), (Sequences{1, 3}));
    EXPECT_THAT(Files(), ElementsAre(kFirst, aside));
    EXPECT_EQ(Content(aside), damaged);
    RemoveAll();
  }
}

TEST_F(JournalDirectoryTest, ASecondDamageOfASegmentIsKeptBesideTheFirst) {
  const std::string whole = Journalled({1, 2, 3});
  std::string damaged = whole;
  damaged[header_bytes_ + FrameBytes(1) + 5] ^= 1;
  Put(kFirst, damaged);
  Put(kFirst + std::string(".damaged"), "of another day");
  EXPECT_EQ(Recovered(), (Sequences{1, 3}));
  EXPECT_THAT(Files(), ElementsAre(kFirst, kFirst + std::string(".1.damaged"),
                                   kFirst + std::string(".damaged")));
  EXPECT_EQ(Content(kFirst + std::string(".1.damaged")), damaged);
}

TEST_F(JournalDirectoryTest, WhereThereIsNoRoomForARepairTheSegmentIsReadAsItIs) {
  std::string damaged = Journalled({1, 2, 3});
  damaged[header_bytes_ + FrameBytes(1) + 5] ^= 1;
  Put(kFirst, damaged);
  {
    const FileLimit limit(10);
    Start();
  }
  EXPECT_EQ(Said("could not be repaired"), 1u);
  EXPECT_EQ(TakeAll(), (Sequences{1, 3}));
  EXPECT_EQ(stats_->damaged_bytes.value(), FrameBytes(2)) << "counted once";
  Release("ledger:1", 3);
  RunUntil([this] { return Files() == std::vector{kFirst + std::string(".damaged")}; });
  EXPECT_EQ(Content(kFirst + std::string(".damaged")), damaged);
}

TEST_F(JournalDirectoryTest, OnlyTheLastSegmentOfAWriterHasATail) {
  const std::string whole = Journalled({1, 2});
  Put(kFirst, whole.substr(0, whole.size() - 1));
  Put(kSecond, whole.substr(0, whole.size() - 1));
  EXPECT_EQ(Recovered(), (Sequences{1, 1}));
  EXPECT_EQ(Said("torn by a crash"), 1u);
  EXPECT_EQ(Said("damaged; it is kept aside"), 1u);
  EXPECT_EQ(stored_damage_, FrameBytes(2) - 1);
}

TEST_F(JournalDirectoryTest, ASegmentThatWasOnlyBegunIsRemoved) {
  const std::string header = EncodeSegmentHeader("ledger:1");
  for (size_t size = 0; size <= header.size(); ++size) {
    Put(kFirst, header.substr(0, size));
    EXPECT_THAT(Recovered(), IsEmpty());
    EXPECT_THAT(Files(), IsEmpty()) << size;
  }
  Put(kFirst, header + Journalled({1}).substr(header.size(), 20));
  EXPECT_THAT(Recovered(), IsEmpty());
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(JournalDirectoryTest, ADamagedHeaderTakesTheLedgerOfAnotherSegmentOfItsWriter) {
  const std::string whole = Journalled({1, 2});
  std::string damaged = whole;
  damaged[20] ^= 1;
  Put(kFirst, damaged);
  Put(kSecond, whole);
  EXPECT_EQ(Recovered(), (Sequences{1, 2, 1, 2}));
  EXPECT_THAT(ledgers_, testing::Each("ledger:1"));
  EXPECT_EQ(Content(kFirst), whole);
}

TEST_F(JournalDirectoryTest, WithoutALedgerOrAWholeFrameASegmentIsOnlyKept) {
  const std::string whole = Journalled({1, 2});
  std::string no_ledger = whole;
  no_ledger[20] ^= 1;
  std::string no_frame = whole.substr(0, header_bytes_ + FrameBytes(1));
  no_frame[no_frame.size() - 1] ^= 1;
  for (const std::string& content : {no_ledger, std::string(5'000, 'x')}) {
    Put(kFirst, content);
    EXPECT_THAT(Recovered(), IsEmpty());
    EXPECT_THAT(Files(), ElementsAre(kFirst + std::string(".damaged")));
    EXPECT_EQ(used_bytes_, content.size());
    EXPECT_EQ(Said("nothing of a damaged segment can be sent"), 1u);
    RemoveAll();
    said_.clear();
  }
  Put(kFirst, no_frame);
  Put(kSecond, whole);
  EXPECT_EQ(Recovered(), (Sequences{1, 2}));
  EXPECT_THAT(Files(), ElementsAre(kFirst + std::string(".damaged"), kSecond));
}

TEST_F(JournalDirectoryTest, AnotherVersionsSegmentIsNotTouched) {
  std::string other = EncodeSegmentHeader("ledger:1");
  other[8] = 2;
  const uint64_t checksum = Checksum({std::string_view(other).substr(0, other.size() - 8)});
  for (size_t i = 0; i < 8; ++i) other[other.size() - 8 + i] = static_cast<char>(checksum >> 8 * i);
  Put(kFirst, other);
  EXPECT_THAT(OpenError(), HasSubstr("another version of sluice wrote it (format 2)"));
  EXPECT_EQ(Content(kFirst), other);
}

TEST_F(JournalDirectoryTest, WritersAreDealtToTheWorkersInOrder) {
  for (const uint32_t worker : {0u, 1u, 2u}) {
    Start({.worker_count = 3, .worker = worker, .start_ms = 1'700'000'000'000});
    Store({10 * worker + 1, 10 * worker + 2});
    Crash();
  }
  const Setup two_workers = {.worker_count = 2};
  Start(two_workers);
  EXPECT_EQ(TakeAll(), (Sequences{1, 2, 21, 22}));
  Crash();
  Start({.worker_count = 2, .worker = 1});
  EXPECT_EQ(TakeAll(), (Sequences{11, 12}));
}

TEST_F(JournalDirectoryTest, OrderSurvivesAClockThatWentBack) {
  Start({.start_ms = 1'800'000'000'000});
  Store({1});
  Crash();
  Start({.start_ms = 1'700'000'000'000});
  EXPECT_EQ(directory_->start_ms(), 1'800'000'000'001u);
  Store({2});
  Crash();
  Start();
  EXPECT_EQ(TakeAll(), (Sequences{1, 2}));
  EXPECT_THAT(ledgers_, ElementsAre("ledger:1", "ledger:2"));
}

TEST_F(JournalDirectoryTest, TheQuotaCountsEveryFileAndNoMore) {
  Put("1-0-refused.journal.refused", "");
  Put("0000000000001-0-refused.journal.refused", std::string(100, 'r'));
  Put("0000000000001-0-000001.journal.damaged", std::string(200, 'd'));
  Put("notes.txt", std::string(1'000, 'n'));
  Start({.bytes_max = 1'000});
  EXPECT_EQ(directory_->used_bytes(), 300u);
  EXPECT_TRUE(directory_->Reserve(LaneKind::kBulk, 700));
  EXPECT_FALSE(directory_->Reserve(LaneKind::kBulk, 1));
  directory_->Return(10);
  EXPECT_FALSE(directory_->Reserve(LaneKind::kBulk, 11));
  EXPECT_FALSE(directory_->Reserve(LaneKind::kBulk, UINT64_MAX));
  EXPECT_TRUE(directory_->Reserve(LaneKind::kBulk, 10));
  directory_->Return(700);
}

}  // namespace
}  // namespace sluice
