// What becomes of batches that Redis turned away when links fall, deadlines pass or the slot is
// still on its way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/redis/lane_redirect_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kMoved = "MOVED 3999 10.0.0.2:7002";

// ---- Links that fall ---------------------------------------------------------------------------

TEST_F(LaneRedirectTest, TheLinkMayFallBetweenWhatCameBackAndWhatIsInDoubt) {
  options.window = 4;
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"}, "t");
  OfferAndFlush(3, {"c"}, "t");
  redis().Answer(1);
  EXPECT_THAT(told_, IsEmpty());
  LoseLink();
  EXPECT_THAT(told_, ElementsAre("moved 10.0.0.2:7002"));
  // The second was committed where the slot was, and the ledger came with the slot.
  keys_elsewhere_["ledger"] = LedgerOf({2});
  GoElsewhere();
  AnswerElsewhere();
  EXPECT_THAT(AppliedElsewhere(), ElementsAre("a", "#1", "c", "#3"));
  EXPECT_THAT(settled, ElementsAre("2 stored", "1 stored", "3 stored"));
}

TEST_F(LaneRedirectTest, WhatIsInDoubtGoesAgainBehindWhatCameBack) {
  options.window = 4;
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"}, "t");
  OfferAndFlush(3, {"c"});
  redis().Answer(1);
  wire().Say("+OK\r\n-OOM half a reply\r\n");
  LoseLink();
  GoElsewhere();
  AnswerElsewhere();
  EXPECT_THAT(AppliedElsewhere(), ElementsAre("a", "#1", "b", "#2", "c", "#3"));
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored", "3 stored"));
}

TEST_F(LaneRedirectTest, ARedirectionHalfReadBeforeTheLinkFellIsForgotten) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  wire().Say("+OK\r\n-" + std::string(kMoved) + "\r\n");
  LoseLink();
  EXPECT_THAT(told_, IsEmpty());
  PassAndSweep(100);
  ComeUp();
  redis().refused_while_queueing["s"] = "OOM no";
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_THAT(settled, ElementsAre("1 refused store_said"));
}

TEST_F(LaneRedirectTest, TheQuestionToTheLedgerMayBeTurnedAwayAsWell) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  LoseLink();
  PassAndSweep(100);
  Connect();
  redis().errors["GET"] = kMoved;
  while (!redis().Unanswered().empty()) redis().Answer();
  EXPECT_THAT(told_, ElementsAre("moved 10.0.0.2:7002"));
  EXPECT_FALSE(wire().closing);
  keys_elsewhere_["ledger"] = LedgerOf({1});
  GoElsewhere();
  AnswerElsewhere();
  EXPECT_THAT(AppliedElsewhere(), ElementsAre("b", "#2"));
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
}

TEST_F(LaneRedirectTest, TheOtherNodesLinkMayFallToo) {
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  OfferAndFlush(1, {"a"});
  redis().Answer();
  lane().Detach();
  redis().refused_while_queueing.clear();
  lane().Attach(shared());
  lane().Flush();
  LoseLink();
  PassAndSweep(100);
  ComeUp();
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(AppliedValues(), ElementsAre("a"));
  EXPECT_THAT(settled, ElementsAre("1 stored"));
}

TEST_F(LaneRedirectTest, ALaneThatIsAbandonedOnItsWayLosesItsRecords) {
  options.window = 1;
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  OfferAndFlush(1, {"a", "b"});
  OfferAndFlush(2, {"c"});
  redis().Answer();
  lane().Detach();
  EXPECT_EQ(lane().Abandon(), 3u);
  EXPECT_TRUE(lane().empty());
  EXPECT_THAT(settled, ElementsAre("1 refused drain_ended", "2 refused drain_ended"));
}

TEST_F(LaneRedirectTest, ALaneThatIsAbandonedIsTurnedAwayAllTheSame) {
  options.window = 4;
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  redis().Answer(1);
  lane().Abandon();
  redis().Answer();
  EXPECT_TRUE(lane().empty());
  EXPECT_EQ(lane().unsettled_bytes(), 0u);
  EXPECT_THAT(settled, ElementsAre("1 unknown drain_ended", "2 unknown drain_ended"));
}

// ---- Deadlines ---------------------------------------------------------------------------------

