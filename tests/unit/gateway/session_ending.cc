// How a session ends: after the last request, when the client ends or leaves, and at each phase.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "sluice/base/limits.h"
#include "sluice/gateway/session.h"
#include "unit/gateway/session_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kClose = "Connection: close\r\n";

// ---- After the last request --------------------------------------------------------------------

TEST_F(SessionTest, TheLastAnswerSaysCloseAndTheClientHasTimeToReadIt) {
  Client& client = Connect();
  client.Say(Post("/later", "1") + Post("/now", "2", kClose));
  Finish(0);
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_EQ(answers[0].Header("Connection"), nullptr);
  EXPECT_TRUE(answers[1].Says("Connection", "close"));
  EXPECT_TRUE(client.wire->write_finished);
  EXPECT_FALSE(client.wire->closing) << "closing now might reset the answer away";
  client.Say(Post("/now", "read past"));
  Pass(kLingerMs - 1);
  EXPECT_FALSE(client.wire->closing);
  Pass(1);
  EXPECT_TRUE(client.wire->closing);
  EXPECT_THAT(handler.heard, ElementsAre("/later 1", "/now 2"));
}

TEST_F(SessionTest, LingeringEndsWhenTheClientHasEnded) {
  Client& client = Connect();
  client.Say(Post("/now", "1", kClose));
  TurnEnd();
  client.wire->SayEnd();
  EXPECT_TRUE(client.wire->closing);
}

TEST_F(SessionTest, WhatComesBehindTheLastRequestIsNotHandled) {
  Client& client = Connect();
  client.Say(Post("/now", "1", kClose) + Post("/now", "2"));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
  EXPECT_THAT(handler.heard, ElementsAre("/now 1"));
}

// ---- At its age --------------------------------------------------------------------------------

