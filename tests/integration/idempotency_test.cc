// A device's own retries: a request with an Idempotency-Key, and a record of a route with an
// identity, are stored once, and their repetitions are told so.
#include "integration/gate_fixture.h"

namespace sluice {
namespace {

constexpr const char* kOnce = R"({"success":true,"accepted":1})";
constexpr const char* kAgain = R"({"success":true,"accepted":1,"repeated":true})";

std::string Keyed(std::string_view path, std::string_view body, std::string_view key = "\"k-1\"") {
  return PostRequest(path, body, "application/json",
                     "Idempotency-Key: " + std::string(key) + "\r\n");
}

class IdempotencyTest : public GateTest {
 protected:
  HttpResponse Ask(const std::string& request) const {
    HttpClient client = Connect();
    client.Send(request);
    return client.ReadResponse();
  }
  size_t Guards() { return redis_.client().Do({"KEYS", "sluice:seen:*"}).elements.size(); }
};

testing::AssertionResult Says(const HttpResponse& response, std::string_view body) {
  if (response.status == 200 && response.body == body) return testing::AssertionSuccess();
  return testing::AssertionFailure() << response.status << " " << response.body;
}

TEST_F(IdempotencyTest, ARequestThatComesTwiceIsStoredOnce) {
  StartAll();
  EXPECT_TRUE(Says(Ask(Keyed(kVitals, Vital("d", 1))), kOnce));
  EXPECT_TRUE(Says(Ask(Keyed(kVitals, Vital("d", 1))), kAgain));
  EXPECT_TRUE(Says(Ask(Keyed(kVitals, Vital("d", 1), "\"k-2\"")), kOnce)) << "another key";
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("d", 1), VitalEntry("d", 1)}));
  EXPECT_EQ(Metrics().Sum("sluice_records_repeated_total", {{"route", kVitals}}), 1);
  EXPECT_EQ(StopGate().stored, 3u) << "a repeated record is stored, too";
}

TEST_F(IdempotencyTest, ARequestOfManyRecordsIsStoredOnceAmongItsNeighbours) {
  StartAll("", 1);
  const std::string three = "[" + Vital("a", 1) + "," + Vital("a", 2) + "," + Vital("a", 3) + "]";
  HttpClient client = Connect();
  client.Send(PostRequest(kVitals, Vital("b", 1)) + Keyed(kVitals, three) +
              PostRequest(kVitals, "[" + Vital("b", 2) + "," + Vital("b", 3) + "]") +
              Keyed(kVitals, three) + PostRequest(kVitals, Vital("b", 4)));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 3));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 2));
  EXPECT_TRUE(Says(client.ReadResponse(), R"({"success":true,"accepted":3,"repeated":true})"));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_EQ(Length("vitals"), 7);
}

TEST_F(IdempotencyTest, AtOnceOnManyConnectionsItIsStoredOnce) {
  StartAll("", 2);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 32; ++i) clients.push_back(Connect());
  for (int round = 0; round < 10; ++round) {
    const std::string request =
        Keyed(kVitals, Vital("d", round), "\"round " + std::to_string(round) + "\"");
    for (HttpClient& client : clients) client.Send(request);
    size_t stored = 0;
    for (HttpClient& client : clients) {
      const HttpResponse response = client.ReadResponse();
      if (response.body == kOnce) {
        ++stored;
      } else {
        EXPECT_TRUE(Says(response, kAgain));
      }
    }
    EXPECT_EQ(stored, 1u) << "round " << round;
  }
  EXPECT_EQ(Length("vitals"), 10);
  EXPECT_EQ(redis_.client().Do({"KEYS", "sluice:ledger:*"}).elements.size(), 2u)
      << "both workers had a part in it";
}

TEST_F(IdempotencyTest, AKeyWithOtherRecordsIsRefused) {
  StartAll();
  HttpClient client = Connect();
  client.Send(Keyed(kVitals, Vital("d", 1)) + Keyed(kVitals, Vital("d", 2)) +
              PostRequest(kVitals, Vital("d", 3)));
  EXPECT_TRUE(Says(client.ReadResponse(), kOnce));
  const HttpResponse refused = client.ReadResponse();
  EXPECT_TRUE(IsProblem(refused, 422));
  EXPECT_EQ(BodyText(refused, "outcome"), "not_stored");
  EXPECT_EQ(refused.Header("Retry-After"), nullptr) << "again would be refused again";
  EXPECT_TRUE(Says(client.ReadResponse(), kOnce)) << "the connection goes on";
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("d", 1), VitalEntry("d", 3)}));
  EXPECT_EQ(StopGate().refused, 1u);
}

