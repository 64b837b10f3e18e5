// What a session's time runs out on: no request, a head or a body that is slow, answers that nobody
// reads.
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

class SessionDeadlinesTest : public SessionTest {};

TEST_F(SessionDeadlinesTest, AnIdleConnectionIsClosedAfterIdleMs) {
  Client& client = Connect();
  Pass(limits.idle_ms - 1);
  EXPECT_FALSE(client.wire->closing);
  client.Say(Post("/now", "1"));
  TurnEnd();
  Pass(limits.idle_ms - 1);
  EXPECT_FALSE(client.wire->closing);
  Pass(1);
  EXPECT_TRUE(client.wire->closing);
}

TEST_F(SessionDeadlinesTest, AConnectionThatIsOwedAnAnswerIsNotIdle) {
  Client& client = Connect();
  client.Say(Post("/later", "1"));
  Pass(10 * limits.idle_ms);
  EXPECT_FALSE(client.wire->closing);
  Finish(0);
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
  Pass(limits.idle_ms - 1);
  EXPECT_FALSE(client.wire->closing) << "idle since its answer, not since its request";
  Pass(1);
  EXPECT_TRUE(client.wire->closing);
}

TEST_F(SessionDeadlinesTest, AHeadThatDoesNotArriveInHeaderMsIsAnswered408) {
  Client& client = Connect();
  Pass(5'000);
  client.Say("POST /now HT");
  Pass(limits.header_ms - 1);
  client.Say("TP/1.1\r\n");  // a byte now and then does not help
  EXPECT_THAT(client.Statuses(), IsEmpty());
  Pass(1);
  EXPECT_THAT(client.Statuses(), ElementsAre(408));
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(SessionDeadlinesTest, ABodyThatDoesNotArriveInBodyMsIsAnswered408) {
  Client& client = Connect();
  client.Say(Post("/now", "the body").substr(0, 60));
  Pass(limits.body_ms - 1);
  EXPECT_THAT(client.Statuses(), IsEmpty());
  Pass(1);
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].status, 408);
  EXPECT_TRUE(answers[0].Says("Connection", "close"));
  EXPECT_THAT(handler.heard, ElementsAre("/now abandoned"));
}

TEST_F(SessionDeadlinesTest, ABodyThatComesTooSlowlyIsAnswered408) {
  limits.body_ms = 1'000'000;
  limits.body_bytes_per_second_min = 10;
  Client& client = Connect();
  const std::string bytes = Post("/now", std::string(1'000, 'b'));
  const size_t head = bytes.size() - 1'000;
  client.Say(bytes.substr(0, head + 20));
  Pass(kBodyGraceMs + 2'000);  // 20 bytes, and as many are due
  EXPECT_THAT(client.Statuses(), IsEmpty());
  client.Say(bytes.substr(head + 20, 5));
  Pass(500);
  EXPECT_THAT(client.Statuses(), IsEmpty());
  Pass(200);  // 27 are due
  EXPECT_THAT(client.Statuses(), ElementsAre(408));
}

TEST_F(SessionDeadlinesTest, ABodyThatKeepsItsRateMayTakeAsLongAsBodyMs) {
  limits.body_ms = 60'000;
  limits.body_bytes_per_second_min = 10;
  Client& client = Connect();
  const std::string bytes = Post("/now", std::string(500, 'b'));
  size_t at = bytes.size() - 500;
  client.Say(bytes.substr(0, at));
  for (; at < bytes.size(); at += 10) {
    EXPECT_THAT(client.Statuses(), IsEmpty());
    client.Say(bytes.substr(at, 10));
    Pass(1'000);
  }
  EXPECT_THAT(client.Statuses(), ElementsAre(200));
}

TEST_F(SessionDeadlinesTest, BodyMsCountsFromTheEndOfTheHead) {
  Client& client = Connect();
  const std::string bytes = Post("/now", "the body");
  client.Say(bytes.substr(0, 10));
  Pass(limits.header_ms - 1);
  client.Say(bytes.substr(10, 50));
  Pass(limits.body_ms - 1);
  EXPECT_THAT(client.Statuses(), IsEmpty());
  Pass(1);
  EXPECT_THAT(client.Statuses(), ElementsAre(408));
}

TEST_F(SessionDeadlinesTest, ARefusedBodyThatDoesNotArriveEndsTheConnectionWithoutASecondAnswer) {
  Client& client = Connect();
  const std::string bytes = Post("/missing", "the body");
  client.Say(bytes.substr(0, bytes.size() - 4));
  Pass(limits.body_ms);
  EXPECT_THAT(client.Statuses(), ElementsAre(404));
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(SessionDeadlinesTest, ABodyIsLateAlsoWhereTheClientDoesNotReadItsAnswers) {
  Client& client = Connect();
  client.wire->room = 10;
  client.Say(Post("/now", "1"));
  TurnEnd();
  const std::string bytes = Post("/now", "the body");
  client.Say(bytes.substr(0, bytes.size() - 4));
  Pass(limits.body_ms - 1);
  EXPECT_THAT(handler.heard, ElementsAre("/now 1"));
  Pass(1);
  EXPECT_THAT(handler.heard, ElementsAre("/now 1", "/now abandoned"));
  EXPECT_FALSE(client.wire->closing);
  Pass(limits.idle_ms - limits.body_ms);
  EXPECT_TRUE(client.wire->closing);
}

TEST_F(SessionDeadlinesTest, AClientThatDoesNotReadItsAnswersIsClosedAfterIdleMs) {
  Client& client = Connect();
  client.wire->room = 10;
  client.Say(Post("/now", "1"));
  TurnEnd();
  Pass(limits.idle_ms - 1);
  EXPECT_FALSE(client.wire->closing);
  Pass(1);
  EXPECT_TRUE(client.wire->closing);
}

}  // namespace
}  // namespace sluice
