// A lane with a log: what goes to disk, and when it is stored. How it comes back is in
// lane_log_return.cc.
#include "redis/lane_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/redis/lane_log_fixture.h"

namespace sluice {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

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

TEST_F(LaneLogTest, AtOnceNothingWaitsWhileTheLinkIsDown) {
  options.log_at_once = true;
  Start();
  lane().Flush();
  EXPECT_FALSE(log_.syncing()) << "of nothing";
  OfferAndFlush(1, {"a"});
  EXPECT_THAT(Appended(), ElementsAre(1));
  FinishSync();
  EXPECT_THAT(settled, ElementsAre("1 stored journal"));
}

TEST_F(LaneLogTest, AtOnceWhatAFallenLinkLeftUnconfirmedIsLoggedInItsTurn) {
  options.log_at_once = true;
  StartConnected();
  AnswerAll();
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  LoseLink();
  EXPECT_FALSE(log_.syncing());
  lane().Flush();
  EXPECT_THAT(Appended(), ElementsAre(1, 2));
  FinishSync();
  EXPECT_THAT(settled, ElementsAre("1 stored journal", "2 stored journal"));
  PassTurn(2'000);
  ComeUp();
  AnswerAll();
  EXPECT_THAT(AppliedValues(), ElementsAre("a", "b"));
  EXPECT_THAT(settled, SizeIs(2));
}

TEST_F(LaneLogTest, AtOnceChangesNothingWhileTheLinkIsUp) {
  options.log_at_once = true;
  StartConnected();
  AnswerAll();
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs - 1);
  EXPECT_FALSE(log_.syncing());
  PassTurn(1);
  EXPECT_THAT(Appended(), ElementsAre(1));
  FinishSync();
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

TEST_F(LaneLogTest, WhatIsSentTogetherStaysOnDiskUntilAllOfItIsInRedis) {
  StartConnected();
  for (uint64_t i = 5; i <= 7; ++i) log_.unread.push_back(Logged("old", i, std::to_string(i)));
  while (redis().Unanswered().empty() || redis().Unanswered().front() != "MULTI") {
    if (!redis().Unanswered().empty()) redis().Answer();
    lane().Flush();
  }
  EXPECT_THAT(redis().Unanswered(), SizeIs(3 + 4u)) << "one transaction";
  LoseLink();
  PassTurn(1'000);
  ComeUp();
  const auto none_of_it = Not(Contains(AnyOf("old 5", "old 6", "old 7")));
  EXPECT_THAT(log_.released, none_of_it) << "the ledger was read, and says so";
  OfferAndFlush(1, {"a"});
  PassTurn(kAfterMs);
  FinishSync();
  EXPECT_THAT(log_.released, none_of_it) << "another batch is on disk";
  AnswerAll();
  EXPECT_THAT(log_.released, Contains("old 7"));
  EXPECT_THAT(AppliedValues(), ElementsAre("5", "6", "7", "a"));
}

}  // namespace
}  // namespace sluice