TEST_F(IdempotencyTest, WhatIsNoKeyIsRefusedAndTheConnectionGoesOn) {
  StartAll();
  HttpClient client = Connect();
  for (const std::string& key :
       {std::string("k-1"), std::string("\"\""), "\"" + std::string(129, 'k') + "\"",
        std::string("\"a\"\r\nIdempotency-Key: \"a\"")}) {
    client.Send(Keyed(kVitals, Vital("d", 1), key));
    const HttpResponse refused = client.ReadResponse();
    EXPECT_TRUE(IsProblem(refused, 400)) << key;
    EXPECT_FALSE(ClosesConnection(refused));
  }
  client.SendByteByByte(Keyed(kVitals, Vital("d", 1), "\"" + std::string(128, 'k') + "\""));
  EXPECT_TRUE(Says(client.ReadResponse(), kOnce));
  EXPECT_EQ(Length("vitals"), 1);
}

TEST_F(IdempotencyTest, AKeyIsItsRoutesOwnWhateverTheAlias) {
  StartAll();
  EXPECT_TRUE(Says(Ask(Keyed(kVitals, Vital("d", 1))), kOnce));
  EXPECT_TRUE(Says(Ask(Keyed(kQuestionnaires, QuestionAnswer("p", 1))), kOnce));
  EXPECT_TRUE(Says(Ask(Keyed("/submit_qol", QuestionAnswer("p", 1))), kAgain));
  EXPECT_EQ(Length("vitals"), 1);
  EXPECT_EQ(Length("questionnaires"), 1);
}

TEST_F(IdempotencyTest, AKeyIsRememberedAcrossARestart) {
  StartAll();
  EXPECT_TRUE(Says(Ask(Keyed(kVitals, Vital("d", 1))), kOnce));
  StopGate();
  StartGate();
  ASSERT_TRUE(WaitReady());
  EXPECT_TRUE(Says(Ask(Keyed(kVitals, Vital("d", 1))), kAgain));
  EXPECT_EQ(Length("vitals"), 1);
}

TEST_F(IdempotencyTest, AKeyIsForgottenAfterItsWindow) {
  StartAll("[delivery]\ndedupe_window_s = 1\n");
  EXPECT_TRUE(Says(Ask(Keyed(kVitals, Vital("d", 1))), kOnce));
  EXPECT_TRUE(WaitFor([this] { return Guards() == 0; }, "the guard to expire"));
  EXPECT_TRUE(Says(Ask(Keyed(kVitals, Vital("d", 1))), kOnce));
  EXPECT_EQ(Length("vitals"), 2);
}

TEST_F(IdempotencyTest, ARefusedRequestMayComeAgain) {
  StartAll();
  redis_.client().Do({"SET", "vitals", "no stream"});
  EXPECT_TRUE(IsUnavailable(Ask(Keyed(kVitals, Vital("d", 1))), "not_stored"));
  redis_.client().Do({"DEL", "vitals"});
  EXPECT_TRUE(Says(Ask(Keyed(kVitals, Vital("d", 1))), kOnce));
  EXPECT_EQ(Length("vitals"), 1);
}

TEST_F(IdempotencyTest, ARecordOfARouteWithAnIdentityIsStoredOnce) {
  StartAll();
  EXPECT_TRUE(Says(Post(kQuestionnaires, QuestionAnswer("p1", 1)), kOnce));
  EXPECT_TRUE(Says(Post(kQuestionnaires, QuestionAnswer("p1", 1)),
                   R"({"success":true,"accepted":1,"repeated":1})"));
  const std::string both = "[" + QuestionAnswer("p1", 5) + "," + QuestionAnswer("p2", 2) + "]";
  EXPECT_TRUE(Says(Post(kQuestionnaires, both), R"({"success":true,"accepted":2,"repeated":1})"));
  EXPECT_EQ(Stored("questionnaires"),
            (std::vector<Fields>{QuestionAnswerEntry("p1", 1), QuestionAnswerEntry("p2", 2)}));
  EXPECT_EQ(Metrics().Sum("sluice_records_repeated_total", {{"route", kQuestionnaires}}), 2);
}

TEST_F(IdempotencyTest, WithoutKeyAndIdentityNothingIsRemembered) {
  StartAll();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(Says(Post(kVitals, Vital("d", 1)), kOnce));
  EXPECT_EQ(Length("vitals"), 2);
  EXPECT_EQ(Guards(), 0u);
}

}  // namespace
}  // namespace sluice
