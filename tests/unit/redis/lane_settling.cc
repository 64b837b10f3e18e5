// How a lane settles requests: refusals, lost links, deadlines, and a Redis that answers strangely.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sluice/redis/lane.h"
#include "unit/redis/lane_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kOutOfMemory = "OOM command not allowed when used memory > 'maxmemory'.";
constexpr const char* kWrongType = "WRONGTYPE Operation against a key of another kind";

// ---- Refusals ----------------------------------------------------------------------------------

TEST_F(LaneTest, AnErrorInsideExecSettlesOnlyItsOwner) {
  StartConnectedLane();
  redis().refused_in_exec["broken"] = kWrongType;
  Offer(1, {"a", "b"});
  Offer(2, {"c", "d"}, "broken");
  Offer(3, {"e"});
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 refused store_said", "3 stored"));
  EXPECT_THAT(AppliedValues(), ElementsAre("a", "b", "e"));
}

TEST_F(LaneTest, ARequestThatExecAppliedInPartIsUnknown) {
  StartConnectedLane();
  redis().refused_in_exec["broken"] = kWrongType;
  Buffer& out = lane().Begin();
  AppendCommand({"XADD", "s", "*", "f", "a"}, out);
  AppendCommand({"XADD", "broken", "*", "f", "b"}, out);
  Commit(1, 2);
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 unknown store_said"));
}

TEST_F(LaneTest, ARequestThatIsStoredWithoutItsGuardIsUnknown) {
  StartConnectedLane();
  redis().refused_in_exec["broken"] = "SLUICEUNGUARDED stored, but without a guard";
  OfferAndFlush(1, {"a"}, "broken");
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 unknown store_said"));
}

TEST_F(LaneTest, WhenOneIsRefusedWhileQueueingItsNeighboursAreSentAgainBeforeTheNext) {
  options.window = 1;
  StartConnectedLane();
  redis().refused_while_queueing["full"] = kOutOfMemory;
  Offer(1, {"a"});
  Offer(2, {"b", "c"}, "full");
  Offer(3, {"d", "e"});
  lane().Flush();
  OfferAndFlush(4, {"f"});  // waits behind the window
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("2 refused store_said"));
  EXPECT_THAT(AppliedValues(), IsEmpty());
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(),
              ElementsAre("MULTI", "XADD s * f a", "XADD s * f d", "XADD s * f e",
                          "SETRANGE ledger 2", "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("2 refused store_said", "1 stored", "3 stored", "4 stored"));
  EXPECT_THAT(AppliedValues(), ElementsAre("a", "d", "e", "f"));
}

TEST_F(LaneTest, AnAbortThatIsNobodysFaultRefusesAll) {
  StartConnectedLane();
  redis().refused_while_queueing["ledger"] = kOutOfMemory;
  Offer(1, {"a"});
  Offer(2, {"b"});
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 refused store_said", "2 refused store_said"));
  redis().refused_while_queueing.clear();
  redis().exec_error = "READONLY You can't write against a read only replica.";
  OfferAndFlush(3, {"c"});
  redis().Answer();
  EXPECT_EQ(settled.back(), "3 refused store_said");
  EXPECT_THAT(AppliedValues(), IsEmpty());
}

// ---- A link that falls -------------------------------------------------------------------------

TEST_F(LaneTest, WithoutALinkRequestsWaitForTheFirstConnection) {
  StartLane();
  OfferAndFlush(1, {"a"});
  EXPECT_EQ(stats().redis_up.value(), 0u);
  ComeUp();
  EXPECT_EQ(stats().redis_up.value(), 1u);
  EXPECT_EQ(stats().redis_reconnects.value(), 0u);
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  LoseLink();
  EXPECT_EQ(stats().redis_up.value(), 0u);
  PassAndSweep(100);
  ComeUp();
  EXPECT_EQ(stats().redis_reconnects.value(), 1u);
}

