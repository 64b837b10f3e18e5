#include "sluice/gateway/session_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sluice/base/limits.h"
#include "support/addresses.h"
#include "unit/gateway/session_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class SessionTableTest : public SessionTest {};

// ---- Connections -------------------------------------------------------------------------------

TEST_F(SessionTableTest, ConnectionsOverTheMostAreToldAndLetGo) {
  Connect();
  Connect();
  EXPECT_FALSE(shed());
  Client& third = Connect();
  EXPECT_TRUE(shed());
  TurnEnd();
  const auto answers = third.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].status, 503);
  EXPECT_TRUE(answers[0].Says("Connection", "close"));
  EXPECT_TRUE(answers[0].Says("Retry-After", "3")) << "spread by the session's place";
  EXPECT_TRUE(third.wire->write_finished);
  third.Say(Post("/now", "read past"));
  EXPECT_THAT(handler.heard, IsEmpty());
  Pass(kLingerMs);
  EXPECT_TRUE(third.wire->closing);
  third.wire->FinishClose();
  EXPECT_EQ(table().size(), 2u);
}

TEST_F(SessionTableTest, AConnectionThatEndedMakesRoomForAnother) {
  Connect();
  Connect().wire->FinishClose();
  Connect();
  EXPECT_FALSE(shed());
}

TEST_F(SessionTableTest, RefusalsThatWaitForTheirEndAreBoundedToo) {
  limits.connections_max = 0;
  Client* client = &Connect();
  for (int i = 0; i < 1'000 && !client->wire->closing; ++i) client = &Connect();
  EXPECT_TRUE(client->wire->closing) << "cut without a word";
  EXPECT_TRUE(shed());
  TurnEnd();
  EXPECT_EQ(client->wire->sent, "");
}

TEST_F(SessionTableTest, EachSessionIsWrittenToOnlyItsOwnAnswers) {
  Client& one = Connect();
  Client& two = Connect();
  one.Say(Post("/now", "1"));
  two.Say(Post("/missing", "2"));
  TurnEnd();
  EXPECT_THAT(one.Statuses(), ElementsAre(200));
  EXPECT_THAT(two.Statuses(), ElementsAre(404));
}

TEST_F(SessionTableTest, CloseAllEndsEverySession) {
  Client& one = Connect();
  Client& two = Connect();
  one.Say(Post("/now", "in its body").substr(0, 60));
  table().CloseAll();
  table().CloseAll();
  EXPECT_TRUE(one.wire->closing && two.wire->closing);
  EXPECT_THAT(handler.heard, ElementsAre("/now abandoned"));
  one.wire->FinishClose();
  two.wire->FinishClose();
  EXPECT_EQ(table().size(), 0u);
}

TEST_F(SessionTableTest, CloseAllWritesWhatIsFinishedAndHandlesNothingMore) {
  Client& client = Connect();
  std::string requests;
  for (uint32_t i = 0; i < limits.pipeline_max + 2; ++i) requests += Post("/later", "1");
  client.Say(requests);  // more than are handled before one is answered
  for (size_t i = 0; i < limits.pipeline_max; ++i) Finish(i);
  table().CloseAll();
  EXPECT_THAT(client.Statuses(), ElementsAre(200, 200, 200));
  EXPECT_EQ(handler.later.size(), limits.pipeline_max);
  EXPECT_TRUE(client.wire->closing);
}

TEST_F(SessionTableTest, AClientWithTooManyConnectionsIsTold429) {
  limits.connections_max = 10;
  AddressTable addresses({.connections_max = 1}, 1);
  table().set_addresses(addresses);
  Client& first = Connect(V4(1));
  EXPECT_EQ(shed(), std::nullopt);
  Client& second = Connect(V4(1));
  EXPECT_EQ(shed(), ShedReason::kAddressConnections);
  TurnEnd();
  const auto answers = second.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].status, 429);
  EXPECT_NE(answers[0].Header("Retry-After"), nullptr);
  EXPECT_TRUE(answers[0].Says("Connection", "close"));
  Connect(V4(2));
  EXPECT_EQ(shed(), std::nullopt);
  Client& gone = Connect();
  EXPECT_EQ(shed(), ShedReason::kAddressConnections) << "reset before it was accepted";
  EXPECT_TRUE(gone.wire->closing);
  first.wire->FinishClose();
  Connect(V4(1));
  EXPECT_EQ(shed(), std::nullopt);
  CloseAll();
  EXPECT_EQ(addresses.size(), 0u);
}

