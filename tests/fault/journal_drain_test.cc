// Leaving and running without Redis: the journal takes the rest and the exit is clean; without one
// the exit says so and counts. And a gate that has no Redis at all.
#include "fault/journal_fixture.h"

namespace sluice {
namespace {

class JournalDrainTest : public JournalTest {
 protected:
  // One request of so many records on its own connection.
  Told PostRecords(uint32_t records) {
    const uint64_t first = witness_.Ask(records);
    std::string body;
    for (uint64_t i = first; i < first + records; ++i) {
      body += (body.empty() ? "[" : ",") + Vital(std::to_string(i), 1);
    }
    return witness_.Answer(first, records, Post(kVitals, body + "]"));
  }
  // Acknowledged from memory, so that they are still in hand when the gate is told to leave.
  void PostToMemory(uint32_t records) {
    const uint64_t first = witness_.Ask(records);
    std::string body;
    for (uint64_t i = first; i < first + records; ++i) {
      body += (body.empty() ? "[" : ",") + Vital(std::to_string(i), 1);
    }
    EXPECT_TRUE(IsAccepted(Post(kVitals, body + "]"), records, 202));
    witness_.Tell(first, records, Told::kStored);
  }
};

TEST_F(JournalDrainTest, WithoutRedisTheJournalTakesTheRest) {
  StartGateOn(
      redis_.url(),
      "[delivery]\nack = \"memory\"\ndeadline_ms = 8000\n[journal]\nafter_ms = 3000\ndir = \"" +
          journal_dir_ + "\"\n",
      2);
  for (uint32_t records = 1; records <= 10; ++records) PostToMemory(records);
  EXPECT_EQ(gate_->Stop(), 0);
  const LedgerLine ledger = CheckedLedger();
  EXPECT_EQ(ledger.accepted, 55u);
  EXPECT_EQ(ledger.stored, 55u);
  EXPECT_EQ(ledger.unsettled, 0u);
  redis_.Start();
  StartGateWithJournal();
  ExpectAllInRedisOnce();
}

TEST_F(JournalDrainTest, WhatWasInFlightWhenRedisDiedGoesToTheJournalToo) {
  redis_.Start();
  StartGateOn(
      redis_.url(),
      "[delivery]\nack = \"memory\"\ndeadline_ms = 8000\n[journal]\nafter_ms = 3000\ndir = \"" +
          journal_dir_ + "\"\n",
      1);
  ASSERT_TRUE(WaitRedisUp());
  redis_.Pause();
  for (uint32_t records = 1; records <= 10; ++records) PostToMemory(records);
  redis_.Kill();
  EXPECT_EQ(gate_->Stop(), 0);
  EXPECT_EQ(CheckedLedger().unsettled, 0u);
  redis_.Start();
  StartGateWithJournal();
  ExpectAllInRedisOnce();
}

TEST_F(JournalDrainTest, WithoutRedisAndJournalTheExitCodeIs3AndTheCountExact) {
  StartGate("[delivery]\nack = \"memory\"\ndeadline_ms = 200\ndrain_ms = 300\n", 2);
  for (uint32_t records = 1; records <= 10; ++records) PostToMemory(records);
  EXPECT_EQ(gate_->Stop(), 3);
  const LedgerLine ledger = CheckedLedger();
  EXPECT_EQ(ledger.accepted, 55u);
  EXPECT_EQ(ledger.stored, 0u);
  EXPECT_EQ(ledger.unsettled, 55u);
}

TEST_F(JournalDrainTest, WhatRedisTookBeforeItDiedIsNotCountedAsUnsettled) {
  redis_.Start();
  StartGate("[delivery]\nack = \"memory\"\ndeadline_ms = 200\ndrain_ms = 300\n", 1);
  ASSERT_TRUE(WaitReady());
  PostToMemory(7);
  ASSERT_TRUE(WaitSettled());
  redis_.Pause();
  PostToMemory(4);
  ASSERT_TRUE(WaitInflight());
  redis_.Kill();
  EXPECT_EQ(gate_->Stop(), 3);
  const LedgerLine ledger = CheckedLedger();
  EXPECT_EQ(ledger.accepted, 11u);
  EXPECT_EQ(ledger.stored, 7u);
  EXPECT_EQ(ledger.unsettled, 4u);
}

TEST_F(JournalDrainTest, TheJournalAloneIsAStore) {
  StartGateWithJournalOnly();
  ASSERT_TRUE(WaitReady());
  for (uint32_t records = 1; records <= 10; ++records) {
    EXPECT_EQ(PostRecords(records), Told::kJournal);
  }
  EXPECT_EQ(StopGate().stored, 55u);
  StartGateWithJournalOnly();
  ASSERT_TRUE(WaitReady());
  EXPECT_EQ(PostRecords(5), Told::kJournal);
  gate_->Kill();
  redis_.Start();
  StartGateWithJournal();
  // While Redis catches up, a new request may be answered by the journal too.
  ASSERT_TRUE(WaitRedisUp());
  ASSERT_TRUE(WaitJournalEmpty());
  EXPECT_EQ(PostRecords(1), Told::kStored);
  ExpectAllInRedisOnce();
}

TEST_F(JournalDrainTest, OneProcessHasADirectory) {
  StartGateWithJournalOnly();
  const ProgramRun second = RunSluice({"--config", dir_.Write("second.toml", JournalConfig())});
  EXPECT_EQ(second.exit_code, 1) << second.out;
  EXPECT_NE(second.err.find(journal_dir_), second.err.npos) << second.err;
}

}  // namespace
}  // namespace sluice