TEST_F(LaneTest, ARedisThatStopsAnsweringIsLeftAfterReplyMs) {
  StartConnectedLane();
  Pass(60'000);  // idle for long: nothing is waited for
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  PassAndSweep(9'000);
  EXPECT_FALSE(wire().closing);
  redis().Answer(1);  // it does answer, so the time starts again
  PassAndSweep(10'000);
  EXPECT_FALSE(wire().closing);
  PassAndSweep(1);
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
  EXPECT_THAT(settled, ElementsAre("1 unknown deadline", "2 unknown deadline"));
}

// ---- Deadlines ---------------------------------------------------------------------------------

TEST_F(LaneTest, ADeadlineTakesAnUnsentRequestOutOfItsBatch) {
  StartLane();
  Offer(1, {"a", "b"});
  Pass(1'000);
  Offer(2, {"c"});
  const size_t both = lane().unsettled_bytes();
  PassAndSweep(kDeadlineAfterMs - 1'001);
  EXPECT_THAT(settled, IsEmpty());
  PassAndSweep(1);
  EXPECT_THAT(settled, ElementsAre("1 refused deadline"));
  EXPECT_LT(lane().unsettled_bytes(), both);
  EXPECT_GT(lane().unsettled_bytes(), 0u);
  wire().FinishClose("connect timed out");
  PassAndSweep(100);
  ComeUp();
  OfferAndFlush(3, {"d"});
  EXPECT_THAT(redis().Unanswered(),
              ElementsAre("MULTI", "XADD s * f c", "XADD s * f d", "SETRANGE ledger 1",
                          "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 refused deadline", "2 stored", "3 stored"));
}

TEST_F(LaneTest, ABatchWhoseRequestsHaveAllExpiredIsGone) {
  options.batch_records_max = 1;
  StartLane();
  Offer(1, {"a"});
  Offer(2, {"b"});
  PassAndSweep(kDeadlineAfterMs);
  EXPECT_THAT(settled, ElementsAre("1 refused deadline", "2 refused deadline"));
  EXPECT_TRUE(lane().empty());
  EXPECT_EQ(lane().unsettled_bytes(), 0u);
}

TEST_F(LaneTest, ASentRequestIsUnknownAtItsDeadlineAndItsReplyComesTooLate) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  PassAndSweep(kDeadlineAfterMs);
  EXPECT_THAT(settled, ElementsAre("1 unknown deadline"));
  EXPECT_GT(lane().unsettled_bytes(), 0u) << "its bytes are still on their way";
  redis().Answer();
  EXPECT_THAT(settled, SizeIs(1));
  EXPECT_EQ(lane().unsettled_bytes(), 0u);
}

TEST_F(LaneTest, ARequestThatExpiredInFlightIsNotSentAgainWithItsNeighbours) {
  StartConnectedLane();
  redis().refused_while_queueing["full"] = kOutOfMemory;
  Offer(1, {"a"});
  Pass(1'000);
  Offer(2, {"b"}, "full");
  OfferAndFlush(3, {"c"});
  PassAndSweep(kDeadlineAfterMs - 1'000);
  redis().Answer();
  OfferAndFlush(4, {"d"});  // those sent again stay by themselves
  EXPECT_THAT(
      redis().Unanswered(),
      ElementsAre("MULTI", "XADD s * f c", "SETRANGE ledger 2", "EXPIRE ledger 86400", "EXEC",  //
                  "MULTI", "XADD s * f d", "SETRANGE ledger 3", "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  EXPECT_THAT(settled,
              ElementsAre("1 unknown deadline", "2 refused store_said", "3 stored", "4 stored"));
}

TEST_F(LaneTest, AbandonSettlesAllThatIsLeftAndCountsItsRecords) {
  options.window = 1;
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  PassAndSweep(kDeadlineAfterMs);  // settled already
  OfferAndFlush(2, {"b", "c"});
  OfferAndFlush(3, {"d"});
  EXPECT_EQ(lane().Abandon(), 4u) << "of the first nobody ever heard";
  EXPECT_THAT(settled,
              ElementsAre("1 unknown deadline", "2 refused drain_ended", "3 refused drain_ended"));
  EXPECT_FALSE(lane().empty()) << "what was sent goes with the link";
  LoseLink();
  EXPECT_TRUE(lane().empty());
}

// ---- Strange replies ---------------------------------------------------------------------------

class LaneStrangeReplyTest : public LaneTest, public testing::WithParamInterface<const char*> {};

TEST_P(LaneStrangeReplyTest, CostsTheLinkAndLeavesTheRequestUnknown) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  wire().Say(GetParam());
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
  EXPECT_THAT(settled, ElementsAre("1 unknown"));
  EXPECT_EQ(lane().unsettled_bytes(), 0u) << "sent again it might be there twice";
}

INSTANTIATE_TEST_SUITE_P(
    , LaneStrangeReplyTest,
    testing::Values(
        "+OK\r\n$3\r\n1-1\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n:1\r\n",  // XADD was run at once
        "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$3\r\n1-1\r\n:1\r\n",  // a result too few
        "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*-1\r\n",                    // as after WATCH
        "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+OK\r\n",                    // not a list
        ":1\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n$3\r\n1-1\r\n:1\r\n:1\r\n"));  // MULTI is a
                                                                                     // number

TEST_F(LaneTest, AReplyThatNobodyAskedForCostsTheLink) {
  StartConnectedLane();
  wire().Say("+OK\r\n");
  EXPECT_TRUE(wire().closing);
}

// ---- Counting ----------------------------------------------------------------------------------

TEST_F(LaneTest, CountsTheRecordsOfABatchAndTheTimeToItsReply) {
  StartConnectedLane();
  Offer(1, {"a", "b"});
  OfferAndFlush(2, {"c"});
  Pass(7);
  redis().Answer();
  EXPECT_EQ(stats().batch_records.sum(), 3u);
  EXPECT_EQ(stats().commit_ns.sum(), 7 * kNsPerMs);
}

}  // namespace
}  // namespace sluice
