// Reading and answering; how a session ends is in session_ending.cc.
#include "sluice/gateway/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sluice/base/limits.h"
#include "unit/gateway/session_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kExpect = "Expect: 100-continue\r\n";
constexpr const char* kClose = "Connection: close\r\n";

std::string Get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: gate\r\n\r\n";
}

// ---- Reading -----------------------------------------------------------------------------------

TEST_F(SessionTest, HandsARequestOverWithItsBody) {
  Client& client = Connect();
  client.Say(Post("/now", "the body"));
  EXPECT_THAT(handler.heard, ElementsAre("/now the body"));
  EXPECT_EQ(client.wire->sent, "") << "answers wait for the turn's end";
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
}

TEST_F(SessionTest, ReadsTheSameFromAnyCut) {
  const std::string bytes = Post("/now", "the body") + Post("/missing", "read past") +
                            "POST /now HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "4\r\nchun\r\n3\r\nked\r\n0\r\n\r\n";
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    limits.connections_max = 1'000;
    Client& client = Connect();
    handler.heard.clear();
    client.Say(bytes.substr(0, cut));
    client.Say(bytes.substr(cut));
    TurnEnd();
    ASSERT_THAT(handler.heard, ElementsAre("/now the body", "/now chunked")) << "cut at " << cut;
    ASSERT_THAT(client.Statuses(), ElementsAre(200, 404, 200)) << "cut at " << cut;
  }
}

TEST_F(SessionTest, GathersABodyLargerThanAReadFromItsPieces) {
  Client& client = Connect();
  const std::string body(2 * kReadBufferBytes + 17, 'b');
  const std::string bytes = Post("/now", body);
  for (size_t at = 0; at < bytes.size(); at += kReadBufferBytes) {
    client.Say(bytes.substr(at, kReadBufferBytes));
  }
  EXPECT_THAT(handler.heard, ElementsAre("/now " + body));
}

TEST_F(SessionTest, ReadsPastTheBodyOfARefusedRequest) {
  Client& client = Connect();
  const std::string bytes = Post("/missing", "more to come");
  client.Say(bytes.substr(0, bytes.size() - 5));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(404)) << "the answer does not wait for the body";
  client.Say(bytes.substr(bytes.size() - 5));
  client.Say(Post("/now", "next"));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
  EXPECT_THAT(handler.heard, ElementsAre("/now next"));
}

TEST_F(SessionTest, DoesNotReadPastARefusedBodyForEver) {
  limits.body_bytes_max = 20;
  Client& client = Connect();
  client.Say("POST /missing HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.Say("14\r\n01234567890123456789\r\n");
  TurnEnd();
  EXPECT_FALSE(client.wire->write_finished);
  client.Say("1\r\n0\r\n");
  TurnEnd();
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(SessionTest, AChunkedBodyMayBeRefusedAsItGrows) {
  Client& client = Connect();
  client.Say("POST /grows HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.Say("a\r\n0123456789\r\n");
  TurnEnd();
  EXPECT_THAT(client.Statuses(), IsEmpty());
  client.Say("1\r\n0\r\n");
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(503));
  client.Say("5\r\nmore!\r\n0\r\n\r\n" + Post("/now", "next"));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
  EXPECT_THAT(handler.heard, ElementsAre("/now next"));
}

TEST_F(SessionTest, StopsReadingWhilePipelineMaxAnswersAreOwedAndGoesOnWithTheRest) {
  Client& client = Connect();
  std::string bytes;
  for (const char* body : {"1", "2", "3", "4", "5"}) bytes += Post("/later", body);
  client.Say(bytes + Post("/now", "6").substr(0, 30));
  EXPECT_THAT(handler.later, SizeIs(3));
  EXPECT_FALSE(client.wire->reading);
  Finish(0);
  TurnEnd();
  EXPECT_THAT(handler.later, SizeIs(4));
  EXPECT_FALSE(client.wire->reading);
  Finish(1);
  Finish(2);
  Finish(3);
  TurnEnd();
  EXPECT_THAT(handler.later, SizeIs(5));
  EXPECT_TRUE(client.wire->reading);
  client.Say(Post("/now", "6").substr(30));
  Finish(4);
  TurnEnd();
  EXPECT_THAT(client.Statuses(), SizeIs(6));
  EXPECT_EQ(handler.heard.back(), "/now 6");
}

TEST_F(SessionTest, TheLastRequestMayWaitBehindAFullPipeline) {
  Client& client = Connect();
  client.Say(Post("/later", "1") + Post("/later", "2") + Post("/later", "3") +
             Post("/now", "4", kClose) + Post("/now", "never read"));
  for (size_t i = 0; i < 3; ++i) Finish(i);
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200, 200, 200, 200));
  EXPECT_EQ(handler.heard.back(), "/now 4");
  EXPECT_TRUE(client.wire->write_finished);
}

// ---- Answering ---------------------------------------------------------------------------------

TEST_F(SessionTest, AnswersInTheOrderOfTheRequests) {
  Client& client = Connect();
  client.Say(Post("/later", "1") + Post("/later", "2") + Post("/missing", "3"));
  Finish(1, Answer::Accepted(202, 2));
  TurnEnd();
  EXPECT_EQ(client.wire->sent, "");
  Finish(0);
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200, 202, 404));
}

