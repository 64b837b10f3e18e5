// Lanes that follow their slots from node to node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sluice/base/limits.h"
#include "unit/redis/nodes_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(NodesTest, AMoveIsFollowedAtOnceAndWhoeverHasTheSlotIsAskedFirst) {
  StartUp();
  Step(kRedirectWaitMs);
  Redis(kA).exec_error = "MOVED 100 " + kC;
  Offer(low(), 1);
  Redis(kA).Answer();
  Step();
  LinkUp(kC);
  EXPECT_THAT(Redis(kC).Unanswered(), ElementsAre("GET low"));
  Redis(kC).Answer();
  Step(1);
  Redis(kC).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  EXPECT_EQ(Asked(), kC);
  EXPECT_EQ(stats_.redirects[0].value(), 1u);
  Offer(high(), 2);
  Redis(kB).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored")) << "others are not disturbed";
}

TEST_F(NodesTest, AMoveWithoutAHostIsToTheOneThatWasAsked) {
  StartUp();
  Step(kRedirectWaitMs);
  Redis(kA).exec_error = "MOVED 100 :7009";
  Offer(low(), 1);
  Redis(kA).Answer();
  Step();
  EXPECT_EQ(wires_.back().to, "10.0.0.1:7009");
}

TEST_F(NodesTest, NodesThatSendALaneToAndFroAreGivenTime) {
  StartUp();
  Step(kRedirectWaitMs);
  Redis(kA).exec_error = "MOVED 100 " + kB;
  Offer(low(), 1);
  Redis(kA).Answer();
  Step();
  Redis(kB).exec_error = "MOVED 100 " + kA;
  Redis(kB).Answer();
  Step();
  Redis(kB).Answer();
  Step();
  EXPECT_EQ(low().attached(), nullptr);
  for (uint64_t ms = 1; ms < kRedirectWaitMs; ++ms) Step(1);
  EXPECT_EQ(low().attached(), nullptr);
  Step(1);
  EXPECT_NE(low().attached(), nullptr);
  EXPECT_NE(low().attached(), high().attached()) << "it is at A again";
}