TEST_F(SessionTableTest, ConnectionsToldAndLingeringTakeNoPlaceFromOthers) {
  Client& first = Connect();
  Connect();
  Connect();
  ASSERT_TRUE(shed());
  TurnEnd();
  first.wire->FinishClose();
  Connect();
  EXPECT_FALSE(shed()) << "the third still lingers";
}

// ---- Drain -------------------------------------------------------------------------------------

TEST_F(SessionTableTest, ADrainClosesIdleConnectionsOnlyAfterSomeSweeps) {
  Client& client = Connect();
  table().Drain();
  Pass(10 * kSweepPeriodMs);  // a late worker: its sockets were not read meanwhile
  for (uint32_t sweep = 2; sweep < kDrainIdleSweeps; ++sweep) Pass(1);
  EXPECT_FALSE(client.wire->closing) << "a request may be in the socket already";
  Pass(1);
  EXPECT_TRUE(client.wire->closing);
}

TEST_F(SessionTableTest, ADrainTakesARequestThatWasOnItsWayAsTheLast) {
  Client& client = Connect();
  table().Drain();
  client.Say(Post("/now", "1") + Post("/now", "2"));
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_TRUE(answers[0].Says("Connection", "close"));
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(SessionTableTest, ADrainWaitsForAnswersOwedAndMakesThemTheLast) {
  Client& client = Connect();
  client.Say(Post("/later", "1") + Post("/later", "2"));
  table().Drain();
  for (uint32_t sweep = 0; sweep <= kDrainIdleSweeps; ++sweep) Pass(kSweepPeriodMs);
  EXPECT_FALSE(client.wire->closing);
  EXPECT_FALSE(client.wire->write_finished);
  Finish(0);
  Finish(1);
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_EQ(answers[0].Header("Connection"), nullptr);
  EXPECT_TRUE(answers[1].Says("Connection", "close"));
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(SessionTableTest, AnAnswerFinishedBeforeTheDrainsFirstSweepSaysCloseToo) {
  Client& client = Connect();
  client.Say(Post("/later", "1"));
  table().Drain();
  Finish(0);
  TurnEnd();
  EXPECT_TRUE(client.Answers().at(0).Says("Connection", "close"));
  EXPECT_TRUE(client.wire->write_finished);
}

class DrainInTheMiddleTest : public SessionTableTest,
                             public testing::WithParamInterface<const char*> {};

TEST_P(DrainInTheMiddleTest, LetsTheRequestInHandArriveAndAnswersIt) {
  Client& client = Connect();
  const std::string bytes = Post("/now", "the body");
  const size_t cut = bytes.find(GetParam());
  client.Say(bytes.substr(0, cut));
  table().Drain();
  for (uint32_t sweep = 0; sweep <= kDrainIdleSweeps; ++sweep) Pass(kSweepPeriodMs);
  EXPECT_FALSE(client.wire->closing);
  client.Say(bytes.substr(cut));
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].status, 200);
  EXPECT_TRUE(answers[0].Says("Connection", "close"));
  EXPECT_TRUE(client.wire->write_finished);
}

INSTANTIATE_TEST_SUITE_P(, DrainInTheMiddleTest,
                         testing::Values(" HTTP", "Content-Length", "the body", "body"));

TEST_F(SessionTableTest, ADrainAnswersTheRequestsThatWaitBehindAFullPipeline) {
  Client& client = Connect();
  client.Say(Post("/later", "1") + Post("/later", "2") + Post("/later", "3") + Post("/now", "4") +
             Post("/now", "5"));
  table().Drain();
  for (uint32_t sweep = 0; sweep <= kDrainIdleSweeps; ++sweep) Pass(kSweepPeriodMs);
  for (size_t i = 0; i < 3; ++i) Finish(i);
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(4)) << "the next one was in hand, the one behind it was not";
  EXPECT_TRUE(answers[3].Says("Connection", "close"));
  EXPECT_EQ(answers[2].Header("Connection"), nullptr);
}

}  // namespace
}  // namespace sluice
