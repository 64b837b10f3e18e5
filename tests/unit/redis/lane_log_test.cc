// A lane with a log: what goes to disk, when it is stored, and how it comes back.
#include "redis/lane_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sluice/redis/resp.h"
#include "support/fake_log.h"
#include "unit/redis/lane_fixture.h"

namespace sluice {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;


class LaneLogTest : public LaneTest {
 protected:
  static constexpr uint64_t kAfterMs = 200;

  LaneLogTest() { options.log_after_ns = kAfterMs * kNsPerMs; }

  void Start() {
    StartLane();
    lane().set_log(log_);
  }
  void StartConnected() {
    Start();
    ComeUp();
  }
  // Passes the time, and a turn at its end.
  void PassTurn(uint64_t ms) {
    PassAndSweep(ms);
    lane().Flush();
  }
  void FinishSync(LogSynced result = LogSynced::kDurable) {
    log_.FinishSync(result);
    lane().Flush();
  }
  // Redis answers all it is asked, for as long as the lane asks more.
  void AnswerAll() {
    for (lane().Flush(); !redis().Unanswered().empty(); lane().Flush()) redis().Answer();
  }
  FakeLog::Stored Logged(const std::string& ledger, uint64_t sequence, const std::string& value,
                         const std::string& stream = "s") {
    Buffer bytes;
    AppendCommand({"XADD", stream, "*", "f", value}, bytes);
    return {ledger, sequence, 1, 1, std::string(bytes.view())};
  }
  std::vector<uint64_t> Appended() const {
    std::vector<uint64_t> sequences;
    for (const FakeLog::Stored& batch : log_.appended) sequences.push_back(batch.sequence);
    return sequences;
  }

  FakeLog log_;
};

// ---- To the disk -------------------------------------------------------------------------------

TEST_F(LaneLogTest, WithRedisAwayABatchGoesToTheLogOnceItHasWaited) {
  Start();
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs - 1);
  EXPECT_FALSE(log_.syncing());
  PassTurn(1);
  ASSERT_TRUE(log_.syncing());
  EXPECT_THAT(Appended(), ElementsAre(1));
  EXPECT_THAT(settled, IsEmpty());
  FinishSync();
  EXPECT_THAT(settled, ElementsAre("1 stored journal"));
  EXPECT_TRUE(lane().empty());
  EXPECT_EQ(lane().unsettled_bytes(), 0u);
}

TEST_F(LaneLogTest, WhileItIsOnMoreGoesAtOnceManyBatchesASync) {
  options.batch_records_max = 1;
  Start();
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs);
  OfferAndFlush(2, {"b"});
  OfferAndFlush(3, {"c"});
  EXPECT_THAT(Appended(), ElementsAre(1)) << "one sync at a time";
  FinishSync();
  EXPECT_THAT(Appended(), ElementsAre(2, 3));
  FinishSync();
  EXPECT_THAT(settled, SizeIs(3));
}

TEST_F(LaneLogTest, WithoutTimeToWaitTheLogAloneIsTheStore) {
  options.log_after_ns = 0;
  Start();
  EXPECT_EQ(stats().store_up.value(), 1u);
  EXPECT_EQ(stats().redis_up.value(), 0u);
  OfferAndFlush(1, {"a"});
  FinishSync();
  EXPECT_THAT(settled, ElementsAre("1 stored journal"));
}

TEST_F(LaneLogTest, AFullWindowThatDoesNotMoveGoesToTheLogWithWhatWaitsBehindIt) {
  options.window = 1;
  StartConnected();
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  PassTurn(kAfterMs);
  EXPECT_THAT(Appended(), ElementsAre(1, 2));
  FinishSync();
  EXPECT_THAT(settled, ElementsAre("1 stored journal", "2 stored journal"));
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("a", "b"));
  EXPECT_EQ(log_.released.back(), "ledger 2");
  EXPECT_THAT(settled, SizeIs(2));
}

