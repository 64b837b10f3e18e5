#include "sluice/http/response_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr uint64_t kNovember1994Ms = 784'111'777'000;  // RFC 9110's own example
constexpr std::string_view kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

class ResponseWriterTest : public testing::Test {
 protected:
  std::string Written(const Answer& answer, const ResponseFraming& framing = {},
                      uint64_t wall_ms = kNovember1994Ms) {
    Buffer out;
    writer_.Write(answer, framing, wall_ms, out);
    return std::string(out.view());
  }
  std::string DateAt(uint64_t wall_ms) {
    const std::string response = Written(Answer::Accepted(202, 1), {}, wall_ms);
    const size_t begin = response.find("Date: ") + 6;
    return response.substr(begin, response.find("\r\n", begin) - begin);
  }

  ResponseWriter writer_;
};

TEST_F(ResponseWriterTest, ASuccessIsWholeToTheByte) {
  EXPECT_EQ(Written(Answer::Accepted(200, 12)),
            "HTTP/1.1 200 OK\r\n" + std::string(kDate) +
                "Content-Type: application/json\r\nContent-Length: 30\r\n\r\n"
                R"({"success":true,"accepted":12})");
}

TEST_F(ResponseWriterTest, ASuccessOfMemoryIs202) {
  EXPECT_THAT(Written(Answer::Accepted(202, 1)),
              testing::AllOf(testing::StartsWith("HTTP/1.1 202 Accepted\r\n"),
                             EndsWith("\r\n\r\n{\"success\":true,\"accepted\":1}")));
}

TEST_F(ResponseWriterTest, ASuccessMaySayWhereItIsOrWhatWasThereBefore) {
  Answer answer = Answer::Accepted(200, 12);
  answer.remark = Answer::Remark::kInJournal;
  EXPECT_THAT(
      Written(answer),
      EndsWith("Length: 49\r\n\r\n{\"success\":true,\"accepted\":12,\"stored\":\"journal\"}"));
  answer.remark = Answer::Remark::kRepeated;
  EXPECT_THAT(Written(answer), EndsWith("{\"success\":true,\"accepted\":12,\"repeated\":true}"));
  answer.remark = Answer::Remark::kRepeatedRecords;
  answer.repeated = 7;
  EXPECT_THAT(Written(answer), EndsWith("{\"success\":true,\"accepted\":12,\"repeated\":7}"));
  EXPECT_THAT(Written(Answer::Accepted(200, 12)), EndsWith("{\"success\":true,\"accepted\":12}"))
      << "the plain one is not the last one";
}