TEST_F(LaneRedirectTest, ADeadlineThatPassesOnTheWayIsRefusedAndItsBytesAreTakenOut) {
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  Offer(1, {"a"});
  const size_t bytes = lane().unsettled_bytes();
  Pass(1'000);
  Offer(2, {"b"});
  lane().Flush();
  redis().Answer();
  lane().Detach();
  PassAndSweep(kDeadlineAfterMs - 1'000);
  EXPECT_THAT(settled, ElementsAre("1 refused deadline"));
  EXPECT_EQ(lane().unsettled_bytes(), bytes);
  GoElsewhere();
  AnswerElsewhere();
  EXPECT_THAT(AppliedElsewhere(), ElementsAre("b", "#1"));
  EXPECT_THAT(settled, ElementsAre("1 refused deadline", "2 stored"));
}

TEST_F(LaneRedirectTest, ABatchWhoseDeadlinesHaveAllPassedOnTheWayIsNotSent) {
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  OfferAndFlush(1, {"a"});
  redis().Answer();
  lane().Detach();
  PassAndSweep(kDeadlineAfterMs);
  EXPECT_TRUE(lane().empty());
  EXPECT_EQ(lane().unsettled_bytes(), 0u);
  GoElsewhere();
  OfferAndFlush(2, {"b"});
  AnswerElsewhere();
  EXPECT_THAT(AppliedElsewhere(), ElementsAre("b", "#2"));
  EXPECT_THAT(settled, ElementsAre("1 refused deadline", "2 stored"));
}

TEST_F(LaneRedirectTest, WhoWasToldUnknownBeforeTheBatchCameBackIsNotSentAgain) {
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  Offer(1, {"a"});
  Pass(1'000);
  Offer(2, {"b"});
  lane().Flush();
  PassAndSweep(kDeadlineAfterMs - 1'000);
  EXPECT_THAT(settled, ElementsAre("1 unknown deadline"));
  redis().Answer();
  GoElsewhere();
  AnswerElsewhere();
  EXPECT_THAT(AppliedElsewhere(), ElementsAre("b", "#1"));
}

TEST_F(LaneRedirectTest, ADeadlineThatPassesWhileTheBatchIsInDoubtIsUnknown) {
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"}, "t");
  redis().Answer(1);
  LoseLink();
  lane().Detach();
  PassAndSweep(kDeadlineAfterMs);
  EXPECT_THAT(settled, ElementsAre("1 refused deadline", "2 unknown deadline"));
  GoElsewhere();
  AnswerElsewhere();
  EXPECT_THAT(AppliedElsewhere(), ElementsAre("b", "#2"));
}

// ---- A slot on its way -------------------------------------------------------------------------

TEST_F(LaneRedirectTest, AskingGoesBeforeEachSendingAndTheWindowIsOne) {
  options.window = 4;
  StartConnectedLane();
  redis().refused_while_queueing["s"] = "ASK 3999 10.0.0.2:7002";
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  redis().Answer();
  keys_elsewhere_["ledger"] = LedgerOf({});
  GoElsewhere(true);
  EXPECT_THAT(elsewhere_->Unanswered(), ElementsAre("ASKING", "GET ledger"));
  elsewhere_->Answer();
  for (const std::string number : {"1", "2"}) {
    lane().Flush();
    EXPECT_THAT(
        elsewhere_->Unanswered(),
        ElementsAre("ASKING", "MULTI", "XADD s * f " + std::string(number == "1" ? "a" : "b"),
                    "SETRANGE ledger " + number, "EXPIRE ledger 86400", "EXEC"));
    elsewhere_->Answer();
  }
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
}

// Where a slot is arriving a question of one key is answered though the key has not come yet.
TEST_F(LaneRedirectTest, ALedgerThatHasNotArrivedSaysNothing) {
  options.window = 4;
  StartConnectedLane();
  redis().refused_while_queueing["s"] = "ASK 3999 10.0.0.2:7002";
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"}, "t");
  redis().Answer(1);
  LoseLink();
  GoElsewhere(true);
  AnswerElsewhere();
  EXPECT_THAT(told_, ElementsAre("ask 10.0.0.2:7002", "wait "));
  EXPECT_THAT(AppliedElsewhere(), IsEmpty());
  keys_elsewhere_["ledger"] = LedgerOf({2});  // now it has
  lane().Detach();
  GoElsewhere(true);
  AnswerElsewhere();
  EXPECT_THAT(AppliedElsewhere(), ElementsAre("a", "#1"));
  EXPECT_THAT(settled, ElementsAre("2 stored", "1 stored"));
}

TEST_F(LaneRedirectTest, WhereItAsksItMayBeTurnedAwayAgain) {
  StartConnectedLane();
  redis().refused_while_queueing["s"] = "ASK 3999 10.0.0.2:7002";
  OfferAndFlush(1, {"a"});
  redis().Answer();
  keys_elsewhere_["ledger"] = LedgerOf({});
  GoElsewhere(true);
  elsewhere_->exec_error = "TRYAGAIN Multiple keys request during rehashing of slot";
  AnswerElsewhere();
  EXPECT_THAT(told_, ElementsAre("ask 10.0.0.2:7002", "wait "));
  redis().refused_while_queueing.clear();
  lane().Detach();
  lane().Attach(shared());
  EXPECT_THAT(redis().Unanswered(), ElementsAre("GET ledger")) << "no ASKING any more";
  redis().Answer();
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
}

TEST_F(LaneRedirectTest, ALaneThatHasSentNothingIsUpWhereverItIsAttached) {
  StartConnectedLane();
  GoElsewhere();
  OfferAndFlush(1, {"a"});
  elsewhere_->Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  EXPECT_THAT(told_, IsEmpty());
}

}  // namespace
}  // namespace sluice
