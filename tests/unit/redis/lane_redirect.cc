// A lane that Redis turns away: what it sent comes back, and goes again where its guide attaches
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/redis/lane_redirect_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kMoved = "MOVED 3999 10.0.0.2:7002";

TEST_F(LaneRedirectTest, ABatchThatIsTurnedAwayGoesElsewhereBehindTheLedgersQuestion) {
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  Offer(1, {"a", "b"});
  Offer(2, {"c"}, "t");
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(told_, ElementsAre("moved 10.0.0.2:7002"));
  EXPECT_THAT(settled, IsEmpty());
  EXPECT_EQ(stats().redis_up.value(), 0u);
  GoElsewhere();
  lane().Flush();
  EXPECT_THAT(elsewhere_->Unanswered(), ElementsAre("GET ledger"));
  elsewhere_->Answer();
  lane().Flush();
  EXPECT_THAT(elsewhere_->Unanswered(),
              ElementsAre("MULTI", "XADD s * f a", "XADD s * f b", "XADD t * f c",
                          "SETRANGE ledger 1", "EXPIRE ledger 86400", "EXEC"));
  elsewhere_->Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
  EXPECT_EQ(stats().redis_up.value(), 1u);
  EXPECT_THAT(AppliedValues(), IsEmpty());
}

TEST_F(LaneRedirectTest, EveryRedirectionCountsWhileQueueingAndAtExec) {
  struct Said {
    const char* error;
    const char* told;
  };
  StartConnectedLane();
  uint32_t id = 0;
  for (const Said& said : {Said{kMoved, "moved 10.0.0.2:7002"},
                           {"ASK 1 [::1]:7", "ask [::1]:7"},
                           {"TRYAGAIN Multiple keys request", "wait "},
                           {"CLUSTERDOWN The cluster is down", "wait "},
                           {"READONLY You can't write", "wait "}}) {
    for (const std::string place : {"s", "ledger", "EXEC"}) {
      (place == "EXEC" ? redis().exec_error : redis().refused_while_queueing[place]) = said.error;
      OfferAndFlush(++id, {"a"});
      redis().Answer();
      EXPECT_THAT(told_, ElementsAre(said.told)) << said.error << " at " << place;
      EXPECT_EQ(settled.size(), id - 1);
      redis().exec_error.clear();
      redis().refused_while_queueing.clear();
      told_.clear();
      lane().Detach();
      lane().Attach(shared());
      redis().Answer();
      lane().Flush();
      redis().Answer();
      EXPECT_EQ(settled.size(), id);
      EXPECT_EQ(settled.back(), std::to_string(id) + " stored");
    }
  }
}

TEST_F(LaneRedirectTest, NothingIsSentBetween) {
  options.window = 4;
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"}, "t");
  redis().Answer(1);
  EXPECT_THAT(told_, IsEmpty()) << "another is on the link still";
  OfferAndFlush(3, {"c"});
  EXPECT_THAT(redis().Unanswered(), testing::SizeIs(5));
  redis().Answer();
  EXPECT_THAT(told_, ElementsAre("moved 10.0.0.2:7002"));
  OfferAndFlush(4, {"d"});
  EXPECT_THAT(redis().Unanswered(), IsEmpty());
  GoElsewhere();
  AnswerElsewhere();
  EXPECT_THAT(settled, ElementsAre("2 stored", "1 stored", "3 stored", "4 stored"));
  EXPECT_THAT(AppliedElsewhere(), ElementsAre("a", "#1", "c", "d", "#3"));
}

TEST_F(LaneRedirectTest, WhatComesBackOutOfAWindowKeepsItsOrderAndNumbers) {
  options.window = 8;
  StartConnectedLane();
  redis().refused_while_queueing["moved"] = kMoved;
  for (uint32_t id = 1; id <= 6; ++id) {
    OfferAndFlush(id, {std::to_string(id)}, id % 3 == 2 ? "s" : "moved");
  }
  redis().Answer();
  EXPECT_THAT(told_, ElementsAre("moved 10.0.0.2:7002"));
  EXPECT_THAT(settled, ElementsAre("2 stored", "5 stored"));
  GoElsewhere();
  AnswerElsewhere();
  EXPECT_THAT(AppliedElsewhere(), ElementsAre("1", "#1", "3", "#3", "4", "#4", "6", "#6"));
  EXPECT_THAT(settled,
              ElementsAre("2 stored", "5 stored", "1 stored", "3 stored", "4 stored", "6 stored"));
}

TEST_F(LaneRedirectTest, TheFirstRedirectionIsTheOneThatCounts) {
  StartConnectedLane();
  redis().refused_while_queueing["s"] = "ASK 1 10.0.0.2:7002";
  redis().refused_while_queueing["ledger"] = "TRYAGAIN no";
  OfferAndFlush(1, {"a"});
  redis().refused_while_queueing["t"] = "CLUSTERDOWN no";
  OfferAndFlush(2, {"b"}, "t");
  redis().Answer();
  EXPECT_THAT(told_, ElementsAre("ask 10.0.0.2:7002"));
  GoElsewhere();
  AnswerElsewhere();
}

TEST_F(LaneRedirectTest, WhoWasRefusedInABatchThatIsTurnedAwayIsSentAgainWithIt) {
  StartConnectedLane();
  redis().refused_while_queueing["full"] = "OOM no";
  redis().refused_while_queueing["s"] = kMoved;
  Offer(1, {"a"}, "full");
  Offer(2, {"b"});
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(settled, IsEmpty());
  GoElsewhere();
  AnswerElsewhere();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
}

TEST_F(LaneRedirectTest, AnErrorInsideExecIsNoRedirection) {
  for (const uint32_t replicas : {0u, 1u}) {
    if (replicas == 0) StartConnectedLane();
    redis().refused_in_exec["s"] = kMoved;
    OfferAndFlush(replicas + 1, {"a"});
    redis().Answer();
  }
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_THAT(settled, ElementsAre("1 refused store_said", "2 refused store_said"));
}

TEST_F(LaneRedirectTest, WithoutAGuideARedirectionIsARefusal) {
  guide = nullptr;
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  OfferAndFlush(1, {"a"});
  redis().Answer();
  redis().refused_while_queueing.clear();
  redis().exec_error = "CLUSTERDOWN no";
  OfferAndFlush(2, {"a"});
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 refused store_said", "2 refused store_said"));
}

TEST_F(LaneRedirectTest, RepliesOfReplicasBelongToTheBatchThatIsTurnedAway) {
  options.replicas = 1;
  StartConnectedLane();
  redis().refused_while_queueing["s"] = kMoved;
  OfferAndFlush(1, {"a"});
  redis().Answer(1);
  EXPECT_THAT(told_, IsEmpty());
  redis().Answer();
  EXPECT_THAT(told_, ElementsAre("moved 10.0.0.2:7002"));
  GoElsewhere();
  elsewhere_->replicas = 1;
  AnswerElsewhere();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
}

}  // namespace
}  // namespace sluice