TEST_F(LaneLogTest, WhatTheLogRefusesWaitsForRedisAndIsNotStoredAtItsDeadline) {
  Start();
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs);
  FinishSync(LogSynced::kRefused);
  EXPECT_THAT(settled, IsEmpty());
  EXPECT_EQ(stats().store_up.value(), 1u);
  PassTurn(100);
  EXPECT_EQ(stats().store_up.value(), 0u);
  EXPECT_FALSE(log_.syncing()) << "not again at once";
  PassTurn(500);
  EXPECT_THAT(Appended(), ElementsAre(1));
  FinishSync(LogSynced::kRefused);
  PassTurn(kDeadlineAfterMs - kAfterMs - 600);
  EXPECT_THAT(settled, ElementsAre("1 refused deadline"));
  if (log_.syncing()) FinishSync(LogSynced::kRefused);
}

TEST_F(LaneLogTest, WhatMayBeOnDiskIsUnknownAtItsDeadline) {
  Start();
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs);
  FinishSync(LogSynced::kUnclear);
  log_.room = 0;
  PassTurn(kDeadlineAfterMs);
  EXPECT_THAT(settled, ElementsAre("1 unknown deadline"));
  wire().FinishClose();
  PassTurn(2'000);
  ComeUp();
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("a")) << "and sent all the same";
}

TEST_F(LaneLogTest, ARequestIsNotTakenOutWhileItIsBeingWritten) {
  Start();
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs);
  PassTurn(kDeadlineAfterMs);
  EXPECT_THAT(settled, ElementsAre("1 unknown deadline"));
  FinishSync();
  EXPECT_THAT(settled, SizeIs(1));
}

TEST_F(LaneLogTest, AFullLogTakesWhatFits) {
  options.batch_records_max = 1;
  Start();
  log_.room = 1;
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  PassTurn(kAfterMs);
  FinishSync();
  EXPECT_THAT(settled, ElementsAre("1 stored journal"));
  PassTurn(kDeadlineAfterMs);
  EXPECT_THAT(settled, ElementsAre("1 stored journal", "2 refused deadline"));
}

// ---- From the disk -----------------------------------------------------------------------------

TEST_F(LaneLogTest, WhatIsOnDiskGoesFirstAndOneBatchAtATime) {
  options.batch_records_max = 1;
  Start();
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  PassTurn(kAfterMs);
  FinishSync();
  OfferAndFlush(3, {"c"});
  FinishSync(LogSynced::kRefused);
  ComeUp();
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(), ElementsAre("MULTI", "XADD s * f a", "SETRANGE ledger 1",
                                                "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(), ElementsAre("MULTI", "XADD s * f b", "SETRANGE ledger 2",
                                                "EXPIRE ledger 86400", "EXEC"));
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(settled.back(), "3 stored");
  OfferAndFlush(4, {"d"});
  EXPECT_FALSE(log_.syncing()) << "directly again";
  AnswerAll();
  EXPECT_EQ(settled.back(), "4 stored");
}

TEST_F(LaneLogTest, NothingNewIsSentWhileTheDiskIsBeingRead) {
  StartConnected();
  log_.unread.push_back(Logged("ledger", 1, "old"));
  log_.reading = true;
  OfferAndFlush(1, {"a"});
  EXPECT_THAT(redis().Unanswered(), IsEmpty());
  log_.reading = false;
  log_.unread.clear();
  AnswerAll();
}

TEST_F(LaneLogTest, BatchesOfAnEarlierProcessGoUnderItsLedgerBehindItsFence) {
  Start();
  log_.unread.push_back(Logged("old", 6, "committed"));
  log_.unread.push_back(Logged("old", 7, "x"));
  log_.unread.push_back(Logged("older", 2, "y"));
  OfferAndFlush(1, {"a"});
  Connect();
  redis().keys = {{"old", LedgerOf({6})}, {"old:link", "run 44"}, {"older:link", "gone 45"}};
  redis().Answer();  // the greeting
  while (redis().Unanswered().front() != "GET old:link") {
    redis().Answer();
    lane().Flush();
  }
  redis().Answer();
  EXPECT_THAT(redis().Unanswered(), ElementsAre("CLIENT KILL ID 44"));
  redis().Answer();
  EXPECT_THAT(redis().Unanswered(), ElementsAre("SET old:link run 1 EX 86400"));
  redis().Answer();
  redis().Answer();
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(),
              ElementsAre("MULTI", "XADD s * f x", "SETRANGE old 7", "EXPIRE old 86400", "EXEC"));
  redis().Answer();
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(redis().Unanswered(), ElementsAre("SET older:link run 1 EX 86400"));
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("x", "y", "a"));
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  EXPECT_THAT(log_.unread, IsEmpty());
}

