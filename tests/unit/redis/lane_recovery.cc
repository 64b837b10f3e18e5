// A link that falls, and what the lane does on the next one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/redis/lane_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(LaneTest, WhatWasNotCommittedIsSentAgainInItsOrderBeforeWhatIsNew) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  OfferAndFlush(3, {"c"});  // waits behind the window
  LoseLink();
  OfferAndFlush(4, {"d"});
  EXPECT_THAT(settled, IsEmpty());
  PassAndSweep(100);
  ComeUp();
  lane().Flush();
  EXPECT_THAT(
      redis().Unanswered(),
      ElementsAre("MULTI", "XADD s * f a", "SETRANGE ledger 1", "EXPIRE ledger 86400", "EXEC",  //
                  "MULTI", "XADD s * f b", "SETRANGE ledger 2", "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(AppliedValues(), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored", "3 stored", "4 stored"));
}

TEST_F(LaneTest, WhatTheLedgerCountsWasStoredThoughItsReplyWasLost) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  redis().keys["ledger"] = LedgerOf({1});
  LoseLink();
  PassAndSweep(100);
  ComeUp();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(), ElementsAre("MULTI", "XADD s * f b", "SETRANGE ledger 2",
                                                "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
}

TEST_F(LaneTest, ARequestWithAKeyIsUnknownWhereItsReplyWasLost) {
  StartConnectedLane();
  AppendCommand({"EVAL", "script", "1", "s", "a"}, lane().Begin());
  lane().Commit({.session = {}, .answer = 1, .records = 1, .keyed = true}, 1);
  OfferAndFlush(2, {"b"});
  redis().keys["ledger"] = LedgerOf({1});
  LoseLink();
  PassAndSweep(100);
  ComeUp();
  EXPECT_THAT(settled, ElementsAre("1 unknown", "2 stored")) << "it may have been refused";
}

TEST_F(LaneTest, ABatchThatWasRefusedIsNotTakenForCommittedWithTheOneBehindIt) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  redis().keys["ledger"] = LedgerOf({2});
  LoseLink();
  PassAndSweep(100);
  ComeUp();
  EXPECT_THAT(settled, ElementsAre("2 stored"));
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(AppliedValues(), ElementsAre("a"));
  EXPECT_THAT(settled, ElementsAre("2 stored", "1 stored"));
}

TEST_F(LaneTest, RefusalsOfALostReplyAreForgottenWhenItIsSentAgain) {
  StartConnectedLane();
  OfferAndFlush(1, {"a", "b"});
  wire().Say("+OK\r\n-OOM no\r\n");
  LoseLink();
  PassAndSweep(100);
  ComeUp();
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
}

