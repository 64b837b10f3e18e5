// IngestHandler and a device's own retries: Idempotency-Key, and what is answered to repetitions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "support/json.h"
#include "unit/gateway/ingest_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kOne = R"({"device_id":"d-1"})";

class IngestRepeatingTest : public IngestHandlerTest {
 protected:
  IngestRepeatingTest() : IngestHandlerTest(10 * kBudgetBytes) {}

  static std::string Keyed(std::string_view path, std::string_view key) {
    return Post(path, kOne, "Idempotency-Key: " + std::string(key) + "\r\n");
  }
  // What the sink is given for such a request.
  std::optional<RequestKey> KeyOf(const std::string& request) {
    Connect().Say(request);
    return sink.committed.back().key;
  }
  // The answer to one request that is settled so.
  HttpResponse Answered(const std::string& request, Outcome outcome, OutcomeReason reason,
                        uint32_t repeated = 0) {
    Client& client = Connect();
    client.Say(request);
    sink.Settle(sink.committed.size() - 1, outcome, reason, repeated);
    TurnEnd();
    auto answers = client.Answers();
    EXPECT_EQ(answers.size(), 1u);
    return answers.empty() ? HttpResponse() : std::move(answers.front());
  }
};

TEST_F(IngestRepeatingTest, AKeyIsOfItsRouteAndText) {
  const auto key = KeyOf(Keyed("/v1/vitals", "\"k\""));
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(KeyOf(Keyed("/v1/vitals", "\"k\"")), key);
  EXPECT_EQ(KeyOf(Keyed("/vitals", "\"k\"")), key) << "an alias";
  EXPECT_NE(KeyOf(Keyed("/v1/vitals", "\"l\"")), key);
  EXPECT_NE(KeyOf(Keyed("/v1/fast", "\"k\"")), key);
  EXPECT_EQ(KeyOf(Post("/v1/vitals", kOne)), std::nullopt);
}

TEST_F(IngestRepeatingTest, AKeyIsForItsOwnRequestOnly) {
  Connect().Say(Keyed("/v1/vitals", "\"k\"") + Post("/v1/vitals", kOne));
  ASSERT_THAT(sink.committed, SizeIs(2));
  EXPECT_TRUE(sink.committed[0].key.has_value());
  EXPECT_FALSE(sink.committed[1].key.has_value());
}

TEST_F(IngestRepeatingTest, AKeyMayComeInPieces) {
  const auto key = KeyOf(Keyed("/v1/vitals", "\"some key\""));
  Client& client = Connect();
  for (const char c : Keyed("/v1/vitals", "\"some key\"")) client.Say({&c, 1});
  ASSERT_THAT(sink.committed, SizeIs(2));
  EXPECT_EQ(sink.committed[1].key, key);
}

TEST_F(IngestRepeatingTest, WhatIsNoKeyIsRefusedAndTheConnectionGoesOn) {
  Client& client = Connect();
  client.Say(Keyed("/v1/vitals", "k") + Post("/v1/vitals", kOne));
  sink.Settle(0, Outcome::kStored);
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_EQ(answers[0].status, 400);
  EXPECT_THAT(answers[0].body, HasSubstr("Idempotency-Key is one string"));
  EXPECT_EQ(Json::Parse(answers[0].body).Text("outcome"), "not_stored");
  EXPECT_EQ(answers[1].status, 200);
}

TEST_F(IngestRepeatingTest, ARepetitionIsToldSo) {
  const std::string keyed = Keyed("/v1/vitals", "\"k\"");
  const std::string two =
      Post("/v1/vitals", "[" + std::string(kOne) + "," + kOne + "]", "Idempotency-Key: \"k\"\r\n");
  const std::string plain = Post("/v1/vitals", kOne);
  const auto body = [this](const std::string& request, uint32_t repeated) {
    return Answered(request, Outcome::kStored, OutcomeReason::kNone, repeated).body;
  };
  EXPECT_EQ(body(keyed, 0), R"({"success":true,"accepted":1})");
  EXPECT_EQ(body(keyed, 1), R"({"success":true,"accepted":1,"repeated":true})");
  EXPECT_EQ(body(two, 2), R"({"success":true,"accepted":2,"repeated":true})");
  EXPECT_EQ(body(two, 1), R"({"success":true,"accepted":2,"repeated":1})")
      << "the request is new, one of its records is not";
  EXPECT_EQ(body(plain, 1), R"({"success":true,"accepted":1,"repeated":1})");
  EXPECT_EQ(stats.routes[0].records_stored.value(), 7u);
  EXPECT_EQ(stats.routes[0].records_repeated.value(), 5u);
}

TEST_F(IngestRepeatingTest, WhatTheJournalHasIsToldSo) {
  const HttpResponse answer =
      Answered(Post("/v1/vitals", kOne), Outcome::kStored, OutcomeReason::kJournal);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"success":true,"accepted":1,"stored":"journal"})");
}

TEST_F(IngestRepeatingTest, AKeyThatWasUsedOtherwiseIs422) {
  const HttpResponse answer =
      Answered(Keyed("/v1/vitals", "\"k\""), Outcome::kRefused, OutcomeReason::kKeyReused);
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(Json::Parse(answer.body).Text("title"), "Unprocessable Content");
  EXPECT_EQ(Json::Parse(answer.body).Text("outcome"), "not_stored");
  EXPECT_EQ(answer.Header("Retry-After"), nullptr);
  EXPECT_EQ(answer.Header("Connection"), nullptr);
  EXPECT_EQ(stats.routes[0].records_refused.value(), 1u);
}

}  // namespace
}  // namespace sluice
