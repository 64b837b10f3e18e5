// Devices that repeat a request with its Idempotency-Key, or a record with its identity: its alerts
// are raised once, also where a first answer left their sender in doubt, or one part was stored and
// the other was not.
#include "fault/urgent_fixture.h"

namespace sluice {
namespace {

using enum Reading;

class UrgentRepeatTest : public UrgentTest {
 protected:
  static constexpr char kKey[] = "Idempotency-Key: \"abc\"\r\n";

  // One request of that number with kKey, on a connection of its own.
  Told PostKeyed(uint64_t number, Reading reading) {
    HttpClient client = Connect();
    client.Send(PostRequest(kVitals, ReadingJson(number, reading), "application/json", kKey));
    return witness_.Answer(number, 1, client.ReadResponse());
  }
  void ExpectOnce(uint64_t number, Reading reading) {
    EXPECT_EQ(PostKeyed(number, reading), Told::kRepeated);
    EXPECT_TRUE(WaitSettled());
    ExpectAnswersTrue();
  }
};

TEST_F(UrgentRepeatTest, ARepeatedKeyRaisesItsAlertsOnce) {
  StartAll("", 2);
  const uint64_t number = witness_.Ask({kSlowHeartAndLowOxygen});
  EXPECT_EQ(PostKeyed(number, kSlowHeartAndLowOxygen), Told::kStored);
  for (int i = 0; i < 10; ++i) ExpectOnce(number, kSlowHeartAndLowOxygen);
  EXPECT_EQ(Length("alerts"), 2);
}

TEST_F(UrgentRepeatTest, AKeyAtOnceOnTwoWorkersRaisesItsAlertOnce) {
  StartAll("", 2);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(Connect());
  const uint64_t rounds = FaultRounds(50);
  for (uint64_t round = 0; round < rounds; ++round) {
    const uint64_t number = witness_.Ask({kFastHeart});
    const std::string key = "Idempotency-Key: \"key-" + std::to_string(round) + "\"\r\n";
    const std::string request =
        PostRequest(kVitals, ReadingJson(number, kFastHeart), "application/json", key);
    for (HttpClient& client : clients) client.Send(request);
    for (HttpClient& client : clients) {
      const Told told = witness_.Answer(number, 1, client.ReadResponse());
      EXPECT_TRUE(told == Told::kStored || told == Told::kRepeated);
    }
  }
  ExpectAnswersTrue();
  EXPECT_EQ(Length("alerts"), static_cast<int64_t>(rounds));
}

TEST_F(UrgentRepeatTest, AfterAnUnknownThatRedisHasTheAlertIsRaisedOnce) {
  StartUrgent("[delivery]\ndeadline_ms = 500\n", 1);
  const uint64_t number = witness_.Ask({kLowOxygen});
  relay_->Freeze(RelayDirection::kFromRedis, RelayLinks::kMarked);
  EXPECT_EQ(PostKeyed(number, kLowOxygen), Told::kUnknown);
  EXPECT_EQ(PostKeyed(number, kLowOxygen), Told::kUnknown);
  relay_->Pass();
  ExpectOnce(number, kLowOxygen);
}

// The record is stored, and its alert could not be: the repetition raises it after all.
TEST_F(UrgentRepeatTest, ARepetitionMakesUpForTheAlertThatWasNotStored) {
  redis_.Start();
  StartGate("[delivery]\ndeadline_ms = 2000\n", 1);
  ASSERT_TRUE(WaitReady());
  const uint64_t number = witness_.Ask({kFastHeart});
  redis_.client().Do({"SET", "alerts", "no stream"});
  EXPECT_EQ(PostKeyed(number, kFastHeart), Told::kUnknown);
  EXPECT_EQ(Length("vitals"), 1);
  redis_.client().Do({"DEL", "alerts"});
  ExpectOnce(number, kFastHeart);
  EXPECT_EQ(Length("alerts"), 1);
}

TEST_F(UrgentRepeatTest, AndForTheRecordThatWasNotStored) {
  redis_.Start();
  StartGate("[delivery]\ndeadline_ms = 2000\n", 1);
  ASSERT_TRUE(WaitReady());
  const uint64_t number = witness_.Ask({kFastHeart});
  redis_.client().Do({"SET", "vitals", "no stream"});
  EXPECT_EQ(PostKeyed(number, kFastHeart), Told::kUnknown);
  EXPECT_EQ(Length("alerts"), 1);
  redis_.client().Do({"DEL", "vitals"});
  const Told again = PostKeyed(number, kFastHeart);
  EXPECT_TRUE(again == Told::kStored || again == Told::kRepeated);
  ExpectAnswersTrue();
  EXPECT_EQ(Length("alerts"), 1);
}

TEST_F(UrgentRepeatTest, ARepeatedRecordOfAnIdentityRaisesItsAlertOnce) {
  StartAll(R"([[route]]
path = "/v1/vitals"
stream = "vitals"
identity = ["device_id", "timestamp"]
field = [ { name = "device_id", type = "string", key = true, required = true },
          { name = "timestamp", type = "int64", required = true },
          { name = "heart_rate", type = "double" }, { name = "blood_oxygen", type = "double" } ]
alert = [ { name = "heart-rate", field = "heart_rate", below = 40, above = 150 },
          { name = "blood-oxygen", field = "blood_oxygen", below = 90 } ]
)",
           2);
  const std::vector<Reading> readings = {kFastHeart, kNormal, kSlowHeartAndLowOxygen};
  const uint64_t first = witness_.Ask(readings);
  const std::string all = ReadingsJson(first, readings);
  EXPECT_TRUE(IsAccepted(Post(kVitals, all), 3));
  witness_.Tell(first, 3, Told::kStored);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Post(kVitals, all).status, 200);
  // One of them beside a new one.
  const uint64_t next = witness_.Ask({kLowOxygen});
  const std::string both =
      "[" + ReadingJson(next, kLowOxygen) + "," + ReadingJson(first, kFastHeart) + "]";
  EXPECT_EQ(Post(kVitals, both).status, 200);
  witness_.Tell(next, 1, Told::kStored);
  ExpectAnswersTrue();
  EXPECT_EQ(Length("alerts"), 4);
}

}  // namespace
}  // namespace sluice