TEST_F(LaneTest, NoTwoOpenBatchesShareASlotOfTheLedger) {
  options.window = 16;
  options.batch_records_max = 1;
  StartConnectedLane();
  for (uint32_t id = 1; id <= 20; ++id) OfferAndFlush(id, {std::to_string(id)});
  LoseLink();
  redis().keys["ledger"] = LedgerOf({2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  PassAndSweep(100);
  ComeUp();
  EXPECT_THAT(settled, testing::SizeIs(15));
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(), ElementsAre("MULTI", "XADD s * f 1", "SETRANGE ledger 1",
                                                "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(AppliedValues(), ElementsAre("1", "17", "18", "19", "20"));
}

TEST_F(LaneTest, NothingIsSentBeforeTheLedgerHasBeenRead) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  LoseLink();
  PassAndSweep(100);
  Connect();
  redis().Answer();  // the greeting
  redis().Answer();  // the fence
  ASSERT_TRUE(link().ready());
  OfferAndFlush(2, {"b"});
  EXPECT_THAT(redis().Unanswered(), ElementsAre("GET ledger"));
  EXPECT_EQ(stats().redis_up.value(), 0u);
  redis().Answer();
  EXPECT_EQ(stats().redis_up.value(), 1u);
}

TEST_F(LaneTest, ALinkThatFallsAgainWhileItRecoversLosesNothing) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  for (int round = 0; round < 3; ++round) {
    LoseLink();
    PassAndSweep(2'000);
    if (round < 2) {
      Connect();
      for (int i = 0; i <= round; ++i) redis().Answer();
    }
  }
  EXPECT_THAT(settled, ElementsAre("1 unknown deadline"));
  ComeUp();
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(AppliedValues(), ElementsAre("a")) << "whoever was told what";
  EXPECT_THAT(settled, ElementsAre("1 unknown deadline"));
}

TEST_F(LaneTest, ALinkWithoutAnythingToConfirmIsUsedAtOnce) {
  StartConnectedLane();
  LoseLink();
  PassAndSweep(100);
  ComeUp();
  OfferAndFlush(1, {"a"});
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
}

TEST_F(LaneTest, RepliesHalfReadBeforeTheLinkFellDoNotCountAgain) {
  StartConnectedLane();
  OfferAndFlush(1, {"a", "b", "c"});
  wire().Say("+OK\r\n+QUEUED\r\n+QUEUED\r\n");
  LoseLink();
  PassAndSweep(100);
  ComeUp();
  OfferAndFlush(2, {"d"});
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
}

TEST_F(LaneTest, ALedgerThatCannotBeReadCostsTheLinkAndNotTheBatch) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  LoseLink();
  PassAndSweep(100);
  Connect();
  redis().errors["GET"] = "NOPERM no";
  while (!wire().closing && !redis().Unanswered().empty()) redis().Answer();
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
  PassAndSweep(100);
  ComeUp();
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
}

TEST_F(LaneTest, ALedgerThatIsNotReadInTimeCostsTheLink) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  LoseLink();
  PassAndSweep(100);
  Connect();
  redis().Answer();
  redis().Answer();
  PassAndSweep(10'001);
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
}

// ---- Replicas ----------------------------------------------------------------------------------

class LaneReplicasTest : public LaneTest {
 protected:
  LaneReplicasTest() {
    options.replicas = 2;
    options.replica_wait_ms = 500;
  }
};

TEST_F(LaneReplicasTest, ARequestIsStoredWhenEnoughReplicasHaveConfirmed) {
  StartConnectedLane();
  redis().replicas = 2;
  OfferAndFlush(1, {"a"});
  EXPECT_THAT(redis().Unanswered(), ElementsAre("MULTI", "XADD s * f a", "SETRANGE ledger 1",
                                                "EXPIRE ledger 86400", "EXEC", "WAIT 2 500"));
  redis().Answer(1);
  EXPECT_THAT(settled, IsEmpty());
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  EXPECT_EQ(lane().unsettled_bytes(), 0u);
}

TEST_F(LaneReplicasTest, WithFewerItIsUnknownAndNotSentAgain) {
  StartConnectedLane();
  redis().replicas = 1;
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 unknown replicas", "2 unknown replicas"));
  EXPECT_TRUE(lane().empty());
}

TEST_F(LaneReplicasTest, ARefusedBatchIsRefusedWhateverReplicasSay) {
  StartConnectedLane();
  redis().replicas = 2;
  redis().refused_in_exec["wrong"] = "WRONGTYPE no";
  redis().refused_while_queueing["ledger"] = "OOM no";
  OfferAndFlush(1, {"a"});
  redis().Answer();
  redis().refused_while_queueing.clear();
  OfferAndFlush(2, {"b"}, "wrong");
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 refused store_said", "2 refused store_said"));
}

TEST_F(LaneReplicasTest, WhatTheLedgerCountsIsStoredIfReplicasConfirmTheLedger) {
  for (const int confirmed : {2, 1}) {
    settled.clear();
    if (confirmed == 2) StartConnectedLane();
    OfferAndFlush(static_cast<uint32_t>(confirmed), {"a"});
    redis().keys["ledger"] = confirmed == 2 ? LedgerOf({1}) : LedgerOf({2});
    LoseLink();
    PassAndSweep(100);
    Connect();
    redis().replicas = confirmed;
    while (!redis().Unanswered().empty()) redis().Answer();
    EXPECT_THAT(settled, ElementsAre(confirmed == 2 ? "2 stored" : "1 unknown replicas"));
  }
}

}  // namespace
}  // namespace sluice
