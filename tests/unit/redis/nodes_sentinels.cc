// Nodes among sentinels: who is the primary, and who says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sluice/base/limits.h"
#include "unit/redis/nodes_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;

class SentinelNodesTest : public NodesTest {
 protected:
  SentinelNodesTest() { url = "redis+sentinel://" + kA + "," + kB + "/main"; }

  // Of the primary, as a sentinel knows it: more than is looked at, and in no order.
  void SayPrimary(const std::string& node, uint64_t epoch) {
    const Address address = Address::Parse(node).value();
    std::string reply;
    size_t words = 0;
    for (const std::string& word :
         {std::string("name"), std::string("main"), std::string("port"),
          std::to_string(address.port), std::string("ip"), address.host, std::string("flags"),
          std::string("master"), std::string("config-epoch"), std::to_string(epoch)}) {
      reply += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
      ++words;
    }
    Say("*" + std::to_string(words) + "\r\n" + reply);
  }
  // Whoever is asked next says so.
  void NextSays(const std::string& node, uint64_t epoch) {
    WaitForQuestion();
    EXPECT_EQ(Question(), "SENTINEL MASTER main");
    SayPrimary(node, epoch);
  }
  void StartUpOn(const std::string& node, uint64_t epoch) {
    Start();
    NextSays(node, epoch);
    LinkUp(node);
    Step();
    ASSERT_EQ(stats_.redis_up.value(), 2u);
  }
};

TEST_F(SentinelNodesTest, SayWhereThePrimaryIsForAllLanes) {
  Start();
  EXPECT_EQ(Question(), "SENTINEL MASTER main");
  Say("-ERR No such master with that name\r\n");
  WaitForQuestion();
  EXPECT_EQ(Asked(), kB);
  NextSays(kC, 0);
  LinkUp(kC);
  Offer(low(), 1);
  Redis(kC).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  // It becomes a replica of another.
  Redis(kC).refused_while_queueing["s"] = "READONLY You can't write against a read only replica.";
  Offer(low(), 2);
  Redis(kC).Answer();
  NextSays(kA, 1);
  Step(kRedirectWaitMs);
  LinkUp(kA);
  Redis(kA).Answer();
  Step();
  Redis(kA).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
}

TEST_F(SentinelNodesTest, AreAskedInTurnWhileAllIsWell) {
  StartUpOn(kC, 0);
  std::vector<std::string> asked;
  for (int second = 0; second < 4; ++second) {
    EXPECT_EQ(Asked(), "");
    for (uint64_t ms = 0; ms < kSentinelWatchMs && Asked().empty(); ms += 100) Step(100);
    asked.push_back(Asked());
    NextSays(kC, 0);
  }
  EXPECT_THAT(asked, ElementsAre(kB, kA, kB, kA));
  EXPECT_TRUE(IsOpen(kC));
  EXPECT_EQ(stats_.node_maps.value(), 1u) << "nothing else was learned";
}

// As it is behind `SENTINEL FAILOVER`: the old one takes records until it is told, and loses them.
TEST_F(SentinelNodesTest, APrimaryThatDoesNotKnowThatItIsNoneIsLeft) {
  StartUpOn(kC, 0);
  Offer(low(), 1);  // on its way
  NextSays(kA, 1);
  Step();
  Step();
  EXPECT_FALSE(IsOpen(kC));
  LinkUp(kA);
  Redis(kA).Answer();  // it has nothing of the first
  Step();
  Redis(kA).Answer();
  Offer(high(), 2);
  Redis(kA).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
  EXPECT_EQ(stats_.node_maps.value(), 2u);
}

TEST_F(SentinelNodesTest, OneThatHasNotHeardOfAFailoverIsNotBelieved) {
  StartUpOn(kC, 1);
  NextSays(kA, 0);
  NextSays(kC, 1);
  NextSays(kA, 0);
  NextSays(kC, 1);
  EXPECT_TRUE(IsOpen(kC));
  EXPECT_EQ(stats_.node_maps.value(), 1u);
}

TEST_F(SentinelNodesTest, ThatWereSetUpAnewAreBelievedWhenAllSayTheSame) {
  StartUpOn(kC, 7);
  NextSays(kA, 0);
  EXPECT_TRUE(IsOpen(kC));
  NextSays(kA, 0);
  Step();
  Step();
  EXPECT_FALSE(IsOpen(kC));
  LinkUp(kA);
  EXPECT_EQ(stats_.redis_up.value(), 2u);
}

TEST_F(SentinelNodesTest, WhatTheyNameAndIsNoPrimaryIsNotUsed) {
  Start();
  NextSays(kC, 0);
  Wire& wire = To(kC);
  wire.fake->Connect();
  ScriptedRedis replica(*wire.fake);
  replica.role = "slave";
  replica.Answer();
  EXPECT_TRUE(wire.fake->closing);
  EXPECT_EQ(stats_.redis_up.value(), 0u);
}

}  // namespace
}  // namespace sluice
