#include "sluice/http/problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/json.h"

namespace sluice {
namespace {

std::vector<Problem> AllProblems() {
  std::vector<Problem> problems;
  for (uint8_t i = 0; i < static_cast<uint8_t>(Problem::kCount); ++i) {
    problems.push_back(static_cast<Problem>(i));
  }
  return problems;
}

// One row of the contract's table of answers.
void ExpectInfo(Problem problem, uint16_t code, std::string_view outcome, bool retry_after,
                bool close) {
  const ProblemInfo& info = InfoOf(problem);
  EXPECT_EQ(info.code, code);
  EXPECT_EQ(info.outcome, outcome) << info.detail;
  EXPECT_EQ(info.retry_after, retry_after) << info.detail;
  EXPECT_EQ(info.close, close) << info.detail;
}

TEST(ProblemTest, FaultyFramingIs400AndCloses) {
  for (const Problem problem :
       {Problem::kMalformedRequest, Problem::kMissingHost, Problem::kAmbiguousLength}) {
    ExpectInfo(problem, 400, "", false, true);
  }
}

TEST(ProblemTest, WhatTheRequestAsksForInVainKeepsTheConnection) {
  ExpectInfo(Problem::kBadRecords, 400, "not_stored", false, false);
  ExpectInfo(Problem::kBadIdempotencyKey, 400, "not_stored", false, false);
  ExpectInfo(Problem::kBadGzip, 400, "not_stored", false, false);
  ExpectInfo(Problem::kNoToken, 401, "", false, false);
  ExpectInfo(Problem::kUnknownToken, 401, "", false, false);
  ExpectInfo(Problem::kForbiddenRoute, 403, "", false, false);
  ExpectInfo(Problem::kForbiddenKeys, 403, "not_stored", false, false);
  ExpectInfo(Problem::kNotFound, 404, "", false, false);
  ExpectInfo(Problem::kMethodNotAllowed, 405, "", false, false);
  ExpectInfo(Problem::kUnsupportedMediaType, 415, "", false, false);
  ExpectInfo(Problem::kUnsupportedCoding, 415, "", false, false);
  ExpectInfo(Problem::kKeyReused, 422, "not_stored", false, false);
  ExpectInfo(Problem::kTooManyRequests, 429, "not_stored", true, false);
}

TEST(ProblemTest, WhatLeavesTheNextRequestUnfoundCloses) {
  ExpectInfo(Problem::kRequestTimeout, 408, "", false, true);
  ExpectInfo(Problem::kLengthRequired, 411, "", false, true);
  ExpectInfo(Problem::kContentTooLarge, 413, "", false, true);
  ExpectInfo(Problem::kChunkLinesTooLarge, 413, "", false, true);
  ExpectInfo(Problem::kGzipBomb, 413, "", false, true);
  ExpectInfo(Problem::kUriTooLong, 414, "", false, true);
  ExpectInfo(Problem::kExpectationFailed, 417, "", false, true);
  ExpectInfo(Problem::kHeadTooLarge, 431, "", false, true);
  ExpectInfo(Problem::kUnknownMethod, 501, "", false, true);
  ExpectInfo(Problem::kUnknownTransferCoding, 501, "", false, true);
  ExpectInfo(Problem::kUnknownVersion, 505, "", false, true);
}

TEST(ProblemTest, A503SaysWhatBecameOfTheRecordsAndWhenToComeBack) {
  ExpectInfo(Problem::kShedMemory, 503, "not_stored", true, false);
  ExpectInfo(Problem::kShedConnections, 503, "not_stored", true, true);
  ExpectInfo(Problem::kDeadlineNotStored, 503, "not_stored", true, false);
  ExpectInfo(Problem::kDeadlineUnknown, 503, "unknown", true, false);
  ExpectInfo(Problem::kStoreRefused, 503, "not_stored", true, false);
  ExpectInfo(Problem::kReplicasUnknown, 503, "unknown", true, false);
  ExpectInfo(Problem::kDrainNotStored, 503, "not_stored", true, true);
  ExpectInfo(Problem::kDrainUnknown, 503, "unknown", true, true);
  ExpectInfo(Problem::kNotReady, 503, "", true, false);
}

// RFC 9457 section 3, with "success" added.
TEST(ProblemTest, EveryReadyBodyIsAProblemDocument) {
  for (const Problem problem : AllProblems()) {
    const ProblemInfo& info = InfoOf(problem);
    SCOPED_TRACE(info.detail);
    const Json body = Json::Parse(ReadyBody(problem));
    EXPECT_EQ(body.Text("type"), "about:blank");
    EXPECT_EQ(body.Text("title"), ReasonPhrase(info.code));
    EXPECT_EQ(body.Text("status"), std::to_string(info.code));
    EXPECT_EQ(body.Text("detail"), info.detail);
    ASSERT_NE(body.Find("success"), nullptr);
    EXPECT_TRUE(body.Find("success")->IsFalse());
    EXPECT_EQ(body.Text("outcome"), info.outcome);
    EXPECT_EQ(body.Find("outcome") != nullptr, !info.outcome.empty());
    EXPECT_EQ(body.members().size(), info.outcome.empty() ? 5u : 6u);
  }
}

TEST(ProblemTest, AReadyBodyIsMadeOnce) {
  EXPECT_EQ(ReadyBody(Problem::kNotFound).data(), ReadyBody(Problem::kNotFound).data());
}

TEST(ProblemTest, EveryDetailIsASentence) {
  for (const Problem problem : AllProblems()) {
    EXPECT_GT(InfoOf(problem).detail.size(), 10u);
    EXPECT_EQ(InfoOf(problem).detail.back(), '.') << InfoOf(problem).detail;
  }
}

TEST(ReasonPhraseTest, IsAsRfc9110Says) {
  EXPECT_EQ(ReasonPhrase(200), "OK");
  EXPECT_EQ(ReasonPhrase(202), "Accepted");
  EXPECT_EQ(ReasonPhrase(413), "Content Too Large");
  EXPECT_EQ(ReasonPhrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(ReasonPhrase(505), "HTTP Version Not Supported");
}

TEST(ProblemDeathTest, CountIsNoProblemAnd299HasNoPhrase) {
  EXPECT_DEATH(InfoOf(Problem::kCount), "invariant broken");
  EXPECT_DEATH((void)ReadyBody(Problem::kCount), "invariant broken");
  EXPECT_DEATH((void)ReasonPhrase(299), "reason phrase");
}

}  // namespace
}  // namespace sluice