TEST_F(SessionTest, AnswersOfATurnAreOneWrite) {
  Client& client = Connect();
  client.wire->room = 1;  // shows what was offered at once: all but one byte of it waits
  client.Say(Post("/now", "1") + Post("/now", "2"));
  TurnEnd();
  ASSERT_THAT(client.wire->waiting, SizeIs(1));
  client.wire->TakeWaiting();
  EXPECT_THAT(client.Statuses(), ElementsAre(200, 200));
}

TEST_F(SessionTest, FurtherAnswersWaitWhileTheSocketIsFull) {
  Client& client = Connect();
  client.wire->room = 10;
  client.Say(Post("/now", "1"));
  TurnEnd();
  client.Say(Post("/now", "2"));
  TurnEnd();
  client.wire->TakeWaiting(20);
  EXPECT_EQ(client.wire->sent.size(), 30u);
  TurnEnd();
  client.wire->room = SIZE_MAX;
  client.wire->TakeWaiting();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
}

TEST_F(SessionTest, SaysContinueToAClientThatWaitsForIt) {
  Client& client = Connect();
  const std::string bytes = Post("/now", "body", kExpect);
  client.Say(bytes.substr(0, bytes.size() - 4));
  TurnEnd();
  EXPECT_EQ(client.wire->sent, "HTTP/1.1 100 Continue\r\n\r\n");
  client.Say("body");
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(100, 200));
}

TEST_F(SessionTest, SaysContinueOnlyBehindTheAnswersOwedBefore) {
  Client& client = Connect();
  client.Say(Post("/later", "1"));
  client.Say(
      "POST /now HTTP/1.1\r\nHost: gate\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  TurnEnd();
  EXPECT_EQ(client.wire->sent, "");
  Finish(0);
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200, 100));
  client.Say("body");
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
}

TEST_F(SessionTest, DoesNotSayContinueWhenTheBodyIsThereNorToHttp10) {
  Client& client = Connect();
  client.Say(Post("/now", "body", kExpect));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
  const std::string bytes = Post("/now", "body", kExpect);
  client.Say(bytes.substr(0, bytes.size() - 2));  // it did not wait
  TurnEnd();
  EXPECT_THAT(client.Statuses(), IsEmpty());
  client.Say(bytes.substr(bytes.size() - 2));
  Client& old = Connect();
  old.Say("POST /now HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  TurnEnd();
  EXPECT_EQ(old.wire->sent, "");
}

TEST_F(SessionTest, ARefusalInsteadOfContinueIsTheLastAnswer) {
  Client& client = Connect();
  const std::string bytes = Post("/missing", "body", kExpect);
  client.Say(bytes.substr(0, bytes.size() - 4));
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].status, 404);
  EXPECT_TRUE(answers[0].Says("Connection", "close"));
}

TEST_F(SessionTest, TheAnswerToHeadHasNoBody) {
  Client& client = Connect();
  client.Say("HEAD /missing HTTP/1.1\r\nHost: gate\r\n\r\n");
  TurnEnd();
  EXPECT_THAT(client.wire->sent, StartsWith("HTTP/1.1 404"));
  EXPECT_TRUE(client.wire->sent.ends_with("\r\n\r\n"));
  EXPECT_EQ(client.wire->sent.find("Content-Length: 0"), std::string::npos);
}

TEST_F(SessionTest, TellsTheHandlerOfEachAnswerAndHowLongItTook) {
  Client& client = Connect();
  client.Say(Post("/later", "1") + Get("/missing"));
  Pass(40);
  Finish(0);
  TurnEnd();
  EXPECT_THAT(handler.answered, ElementsAre(200, 404));
  EXPECT_THAT(handler.answer_ns, ElementsAre(40 * kNsPerMs, 40 * kNsPerMs));
}

TEST_F(SessionTest, NotHttpIsAnsweredBehindWhatIsOwedAndEndsTheConnection) {
  Client& client = Connect();
  client.Say(Post("/later", "1") + "\x16\x03\x01 not HTTP");
  TurnEnd();
  EXPECT_EQ(client.wire->sent, "");
  Finish(0);
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200, 400));
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(SessionTest, BadFramingInTheMiddleOfABodyIsThatRequestsAnswer) {
  Client& client = Connect();
  client.Say(
      "POST /now HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\nxyz");
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(400));
  EXPECT_THAT(handler.heard, ElementsAre("/now abandoned"));
}

TEST_F(SessionTest, ABodyThatDoesNotComeInOneReadMayBeRefusedThen) {
  Client& client = Connect();
  client.Say(Post("/impatient", "whole"));
  client.Say("POST /impatient HTTP/1.1\r\nHost: g\r\nContent-Length: 10\r\n\r\nhalf ");
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200, 503));
  client.Say("half." + Post("/now", "x"));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200)) << "the rest of it was read past";
  client.Say(
      "POST /impatient HTTP/1.1\r\nHost: g\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(503));
  EXPECT_TRUE(client.wire->write_finished) << "whether its body comes nobody knows";
}

}  // namespace
}  // namespace sluice
