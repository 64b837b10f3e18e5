// JournalTest: a gate that keeps its journal in a directory of the test's, over any number of its
// own deaths, while Redis comes and goes.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "fault/fault_fixture.h"

namespace sluice {

class JournalTest : public FaultTest {
 protected:
  static constexpr char kNoRedis[] = "[redis]\nurl = \"\"\n";

  std::string JournalConfig(const std::string& more = "") const {
    return kPatient + more + "[journal]\ndir = \"" + journal_dir_ + "\"\n";
  }
  void StartGateWithJournal(const std::string& more = "") {
    StartGate(JournalConfig(more), AnyWorkers());
  }
  // Without any Redis in its configuration.
  void StartGateWithJournalOnly() { StartGateOn("", JournalConfig(kNoRedis), AnyWorkers()); }
  // It dies in the middle of what it does, and another takes its place.
  void KillGate() {
    ASSERT_TRUE(gate_->Running()) << gate_->err();
    gate_->Kill();
    StartGateWithJournal();
    load_->MoveTo(gate_->port());
  }

  // Waits until Redis has as many entries as records were answered as stored; whether they are the
  // right ones is ExpectAnswersTrue's question.
  testing::AssertionResult WaitAllInRedis() {
    return WaitFor(
        [this] { return Length("vitals") >= static_cast<int64_t>(witness_.stored_count()); },
        std::to_string(witness_.stored_count()) + " records to be in Redis");
  }
  // With a journal a gate is ready without Redis.
  testing::AssertionResult WaitRedisUp() {
    return WaitFor([this] { return Metrics().Sum("sluice_redis_up") == 1; }, "Redis to be up");
  }
  testing::AssertionResult WaitJournalEmpty() {
    return WaitFor([this] { return Metrics().Sum("sluice_journal_bytes") == 0; },
                   "the journal to be empty");
  }
  // The journal is empty and every answer was true.
  void ExpectAllInRedisOnce() {
    EXPECT_TRUE(WaitAllInRedis());
    EXPECT_TRUE(WaitRedisUp());
    EXPECT_TRUE(WaitJournalEmpty());
    StopGate();
    ExpectAnswersTrue();
    // What was sent does not come back: another gate finds nothing to send.
    const int64_t length = Length("vitals");
    const int64_t alerts = Length("alerts");
    StartGateWithJournal();
    EXPECT_TRUE(WaitRedisUp());
    EXPECT_TRUE(WaitJournalEmpty());
    EXPECT_TRUE(WaitSettled());
    StopGate();
    EXPECT_EQ(Length("vitals"), length);
    EXPECT_EQ(Length("alerts"), alerts);
  }

  TempDir dir_;
  const std::string journal_dir_ = dir_.path() + "/journal";
};

}  // namespace sluice