TEST_F(SessionTest, AnOldConnectionEndsWithItsNextAnswerAndLosesNoRequest) {
  limits.age_ms = 5'000;
  Client& client = Connect();
  Pass(5'000 - 5'000 / kAgeSpread - 1);
  client.Say(Post("/now", "young"));
  TurnEnd();
  EXPECT_EQ(client.Answers().at(0).Header("Connection"), nullptr);
  Pass(5'000);
  EXPECT_FALSE(client.wire->closing) << "nothing says so to a client that is about to send";
  client.Say(Post("/later", "1") + Post("/now", "2"));
  TurnEnd();
  EXPECT_THAT(client.Answers(), IsEmpty());
  Finish(0);
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_EQ(answers[0].Header("Connection"), nullptr);
  EXPECT_TRUE(answers[1].Says("Connection", "close"));
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(SessionTest, ConnectionsOfOneTimeDoNotEndAtOneTime) {
  limits.age_ms = 1'000'000;
  limits.connections_max = 50;
  std::set<uint64_t> ages;
  for (int i = 0; i < 50; ++i) ages.insert(table().AgesAt());
  EXPECT_GT(ages.size(), 40u);
  EXPECT_GT(*ages.rbegin() - *ages.begin(), 100'000 * kNsPerMs);
}

TEST_F(SessionTest, TheEndWaitsForTheSocketToTakeTheLastAnswer) {
  Client& client = Connect();
  client.wire->room = 10;
  client.Say(Post("/now", "1", kClose));
  TurnEnd();
  EXPECT_FALSE(client.wire->write_finished);
  client.wire->TakeWaiting();
  TurnEnd();
  EXPECT_TRUE(client.wire->write_finished);
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
}

TEST_F(SessionTest, AnswersThatEndTheConnectionSaySo) {
  Client& client = Connect();
  client.Say(Post("/large", "body") + Post("/now", "2"));
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].status, 413);
  EXPECT_TRUE(answers[0].Says("Connection", "close"));
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(SessionTest, AnAnswerGivenLaterMayEndTheConnectionToo) {
  Client& client = Connect();
  client.Say(Post("/later", "1") + Post("/now", "2").substr(0, 50));
  Finish(0, Answer::Refusal(Problem::kDrainUnknown));
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_TRUE(answers[0].Says("Connection", "close"));
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(SessionTest, Http10EndsAfterItsAnswerUnlessItAsksToGoOn) {
  Client& once = Connect();
  once.Say("POST /now HTTP/1.0\r\nContent-Length: 1\r\n\r\n1");
  Client& kept = Connect();
  kept.Say("POST /now HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1");
  TurnEnd();
  EXPECT_TRUE(once.Answers().at(0).Says("Connection", "close"));
  EXPECT_TRUE(once.wire->write_finished);
  EXPECT_TRUE(kept.Answers().at(0).Says("Connection", "keep-alive"));
  EXPECT_FALSE(kept.wire->write_finished);
  kept.Say("POST /now HTTP/1.0\r\nContent-Length: 1\r\n\r\n2");
  TurnEnd();
  EXPECT_TRUE(kept.Answers().at(0).Says("Connection", "close"));
}

TEST_F(SessionTest, ARefusalBeforeTheLastRequestsBodySaysCloseAlready) {
  Client& client = Connect();
  client.Say("POST /missing HTTP/1.0\r\nContent-Length: 4\r\n\r\n");
  TurnEnd();
  EXPECT_TRUE(client.Answers().at(0).Says("Connection", "close"));
}

// ---- When the client has ended -----------------------------------------------------------------

TEST_F(SessionTest, AClientThatEndsBetweenRequestsIsClosed) {
  Client& client = Connect();
  client.wire->SayEnd();
  EXPECT_TRUE(client.wire->closing);
}

TEST_F(SessionTest, AClientThatEndsInAHeadGetsNoAnswer) {
  Client& client = Connect();
  client.Say("POST /now HT");
  client.wire->SayEnd();
  EXPECT_TRUE(client.wire->closing);
  EXPECT_EQ(client.wire->sent, "");
}

TEST_F(SessionTest, AClientThatEndsInABodyLeavesNoRequest) {
  Client& client = Connect();
  client.Say(Post("/later", "whole") + Post("/now", "cut in two").substr(0, 60));
  client.wire->SayEnd();
  EXPECT_THAT(handler.heard, ElementsAre("/later whole", "/now abandoned"));
  EXPECT_FALSE(client.wire->closing);
  Finish(0);
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(SessionTest, AClientThatOnlyEndedItsSideStillGetsWhatItIsOwed) {
  Client& client = Connect();
  client.Say(Post("/later", "1"));
  client.wire->SayEnd();
  EXPECT_FALSE(client.wire->closing);
  TurnEnd();
  EXPECT_FALSE(client.wire->write_finished);
  Finish(0);
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(SessionTest, AClientThatEndedStillGetsTheAnswerThatWaitsForTheSocket) {
  Client& client = Connect();
  client.wire->room = 10;
  client.Say(Post("/now", "1"));
  TurnEnd();
  client.wire->SayEnd();
  EXPECT_FALSE(client.wire->closing);
  client.wire->TakeWaiting();
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
  EXPECT_TRUE(client.wire->write_finished);
}

// ---- When the client has left ------------------------------------------------------------------

TEST_F(SessionTest, AnAnswerForAClientThatHasLeftMeetsNobody) {
  Client& gone = Connect();
  gone.Say(Post("/later", "1"));
  gone.wire->FinishClose("connection reset by peer");
  EXPECT_TRUE(gone.wire->destroyed);
  Client& next = Connect();  // in the same place of the table
  next.Say(Post("/later", "2"));
  Finish(0);
  TurnEnd();
  EXPECT_EQ(next.wire->sent, "");
  Finish(1);
  TurnEnd();
  EXPECT_THAT(next.Statuses(), ElementsAre(200));
}

TEST_F(SessionTest, AClientThatLeavesInABodyAbandonsItsRequest) {
  Client& client = Connect();
  client.Say(Post("/now", "cut in two").substr(0, 60));
  client.wire->FinishClose("connection reset by peer");
  EXPECT_THAT(handler.heard, ElementsAre("/now abandoned"));
}

TEST_F(SessionTest, AnAnswerBetweenCloseAndItsEndIsLost) {
  Client& client = Connect();
  client.Say(Post("/later", "1"));
  table().CloseAll();
  Finish(0);
  TurnEnd();
  EXPECT_EQ(client.wire->sent, "");
  EXPECT_THAT(handler.answered, IsEmpty());
}

}  // namespace
}  // namespace sluice
