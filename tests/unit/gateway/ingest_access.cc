// IngestHandler where requests must be somebody's: who is let in, what they may write, and how
// much.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/answer.h"
#include "unit/gateway/ingest_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* kOne = R"({"device_id":"d-1"})";
constexpr const char* kInvalid = R"(Bearer realm="sluice", error="invalid_token")";

std::string With(std::string_view secret) {
  return "Authorization: Bearer " + std::string(secret) + "\r\n";
}

std::string Challenge(const HttpResponse& answer) {
  const std::string* text = answer.Header("WWW-Authenticate");
  return text == nullptr ? "" : *text;
}

class IngestAccessTest : public IngestHandlerTest {
 protected:
  IngestAccessTest() : IngestHandlerTest(10 * kBudgetBytes) { Load({}); }

  // The token "any" may do anything, with the secret s-any; "one" only what `one` says, with s-one.
  void Load(Token one) {
    one.id = "one";
    one.secret = DigestOfSecret("s-one");
    std::vector<Token> tokens = {{.id = "any", .secret = DigestOfSecret("s-any")}, std::move(one)};
    tokens.push_back({.id = "named", .common_name = "band-9"});
    Replace(std::move(tokens));
  }
  void Replace(std::vector<Token> tokens) {
    tokens_ = std::make_shared<TokenSet>(std::move(tokens), tokens_.get());
    set_tokens(tokens_);
  }
  // Whether a request is taken.
  bool Takes(const std::string& request, std::string_view peer = "") {
    Client& client = Connect();
    client.wire->peer_name = peer;
    const size_t before = sink.committed.size();
    client.Say(request);
    TurnEnd();
    return sink.committed.size() > before;
  }
  uint64_t Failures(AuthFailure failure) const {
    return stats.auth_failures[static_cast<size_t>(failure)].value();
  }
  uint64_t Limited(RateKind kind) const {
    return stats.rate_limited[static_cast<size_t>(kind)].value();
  }

 private:
  std::shared_ptr<const TokenSet> tokens_;
};

TEST_F(IngestAccessTest, ATokenLetsIn) {
  EXPECT_TRUE(Takes(Post("/v1/vitals", kOne, With("s-any"))));
  EXPECT_TRUE(Takes(Post("/v1/fast", kOne, With("s-one"))));
}

TEST_F(IngestAccessTest, NobodyIsToldWhatIsMissing) {
  const HttpResponse answer = Ask(Post("/v1/vitals", kOne));
  EXPECT_TRUE(IsProblem(answer, 401));
  EXPECT_EQ(Challenge(answer), R"(Bearer realm="sluice")");
  EXPECT_EQ(Challenge(Ask(Post("/v1/vitals", kOne, "Authorization: Basic czphbnk=\r\n"))),
            R"(Bearer realm="sluice")");
  EXPECT_EQ(Failures(AuthFailure::kMissing), 2u);
  EXPECT_EQ(Failures(AuthFailure::kUnknown), 0u);
  EXPECT_EQ(Count(401), 2u);
  EXPECT_THAT(sink.committed, SizeIs(0));
}

TEST_F(IngestAccessTest, AnUnknownTokenIsCalledInvalid) {
  for (const std::string& fields :
       {With("s-on"), With("one"), With("a b"), With("s-any") + With("s-any")}) {
    const HttpResponse answer = Ask(Post("/v1/vitals", kOne, fields));
    EXPECT_TRUE(IsProblem(answer, 401));
    EXPECT_EQ(Challenge(answer), kInvalid) << fields;
    EXPECT_THAT(answer.raw, Not(HasSubstr("s-any")));
  }
  EXPECT_EQ(Failures(AuthFailure::kUnknown), 4u);
}

