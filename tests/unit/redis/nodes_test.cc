#include "sluice/redis/nodes.h"

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

// ---- The map -----------------------------------------------------------------------------------

TEST_F(NodesTest, LanesGoToTheirSlotsNodesOnceTheseAreKnown) {
  Start();
  EXPECT_EQ(wires_.size(), 1u) << "nothing is dialled but the question";
  EXPECT_EQ(Asked(), kA);
  Tell({{0, 8'191, kB}, {8'192, 16'383, kC}});
  LinkUp(kB);
  LinkUp(kC);
  Offer(low(), 1);
  Offer(high(), 2);
  EXPECT_EQ(Redis(kB).Unanswered()[2], "SETRANGE low 1");
  EXPECT_EQ(Redis(kC).Unanswered()[2], "SETRANGE high 1");
  Redis(kB).Answer();
  Redis(kC).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
  EXPECT_EQ(stats_.node_maps.value(), 1u);
  for (int i = 0; i < 100; ++i) Step(100);
  EXPECT_EQ(wires_.size(), 3u) << "while all goes well nobody is asked";
}

TEST_F(NodesTest, LanesOfOneNodeShareALink) {
  Start();
  Tell({{0, 16'383, kB}});
  EXPECT_EQ(wires_.size(), 2u);
  LinkUp(kB);
  Offer(low(), 1);
  Offer(high(), 2);
  EXPECT_THAT(Redis(kB).Unanswered(), testing::SizeIs(10));
  Redis(kB).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
}

TEST_F(NodesTest, ALaneWhoseSlotNobodyHasWaitsUntilSomebodyHasIt) {
  Start();
  Tell({{0, 8'191, kC}});
  LinkUp(kC);
  Offer(high(), 1);
  TellNext({{0, 8'191, kC}});
  TellNext({{0, 16'383, kC}});
  Step();
  Redis(kC).Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored"));
}

TEST_F(NodesTest, WithAPasswordItSaysItBeforeItAsksWhateverIsSaidToIt) {
  for (const auto& [before, auth] :
       {std::pair("me:secret@", "AUTH me secret"), std::pair(":secret@", "AUTH secret")}) {
    url = "redis+cluster://" + std::string(before) + kA;
    if (nodes_) TearDown();
    Start();
    EXPECT_EQ(Question(), std::string(auth) + ", CLUSTER SLOTS");
    Say("-ERR AUTH called without any password configured\r\n");
    Say("*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$8\r\n10.0.0.3\r\n:7003\r\n$1\r\na\r\n");
    EXPECT_EQ(wires_.back().to, kC);
  }
}

TEST_F(NodesTest, OneRedisIsAskedNothingAndRedirectsNobody) {
  url = "redis://" + kC;
  Start();
  LinkUp(kC);
  Redis(kC).exec_error = "MOVED 1 " + kA;
  Offer(low(), 1);
  Redis(kC).Answer();
  Step(1'000);
  EXPECT_THAT(settled, ElementsAre("1 refused"));
  EXPECT_EQ(wires_.size(), 1u);
}

// ---- Whom to ask -------------------------------------------------------------------------------

TEST_F(NodesTest, WhoDoesNotAnswerIsFollowedByTheNext) {
  url = "redis+cluster://" + kA + "," + kB + "," + kC;
  Start();
  std::vector<std::string> asked;
  for (int i = 0; i < 4; ++i) {
    asked.push_back(Asked());
    if (i == 0) RefuseQuestion();
    if (i == 1) {
      Question();
      Say("-ERR This instance has cluster support disabled\r\n");
    }
    if (i == 2) {
      Question();  // and no answer
      Step(kConnectMs);
    }
    WaitForQuestion();
  }
  EXPECT_THAT(asked, ElementsAre(kA, kB, kC, kA));
}

TEST_F(NodesTest, ThatNobodyAnswersIsOneLine) {
  Start();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(log_.lines.size(), i < 2 ? 0u : 1u) << i;
    RefuseQuestion();
    WaitForQuestion();
  }
  EXPECT_THAT(log_.lines, ElementsAre("where Redis is was not learned; redis.url says whom to ask "
                                      "lane=bulk asked=" +
                                      kB + " reason=connection refused"));
}

TEST_F(NodesTest, TheWaitBetweenQuestionsGrowsToItsBound) {
  Start();
  uint64_t waited_ms = 0;
  for (int i = 0; i < 10; ++i) {
    RefuseQuestion();
    Step();
    waited_ms = 0;
    for (; waited_ms < 5'000 && Asked().empty(); waited_ms += 10) Step(10);
    if (i == 0) {
      EXPECT_EQ(waited_ms, kBackoffMinMs);
    }
  }
  EXPECT_EQ(waited_ms, kBackoffMaxMs / 2);
}

TEST_F(NodesTest, AllThatTheMapNamesAreAskedInTurnAndTheSeedsEachOnce) {
  Start();
  Tell({{0, 99, kB}, {100, 100, kC}, {101, 8'000, kB}, {8'001, 15'999, kC}});
  LinkUp(kC);
  std::vector<std::string> asked;
  for (int i = 0; i < 3; ++i) {
    WaitForQuestion();  // who has the high slot?
    asked.push_back(Asked());
    RefuseQuestion();
  }
  EXPECT_THAT(asked, testing::UnorderedElementsAre(kA, kB, kC));
}

// ---- The end -----------------------------------------------------------------------------------

TEST_F(NodesTest, MayBeClosedAtAnyPoint) {
  for (int stage = 0; stage < 7; ++stage) {
    if (nodes_) TearDown();
    settled.clear();
    Start();
    if (stage > 0) Question();
    if (stage > 1) Say("*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$8\r\n10.0.0.3\r\n:7003\r\n$1\r\na\r\n");
    if (stage > 2) LinkUp(kC);
    if (stage > 3) Offer(low(), 1);
    if (stage > 4) Redis(kC).exec_error = "MOVED 1 " + kA;
    if (stage > 4) Redis(kC).Answer();
    if (stage > 5) Step(100);
    nodes_->Close();
    nodes_->Turn();
    nodes_->Sweep();
    EXPECT_FALSE(nodes_->closed()) << stage;
    for (const Wire& wire : wires_) {
      EXPECT_TRUE(wire.fake->closing || wire.fake->destroyed) << stage << " " << wire.to;
    }
    const size_t dialled = wires_.size();
    FinishWires();
    EXPECT_TRUE(nodes_->closed()) << stage;
    nodes_->Turn();
    nodes_->Sweep();
    EXPECT_EQ(wires_.size(), dialled) << stage;
  }
}

}  // namespace
}  // namespace sluice