TEST_F(NodesTest, AnAskedNodeIsToldSoUntilTheMapSaysThatItHasTheSlot) {
  StartUp();
  Redis(kA).exec_error = "ASK 100 " + kC;
  Offer(low(), 1);
  Redis(kA).Answer();
  Step();
  LinkUp(kC);
  Redis(kC).keys["low"] = LedgerOf({});
  EXPECT_THAT(Redis(kC).Unanswered(), ElementsAre("ASKING", "GET low"));
  Redis(kC).Answer();
  Step();
  EXPECT_EQ(Redis(kC).Unanswered()[0], "ASKING");
  Redis(kC).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  TellNext({{0, 8'191, kA}, {8'192, 16'383, kB}});
  Offer(low(), 2);
  EXPECT_EQ(Redis(kC).Unanswered()[0], "ASKING") << "the slot is on its way";
  Redis(kC).Answer();
  // Nobody says when it has arrived, so that is asked.
  TellNext({{0, 8'191, kC}, {8'192, 16'383, kB}});
  Step();
  Offer(low(), 3);
  EXPECT_EQ(Redis(kC).Unanswered()[0], "MULTI");
  Redis(kC).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored", "3 stored"));
  for (int i = 0; i < 100; ++i) Step(100);
  EXPECT_EQ(Asked(), "") << "and then no more";
}

TEST_F(NodesTest, ASlotThatArrivesWhileItsLaneAsksDisturbsNothingInFlight) {
  StartUp();
  Redis(kA).exec_error = "ASK 100 " + kC;
  Offer(low(), 1);
  Redis(kA).Answer();
  Step();
  LinkUp(kC);
  Redis(kC).keys["low"] = LedgerOf({});
  Redis(kC).Answer();
  Step();
  TellNext({{0, 8'191, kC}, {8'192, 16'383, kB}});
  EXPECT_FALSE(To(kC).fake->closing);
  Redis(kC).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  Offer(low(), 2);
  EXPECT_EQ(Redis(kC).Unanswered()[0], "MULTI");
}

TEST_F(NodesTest, ALaneThatIsToWaitGoesHomeAfterAWhile) {
  StartUp();
  Redis(kA).exec_error = "TRYAGAIN Multiple keys request during rehashing of slot";
  Offer(low(), 1);
  Redis(kA).Answer();
  Step();
  EXPECT_EQ(low().attached(), nullptr);
  EXPECT_TRUE(IsOpen(kA) && !To(kA).fake->closing) << "the lane may come back";
  TellNext({{0, 8'191, kA}, {8'192, 16'383, kB}});
  Redis(kA).exec_error.clear();
  Step(kRedirectWaitMs);
  Redis(kA).Answer();  // the ledger
  Step();
  Redis(kA).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
}

TEST_F(NodesTest, AMapThatMovesALaneWhoseNodeIsSilentDropsItsLink) {
  StartUp();
  Offer(low(), 1);
  Step(kStallMs + 1);
  TellNext({{0, 8'191, kC}, {8'192, 16'383, kB}});
  Step();
  EXPECT_TRUE(To(kA).fake->closing);
  Step();
  LinkUp(kC);
  Redis(kC).keys["low"] = LedgerOf({1});
  Redis(kC).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored")) << "it had arrived in time";
}

TEST_F(NodesTest, AMapDisturbsNoLaneThatIsWell) {
  StartUp();
  Offer(low(), 1);
  To(kB).fake->FinishClose("connection reset by peer");  // so that somebody asks
  TellNext({{0, 16'383, kC}});                           // perhaps an old map
  Step();
  EXPECT_FALSE(To(kA).fake->closing);
  Redis(kA).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  EXPECT_NE(low().attached(), nullptr);
  EXPECT_NE(low().attached(), high().attached()) << "the other goes its way";
}

TEST_F(NodesTest, WhoAsksANodeThatDiesGoesHome) {
  StartUp();
  Redis(kA).exec_error = "ASK 100 " + kC;
  Offer(low(), 1);
  Redis(kA).Answer();
  Step();
  TellNext({{0, 8'191, kA}, {8'192, 16'383, kB}});
  for (uint64_t ms = 0; ms <= kStallMs; ms += 100) {
    if (!To(kC).fake->destroyed) To(kC).fake->FinishClose("connection refused");
    Step(100);
  }
  TellNext({{0, 8'191, kA}, {8'192, 16'383, kB}});
  LinkUp(kA);
  for (int i = 0; i < 3; ++i) {  // the fence, the ledger, and the batch
    Redis(kA).Answer();
    Step();
  }
  EXPECT_THAT(settled, ElementsAre("1 stored"));
}

TEST_F(NodesTest, ANodeWithoutLanesRestsAndItsConnectionIsFencedWhenTheyComeBack) {
  StartUp();
  const int client_id = Redis(kA).client_id;
  Step(kRedirectWaitMs);
  Redis(kA).exec_error = "MOVED 100 " + kC;
  Offer(low(), 1);
  Redis(kA).Answer();
  Step();
  Step();
  EXPECT_FALSE(IsOpen(kA));
  LinkUp(kC);
  Redis(kC).Answer();
  Step();
  Redis(kC).Answer();
  TellNext({{0, 8'191, kC}, {8'192, 16'383, kB}});
  const size_t dialled = wires_.size();
  for (int i = 0; i < 100; ++i) Step(100);
  EXPECT_EQ(wires_.size(), dialled) << "it is left alone";
  Redis(kC).exec_error = "MOVED 100 " + kA;
  Offer(low(), 2);
  Redis(kC).Answer();
  Step();
  LinkUp(kA);
  EXPECT_THAT(Redis(kA).Unanswered(), ElementsAre("CLIENT KILL ID " + std::to_string(client_id)));
  Redis(kA).Answer();
  Redis(kA).Answer();
  Step();
  Redis(kA).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
}

TEST_F(NodesTest, ALinkThatIsDownOrSilentMakesThemAsk) {
  StartUp();
  Step(kStallMs + 1);
  EXPECT_EQ(Asked(), "") << "whoever is asked nothing may be silent";
  Offer(low(), 1);
  Step(kStallMs);
  EXPECT_EQ(Asked(), "");
  Step(1);
  EXPECT_NE(Asked(), "");
  Redis(kA).Answer();
  TellNext({{0, 8'191, kA}, {8'192, 16'383, kB}});
  Step(100);
  EXPECT_EQ(Asked(), "");
  To(kB).fake->FinishClose("connection reset by peer");
  Step(1);
  EXPECT_NE(Asked(), "");
}

}  // namespace
}  // namespace sluice
