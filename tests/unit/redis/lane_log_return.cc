// A lane with a log: how batches come back from disk, and what Redis may do to them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "redis/ledger.h"
#include "unit/redis/lane_log_fixture.h"

namespace sluice {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

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
  EXPECT_THAT(redis().Unanswered(), ElementsAre("SET old:link run 1 EX 1036800"));
  redis().Answer();
  redis().Answer();
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(),
              ElementsAre("MULTI", "XADD s * f x", "SETRANGE old 7", "EXPIRE old 86400", "EXEC"));
  redis().Answer();
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(redis().Unanswered(), ElementsAre("SET older:link run 1 EX 1036800"));
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("x", "y", "a"));
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  EXPECT_THAT(log_.unread, IsEmpty());
}

TEST_F(LaneLogTest, SmallBatchesOfOneLedgerGoTogetherAndTheLedgerCountsEach) {
  options.batch_records_max = 3;
  StartConnected();
  for (uint64_t i = 14; i <= 18; ++i) log_.unread.push_back(Logged("ledger", i, std::to_string(i)));
  log_.unread.push_back(Logged("newer", 1, "x"));
  lane().Flush();
  EXPECT_THAT(
      redis().Unanswered(),
      ElementsAre("MULTI", "XADD s * f 14", "XADD s * f 15", "XADD s * f 16",
                  testing::StartsWith("SETRANGE ledger 16"), "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  EXPECT_EQ(log_.released.back(), "ledger 16");
  lane().Flush();
  redis().Answer();
  const auto committed = CommittedBatches::Parse(redis().keys["ledger"]);
  ASSERT_TRUE(committed);
  for (uint64_t i = 3; i <= 18; ++i) EXPECT_TRUE(committed->Has(i)) << i;
  EXPECT_FALSE(committed->Has(19));
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("14", "15", "16", "17", "18", "x"));
}

TEST_F(LaneLogTest, ALinkThatFallsWhileTheDiskIsSentGoesOnWhereTheLedgerSays) {
  options.batch_records_max = 1;
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

// Were it refused, a process after a crash would store it all the same.
TEST_F(LaneLogTest, WhatRedisRefusesWhileItIsBeingWrittenIsNotCalledNotStored) {
  StartConnected();
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs);
  ASSERT_TRUE(log_.syncing());
  redis().refused_while_queueing["s"] = "OOM no";
  redis().Answer();
  EXPECT_THAT(settled, IsEmpty());
  FinishSync();
  EXPECT_THAT(settled, ElementsAre("1 stored journal"));
  wire().FinishClose();
  PassTurn(2'000);
  ComeUp();
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("a"));
}

TEST_F(LaneLogTest, WhatRedisRefusesOfWhatMayBeOnDiskIsNotCalledNotStored) {
  StartConnected();
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs);
  FinishSync(LogSynced::kUnclear);
  redis().refused_while_queueing["s"] = "OOM no";
  redis().Answer();
  EXPECT_THAT(settled, IsEmpty());
  PassTurn(kDeadlineAfterMs);
  EXPECT_THAT(settled, ElementsAre("1 unknown deadline"));
  FinishSync();
}

TEST_F(LaneLogTest, WhatRedisRefusesOfWhatTheLogRefusedIsNotStored) {
  StartConnected();
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs);
  FinishSync(LogSynced::kRefused);
  redis().refused_while_queueing["s"] = "OOM no";
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 refused store_said"));
}

TEST_F(LaneLogTest, AnUnknownReplyToWhatIsOnDiskDoesNotEndIt) {
  StartConnected();
  log_.unread.push_back(Logged("ledger", 1, "a"));
  lane().Flush();
  log_.released.clear();
  wire().Say("+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*-1\r\n");
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
  PassTurn(2'000);
  ComeUp();
  EXPECT_THAT(log_.released, ElementsAre("ledger 0"));
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("a"));
}

// Else batches could come to the log faster than they leave it, one round trip each.
TEST_F(LaneLogTest, WhileRedisEmptiesTheLogOnlyWhatHasWaitedGoesThere) {
  StartConnected();
  log_.unread.push_back(Logged("ledger", 1, std::string(8 * kMiB, 'x')));
  log_.reading = true;
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs);
  FinishSync();
  ASSERT_THAT(settled, ElementsAre("1 stored journal"));
  OfferAndFlush(2, {"b"});
  EXPECT_FALSE(log_.syncing());
  PassTurn(kAfterMs / 2);
  OfferAndFlush(3, {"c"});
  PassTurn(kAfterMs / 2);
  EXPECT_THAT(log_.appended, SizeIs(1)) << "in one batch";
  FinishSync();
  EXPECT_THAT(settled, SizeIs(3));
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