TEST_F(LaneLogTest, ALinkThatFallsWhileTheDiskIsSentGoesOnWhereTheLedgerSays) {
  Start();
  for (uint64_t i = 1; i <= 3; ++i) log_.unread.push_back(Logged("old", i, std::to_string(i)));
  ComeUp();
  lane().Flush();
  while (redis().Unanswered().empty() || redis().Unanswered().front() != "MULTI") {
    redis().Answer();
    lane().Flush();
  }
  redis().keys["old"] = LedgerOf({1});  // it was committed, and the reply is lost
  LoseLink();
  PassTurn(2'000);
  ComeUp();
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("2", "3"));
  EXPECT_THAT(log_.released, Contains("old 3"));
}

TEST_F(LaneLogTest, WhatRedisRefusesWholeIsKeptAndTriedAgain) {
  StartConnected();
  log_.unread.push_back(Logged("ledger", 1, "a"));
  redis().refused_while_queueing["ledger"] = "OOM no";
  lane().Flush();
  redis().Answer();
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
  PassTurn(900);
  ComeUp();
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(), IsEmpty()) << "not again at once";
  PassTurn(100);
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("a"));
  EXPECT_EQ(log_.released.back(), "ledger 1");
}

// Batch 1 is in flight, then on disk, then refused, while batch 2 behind it is committed.
TEST_F(LaneLogTest, ARefusedBatchIsNotTakenForCommittedWithThoseBehindIt) {
  StartConnected();
  OfferAndFlush(1, {"a"}, "full");
  OfferAndFlush(2, {"b"});
  PassTurn(kAfterMs);
  FinishSync();
  redis().refused_while_queueing["full"] = "OOM no";
  redis().Answer(1);
  EXPECT_TRUE(wire().closing);
  redis().keys["ledger"] = LedgerOf({2});
  log_.released.clear();
  wire().FinishClose();
  PassTurn(2'000);
  ComeUp();
  EXPECT_THAT(log_.released, ElementsAre("ledger 0"));
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("a"));
  EXPECT_EQ(log_.released.back(), "ledger 2");
  EXPECT_THAT(settled, ElementsAre("1 stored journal", "2 stored journal"));
}

TEST_F(LaneLogTest, WhatRedisTookWhileItWasWrittenLeavesTheDiskAfterwards) {
  options.window = 1;
  StartConnected();
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs);
  ASSERT_TRUE(log_.syncing());
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  FinishSync();
  EXPECT_THAT(log_.unread, IsEmpty());
}

TEST_F(LaneLogTest, CommandsThatFailInsideExecAreSetAside) {
  StartConnected();
  FakeLog::Stored batch = Logged("ledger", 1, "a");
  batch.bytes += Logged("", 0, "b", "wrong").bytes + Logged("", 0, "c").bytes;
  batch.records = batch.commands = 3;
  log_.unread.push_back(batch);
  redis().refused_in_exec["wrong"] = "WRONGTYPE no";
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("a", "c"));
  ASSERT_THAT(log_.set_aside, SizeIs(1));
  EXPECT_EQ(log_.set_aside[0].bytes, Logged("", 0, "b", "wrong").bytes);
  EXPECT_EQ(log_.released.back(), "ledger 1");
}

TEST_F(LaneLogTest, WithoutEnoughReplicasWhatIsOnDiskStaysThere) {
  options.replicas = 1;
  StartConnected();
  log_.unread.push_back(Logged("ledger", 1, "a"));
  log_.released.clear();
  lane().Flush();
  redis().Answer();
  redis().keys["ledger"] = LedgerOf({1});
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
  PassTurn(1'000);
  Connect();
  while (!wire().closing && !redis().Unanswered().empty()) redis().Answer();
  EXPECT_TRUE(wire().closing);
  EXPECT_THAT(log_.released, IsEmpty());
  wire().FinishClose();
  PassTurn(1'000);
  Connect();
  redis().replicas = 1;
  while (!redis().Unanswered().empty()) redis().Answer();
  EXPECT_THAT(log_.released, ElementsAre("ledger 1"));
  EXPECT_TRUE(lane().empty());
}

}  // namespace
}  // namespace sluice