TEST_F(IngestAccessTest, RequestsBehindARefusedOneAreTaken) {
  Client& client = Connect();
  client.Say(Post("/v1/vitals", kOne) + Post("/v1/fast", kOne, With("s-any")) +
             Post("/v1/vitals", kOne, With("s-no")) + Post("/v1/fast", kOne, With("s-one")));
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(4));
  EXPECT_TRUE(IsProblem(answers[0], 401));
  EXPECT_TRUE(IsAccepted(answers[1], 1, 202));
  EXPECT_TRUE(IsProblem(answers[2], 401));
  EXPECT_TRUE(IsAccepted(answers[3], 1, 202));
}

// What is wrong with a body or its head is said only to who may send it; routes are no secret.
TEST_F(IngestAccessTest, AStrangerLearnsNothingOfBodies) {
  EXPECT_TRUE(IsProblem(Ask(Post("/nowhere", kOne)), 404));
  EXPECT_TRUE(IsProblem(Ask("GET /v1/vitals HTTP/1.1\r\nHost: g\r\n\r\n"), 405));
  for (const std::string& request :
       {Post("/v1/vitals", "no json"), Post("/v1/vitals", kOne, "Content-Type: text/plain\r\n"),
        Post("/v1/vitals", kOne, "Idempotency-Key: x\r\n"),
        Post("/v1/vitals", std::string(kBodyBytesMax + 1, ' ')),
        std::string("POST /v1/vitals HTTP/1.1\r\nHost: g\r\n\r\n")}) {
    EXPECT_TRUE(IsProblem(Ask(request), 401)) << request;
  }
}

TEST_F(IngestAccessTest, ARouteThatIsNotTheTokensIsForbidden) {
  Load({.routes = 0b10});
  const HttpResponse answer = Ask(Post("/v1/vitals", kOne, With("s-one")));
  EXPECT_TRUE(IsProblem(answer, 403));
  EXPECT_EQ(Challenge(answer), R"(Bearer realm="sluice", error="insufficient_scope")");
  EXPECT_EQ(Failures(AuthFailure::kRoute), 1u);
  EXPECT_TRUE(Takes(Post("/v1/fast", kOne, With("s-one"))));
}

TEST_F(IngestAccessTest, AKeyThatIsNotTheTokensIsForbiddenWithItsIndex) {
  Load({.keys = KeyRule({"d-1"}, {})});
  const HttpResponse answer =
      Ask(Post("/v1/vitals", R"([{"device_id":"d-1"},{"device_id":"eve"}])", With("s-one")));
  EXPECT_TRUE(IsProblem(answer, 403));
  const std::vector<AnsweredError> errors = AnsweredErrors(answer);
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0].index, 1u);
  EXPECT_EQ(errors[0].pointer, "/1/device_id");
  EXPECT_EQ(errors[0].code, "forbidden_key");
  EXPECT_EQ(BodyText(answer, "outcome"), "not_stored");
  EXPECT_THAT(answer.raw, Not(HasSubstr("eve")));
  EXPECT_EQ(Failures(AuthFailure::kKey), 1u);
  EXPECT_THAT(sink.committed, SizeIs(0));
  EXPECT_TRUE(Takes(Post("/v1/vitals", kOne, With("s-one"))));
}

TEST_F(IngestAccessTest, WithOtherFaultsBesideItIsABadRequest) {
  Load({.keys = KeyRule({"d-1"}, {})});
  const HttpResponse answer =
      Ask(Post("/v1/vitals", R"([{"device_id":"eve"},{"device_id":1}])", With("s-one")));
  EXPECT_TRUE(IsProblem(answer, 400));
  EXPECT_THAT(AnsweredErrors(answer), SizeIs(2));
  EXPECT_EQ(Failures(AuthFailure::kKey), 0u);
}

// ---- Certificates ------------------------------------------------------------------------------

TEST_F(IngestAccessTest, ACertificateThatNamesATokenIsOne) {
  EXPECT_TRUE(Takes(Post("/v1/vitals", kOne), "band-9"));
  EXPECT_FALSE(Takes(Post("/v1/vitals", kOne), "band-8"));
  EXPECT_FALSE(Takes(Post("/v1/vitals", kOne), "named"));
  EXPECT_EQ(Failures(AuthFailure::kUnknown), 2u);
}