// The last 200 is kept ready-made; each thing it depends on must make it anew.
TEST_F(ResponseWriterTest, AKeptSuccessIsNeverStale) {
  const std::string first = Written(Answer::Accepted(200, 7));
  EXPECT_EQ(Written(Answer::Accepted(200, 7)), first);
  EXPECT_EQ(Written(Answer::Accepted(200, 7), {}, kNovember1994Ms + 999), first);
  EXPECT_THAT(Written(Answer::Accepted(200, 7), {}, kNovember1994Ms + 1'000),
              HasSubstr("Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n"));
  EXPECT_EQ(Written(Answer::Accepted(200, 7)), first) << "and back";
  EXPECT_THAT(Written(Answer::Accepted(200, 8)), HasSubstr("\"accepted\":8}"));
  EXPECT_THAT(Written(Answer::Accepted(200, 100)), HasSubstr("Content-Length: 31\r\n"));
  EXPECT_THAT(Written(Answer::Accepted(202, 100)), HasSubstr("HTTP/1.1 202"));
  EXPECT_THAT(Written(Answer::Accepted(200, 100), {.connection = ConnectionField::kClose}),
              HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(Written(Answer::Accepted(200, 7)), first);
}

TEST_F(ResponseWriterTest, AProblemHasItsReadyBody) {
  const std::string body(ReadyBody(Problem::kNotFound));
  EXPECT_EQ(Written(Answer::Refusal(Problem::kNotFound)),
            "HTTP/1.1 404 Not Found\r\n" + std::string(kDate) +
                "Content-Type: application/problem+json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
}

TEST_F(ResponseWriterTest, AProblemMayHaveABodyOfItsOwn) {
  Answer answer = Answer::Refusal(Problem::kBadRecords);
  answer.text = R"({"errors":[]})";
  EXPECT_THAT(
      Written(answer),
      testing::AllOf(HasSubstr("HTTP/1.1 400 Bad Request\r\n"),
                     HasSubstr("Content-Type: application/problem+json\r\n"),
                     HasSubstr("Content-Length: 13\r\n"), EndsWith("\r\n\r\n{\"errors\":[]}")));
}

TEST_F(ResponseWriterTest, ATextHasItsOwnType) {
  const std::string response = Written(Answer::Text(200, "text/plain", "ok\n"));
  EXPECT_EQ(response, "HTTP/1.1 200 OK\r\n" + std::string(kDate) +
                          "Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n");
  EXPECT_THAT(Written(Answer::Text(200, "text/plain", "")), HasSubstr("Content-Length: 0\r\n"));
}

TEST_F(ResponseWriterTest, FieldsAreThereWhenTheAnswerHasThem) {
  Answer answer = Answer::Refusal(Problem::kMethodNotAllowed);
  EXPECT_THAT(Written(answer), Not(HasSubstr("\r\nAllow")));
  answer.allow = "POST";
  EXPECT_THAT(Written(answer), HasSubstr("\r\nAllow: POST\r\n"));
  answer = Answer::Refusal(Problem::kShedMemory);
  EXPECT_THAT(Written(answer), Not(HasSubstr("Retry-After")));
  answer.retry_after_seconds = 3;
  EXPECT_THAT(Written(answer), HasSubstr("\r\nRetry-After: 3\r\n"));
}

// RFC 6750 section 3: without an error where no token was presented.
TEST_F(ResponseWriterTest, ARefusalOfCredentialsSaysWhichAreWanted) {
  const std::string begin = "\r\nWWW-Authenticate: Bearer realm=\"sluice\"";
  EXPECT_THAT(Written(Answer::Refusal(Problem::kNoToken)), HasSubstr(begin + "\r\n"));
  EXPECT_THAT(Written(Answer::Refusal(Problem::kUnknownToken)),
              HasSubstr(begin + ", error=\"invalid_token\"\r\n"));
  EXPECT_THAT(Written(Answer::Refusal(Problem::kForbiddenRoute)),
              HasSubstr(begin + ", error=\"insufficient_scope\"\r\n"));
  for (const Answer& other : {Answer::Refusal(Problem::kNotFound), Answer::Accepted(200, 1),
                              Answer::Text(200, "text/plain", "ok\n")}) {
    EXPECT_THAT(Written(other), Not(HasSubstr("WWW-Authenticate")));
  }
}

TEST_F(ResponseWriterTest, TheConnectionFieldIsAsFramed) {
  for (const Answer& answer : {Answer::Accepted(200, 1), Answer::Refusal(Problem::kNotFound)}) {
    EXPECT_THAT(Written(answer), Not(HasSubstr("Connection")));
    EXPECT_THAT(Written(answer, {.connection = ConnectionField::kClose}),
                HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(Written(answer, {.connection = ConnectionField::kKeepAlive}),
                HasSubstr("\r\nConnection: keep-alive\r\n"));
  }
}

// RFC 9110 section 9.3.2.
TEST_F(ResponseWriterTest, HeadIsAnsweredWithAllFieldsAndNoBody) {
  for (const Answer& answer : {Answer::Accepted(200, 1), Answer::Refusal(Problem::kNotFound),
                               Answer::Text(200, "text/plain", "ok\n")}) {
    const std::string whole = Written(answer);
    const std::string head = whole.substr(0, whole.find("\r\n\r\n") + 4);
    EXPECT_EQ(Written(answer, {.connection = {}, .head_only = true}), head);
  }
}

TEST_F(ResponseWriterTest, AppendsBehindWhatIsOwedAlready) {
  Buffer out;
  out.Append(ResponseWriter::Continue());
  writer_.Write(Answer::Accepted(200, 1), {}, kNovember1994Ms, out);
  writer_.Write(Answer::Accepted(200, 1), {}, kNovember1994Ms, out);
  const std::string one = Written(Answer::Accepted(200, 1));
  EXPECT_EQ(out.view(), "HTTP/1.1 100 Continue\r\n\r\n" + one + one);
}

TEST_F(ResponseWriterTest, TheDateIsAnHttpDate) {
  EXPECT_EQ(DateAt(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(DateAt(951'782'399'999), "Mon, 28 Feb 2000 23:59:59 GMT");
  EXPECT_EQ(DateAt(951'782'400'000), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(DateAt(1'798'761'599'000), "Thu, 31 Dec 2026 23:59:59 GMT");
  EXPECT_EQ(DateAt(4'102'444'800'000), "Fri, 01 Jan 2100 00:00:00 GMT");
}

TEST(AnswerTest, ARefusalClosesWhenItsProblemDoes) {
  EXPECT_TRUE(Answer::Refusal(Problem::kMalformedRequest).closes());
  EXPECT_FALSE(Answer::Refusal(Problem::kNotFound).closes());
  EXPECT_FALSE(Answer::Accepted(200, 1).closes());
  EXPECT_FALSE(Answer::Text(503, "text/plain", "").closes());
}

}  // namespace
}  // namespace sluice
