// Devices that repeat a request with its Idempotency-Key, or a record with its identity: at once on
// many connections to two workers, and after an answer that left them in doubt. Stored once, and
// every answer is true.
#include <map>

#include "fault/fault_fixture.h"

namespace sluice {
namespace {

class IdempotencyFaultTest : public FaultTest {
 protected:
  static constexpr size_t kConnections = 8;

  static std::string Keyed(std::string_view key, std::string_view body) {
    return PostRequest(kVitals, body, "application/json",
                       "Idempotency-Key: \"" + std::string(key) + "\"\r\n");
  }
  // Record `number` with that key, on a connection of its own.
  HttpResponse PostKeyed(const std::string& key, uint64_t number) const {
    HttpClient client = Connect();
    client.Send(Keyed(key, Vital(std::to_string(number), 1)));
    return client.ReadResponse();
  }
  static testing::AssertionResult IsRepeated(const HttpResponse& response) {
    if (response.status == 200 && BodyText(response, "repeated") == "true") {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "not a repetition's answer:\n" << response.raw;
  }

  // Sends `request` on every connection at once; how many were told that it is new.
  int SendOnAll(std::vector<HttpClient>& clients, const std::string& request, uint64_t number) {
    for (HttpClient& client : clients) client.Send(request);
    int fresh = 0;
    for (HttpClient& client : clients) {
      const HttpResponse response = client.ReadResponse();
      const Told told = witness_.Answer(number, 1, response);
      EXPECT_TRUE(told == Told::kStored || told == Told::kRepeated) << response.raw;
      fresh += told == Told::kStored ? 1 : 0;
    }
    return fresh;
  }

  std::vector<HttpClient> ManyConnections() const {
    std::vector<HttpClient> clients;
    for (size_t i = 0; i < kConnections; ++i) clients.push_back(Connect());
    return clients;
  }
};

TEST_F(IdempotencyFaultTest, OneKeyAtOnceOnTwoWorkersIsStoredOnce) {
  StartAll("", 2);
  std::vector<HttpClient> clients = ManyConnections();
  const uint64_t rounds = FaultRounds(50);
  for (uint64_t round = 0; round < rounds; ++round) {
    const uint64_t number = witness_.Ask(1);
    const std::string request =
        Keyed("key-" + std::to_string(number), Vital(std::to_string(number), 1));
    EXPECT_EQ(SendOnAll(clients, request, number), 1) << "record " << number;
  }
  ExpectAnswersTrue();
}

TEST_F(IdempotencyFaultTest, OneIdentityAtOnceOnTwoWorkersIsStoredOnce) {
  StartAll("", 2);
  std::vector<HttpClient> clients = ManyConnections();
  const uint64_t rounds = FaultRounds(50);
  for (uint64_t round = 0; round < rounds; ++round) {
    const uint64_t number = witness_.Ask(1);
    const std::string request =
        PostRequest(kQuestionnaires, QuestionAnswer(std::to_string(number), 3));
    EXPECT_EQ(SendOnAll(clients, request, number), 1) << "record " << number;
  }
  EXPECT_TRUE(witness_.Check(redis_.client().ReadStream("questionnaires")));
}

// Redis has committed, and sluice does not hear of it.
TEST_F(IdempotencyFaultTest, AKeyIsStoredOnceAfterAnUnknownThatWasStored) {
  redis_.Start();
  StartGateOnRelay("[delivery]\ndeadline_ms = 400\n", 1);
  ASSERT_TRUE(WaitReady());
  const uint64_t number = witness_.Ask(1);
  relay_->Freeze(RelayDirection::kFromRedis);
  for (int i = 0; i < 2; ++i) {
    const HttpResponse doubt = PostKeyed("abc", number);
    EXPECT_TRUE(IsUnavailable(doubt, "unknown"));
    witness_.Answer(number, 1, doubt);
  }
  relay_->Pass();
  const HttpResponse again = PostKeyed("abc", number);
  EXPECT_TRUE(IsRepeated(again));
  witness_.Answer(number, 1, again);
  ExpectAnswersTrue();
}

// Redis has the bytes and has not read them; then the link is lost on top.
TEST_F(IdempotencyFaultTest, AKeyIsStoredOnceAfterAnUnknownThatWasNotYetStored) {
  redis_.Start();
  StartGateOnRelay("[delivery]\ndeadline_ms = 400\n[redis]\nreply_ms = 1500\n", 2);
  ASSERT_TRUE(WaitReady());
  const uint64_t rounds = FaultRounds(5);
  for (uint64_t round = 0; round < rounds; ++round) {
    const uint64_t number = witness_.Ask(1);
    const std::string key = "again-" + std::to_string(round);
    redis_.Pause();
    witness_.Answer(number, 1, PostKeyed(key, number));
    witness_.Answer(number, 1, PostKeyed(key, number));
    relay_->CutAll(RelayEnd::kReset);
    redis_.Continue();
    HttpResponse again = PostKeyed(key, number);
    ASSERT_TRUE(WaitFor(
        [&] {
          if (again.status == 503) again = PostKeyed(key, number);
          return again.status == 200;
        },
        "the repetition to be answered"));
    witness_.Answer(number, 1, again);
    ASSERT_TRUE(WaitReady());
  }
  ASSERT_TRUE(WaitSettled());
  ExpectAnswersTrue();
}

TEST_F(IdempotencyFaultTest, AKeyThatWasNotStoredIsNewTheNextTime) {
  StartAll("", 1);
  const uint64_t number = witness_.Ask(1);
  redis_.client().Do({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_TRUE(IsUnavailable(PostKeyed("abc", number), "not_stored"));
  redis_.client().Do({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(witness_.Answer(number, 1, PostKeyed("abc", number)), Told::kStored);
  EXPECT_TRUE(IsRepeated(PostKeyed("abc", number)));
  ExpectAnswersTrue();
}

}  // namespace
}  // namespace sluice