TEST_F(IngestAccessTest, ASecretBesideAnotherTokensCertificateIsNobodys) {
  EXPECT_FALSE(Takes(Post("/v1/vitals", kOne, With("s-any")), "band-9"));
  EXPECT_FALSE(Takes(Post("/v1/vitals", kOne, With("s-no")), "band-9"));
  EXPECT_TRUE(Takes(Post("/v1/vitals", kOne, With("s-any")), "a-proxy"));
}

// ---- Reloads -----------------------------------------------------------------------------------

TEST_F(IngestAccessTest, ARevokedTokenIsRefusedOnALiveConnection) {
  Client& client = Connect();
  client.Say(Post("/v1/fast", kOne, With("s-one")));
  Replace({{.id = "any", .secret = DigestOfSecret("s-any")}});
  client.Say(Post("/v1/fast", kOne, With("s-one")));
  client.Say(Post("/v1/fast", kOne, With("s-any")));
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(3));
  EXPECT_TRUE(IsAccepted(answers[0], 1, 202));
  EXPECT_TRUE(IsProblem(answers[1], 401));
  EXPECT_TRUE(IsAccepted(answers[2], 1, 202));
}

TEST_F(IngestAccessTest, AReloadInTheMiddleOfABodyCounts) {
  const std::string request = Post("/v1/vitals", kOne, With("s-one"));
  Client& kept = Connect();
  kept.Say(request.substr(0, request.size() - 5));
  Load({.keys = KeyRule({"another"}, {})});
  kept.Say(request.substr(request.size() - 5));
  Client& revoked = Connect();
  revoked.Say(request.substr(0, request.size() - 5));
  Client& chunked = Connect();
  chunked.Say("POST /v1/vitals HTTP/1.1\r\nHost: g\r\n" + With("s-one") +
              "Transfer-Encoding: chunked\r\n\r\n");
  Replace({{.id = "any", .secret = DigestOfSecret("s-any")}});
  Replace({{.id = "new", .secret = DigestOfSecret("s-new")}});
  revoked.Say(request.substr(request.size() - 5));
  chunked.Say(Chunk(kOne));
  TurnEnd();
  EXPECT_TRUE(IsProblem(kept.Answers().at(0), 403));
  EXPECT_TRUE(IsProblem(revoked.Answers().at(0), 401));
  EXPECT_TRUE(IsProblem(chunked.Answers().at(0), 401));
}

// ---- Rates -------------------------------------------------------------------------------------

TEST_F(IngestAccessTest, OverTheRateOfRecordsTheTimeToComeBackIsTrue) {
  Load({.records = RateLimit(2, 2)});
  const std::string three = R"([{"device_id":"d"},{"device_id":"d"},{"device_id":"d"}])";
  EXPECT_TRUE(Takes(Post("/v1/vitals", three, With("s-one")))) << "more than the burst, once";
  const HttpResponse answer = Ask(Post("/v1/vitals", kOne, With("s-one")));
  EXPECT_TRUE(IsProblem(answer, 429));
  EXPECT_EQ(BodyText(answer, "outcome"), "not_stored");
  EXPECT_EQ(RetryAfter(answer), 2u) << "however many records are in it";
  EXPECT_EQ(Limited(RateKind::kTokenRecords), 1u);
  EXPECT_TRUE(Takes(Post("/v1/vitals", kOne, With("s-any")))) << "another token's is another's";
  Pass(999);
  EXPECT_FALSE(Takes(Post("/v1/vitals", kOne, With("s-one"))));
  Pass(1);
  EXPECT_TRUE(Takes(Post("/v1/vitals", kOne, With("s-one"))));
  EXPECT_EQ(RetryAfter(Ask(Post("/v1/vitals", three, With("s-one")))), 1u);
}

TEST_F(IngestAccessTest, BadRecordsCostNoRecords) {
  Load({.records = RateLimit(1, 1)});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(IsProblem(Ask(Post("/v1/vitals", R"({"device_id":1})", With("s-one"))), 400));
  }
  EXPECT_TRUE(Takes(Post("/v1/vitals", kOne, With("s-one"))));
  EXPECT_FALSE(Takes(Post("/v1/vitals", kOne, With("s-one"))));
}

TEST_F(IngestAccessTest, BytesCountFromTheHeadOn) {
  Load({.bytes = RateLimit(100, kBodyBytesMax)});
  const std::string largest =
      kOne + std::string(kBodyBytesMax - std::string_view(kOne).size(), ' ');
  EXPECT_TRUE(Takes(Post("/v1/vitals", largest, With("s-one")))) << "a lawful request is possible";
  const HttpResponse answer = Ask(Post("/v1/vitals", largest, With("s-one")));
  EXPECT_TRUE(IsProblem(answer, 429));
  EXPECT_EQ(RetryAfter(answer), 2u);
  EXPECT_EQ(Limited(RateKind::kTokenBytes), 1u);
  Pass(2'000);
  EXPECT_TRUE(Takes(Post("/v1/vitals", largest, With("s-one"))));
}

TEST_F(IngestAccessTest, BytesOfBadRecordsWereSentAndCount) {
  Load({.bytes = RateLimit(100, kBodyBytesMax)});
  const std::string bad(kBodyBytesMax, 'x');
  EXPECT_TRUE(IsProblem(Ask(Post("/v1/vitals", bad, With("s-one"))), 400));
  EXPECT_FALSE(Takes(Post("/v1/vitals", kOne, With("s-one"))));
}

TEST_F(IngestAccessTest, AChunkedBodysBytesCountAsTheyCome) {
  Load({.bytes = RateLimit(100, kBodyBytesMax)});
  const std::string head = "POST /v1/vitals HTTP/1.1\r\nHost: g\r\n" + With("s-one") +
                           "Transfer-Encoding: chunked\r\n\r\n";
  const std::string spaces(80, ' ');
  EXPECT_TRUE(Takes(head + Chunk(spaces) + Chunk(spaces) + Chunk(kOne) + "0\r\n\r\n"));
  Client& client = Connect();
  client.Say(head + Chunk(std::string(10, ' ')));
  TurnEnd();
  EXPECT_THAT(client.Answers(), SizeIs(0));
  client.Say(Chunk(spaces));
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_TRUE(IsProblem(answers[0], 429));
  EXPECT_EQ(RetryAfter(answers[0]), 2u) << "when any body may come";
}

TEST_F(IngestAccessTest, AReloadForgivesNothingButAnotherRateBeginsAnew) {
  Load({.records = RateLimit(1, 1)});
  EXPECT_TRUE(Takes(Post("/v1/vitals", kOne, With("s-one"))));
  Load({.records = RateLimit(1, 1)});
  EXPECT_FALSE(Takes(Post("/v1/vitals", kOne, With("s-one"))));
  Load({.records = RateLimit(2, 2)});
  EXPECT_TRUE(Takes(Post("/v1/vitals", kOne, With("s-one"))));
}

TEST_F(IngestAccessTest, WhoOwesRecordsIsRefusedAtTheHead) {
  Load({.records = RateLimit(1, 1), .bytes = RateLimit(100, kBodyBytesMax)});
  EXPECT_TRUE(Takes(Post("/v1/vitals", kOne, With("s-one"))));
  const std::string head = Post("/v1/vitals", kOne, With("s-one") + "Expect: 100-continue\r\n");
  EXPECT_TRUE(IsProblem(Ask(head.substr(0, head.find("\r\n\r\n") + 4)), 429));
  EXPECT_EQ(Limited(RateKind::kTokenRecords), 1u);
}

}  // namespace
}  // namespace sluice
