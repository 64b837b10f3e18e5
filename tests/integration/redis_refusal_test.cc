// Commands that Redis refuses: the requests they belong to are answered 503 with not_stored, their
// neighbours are stored, and all is well again when Redis is.
#include <functional>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

class RedisRefusalTest : public GateTest {
 protected:
  void ExpectRefusedThenStored(const std::function<void()>& heal) {
    HttpClient client = Connect();
    for (int i = 0; i < 3; ++i) {
      const HttpResponse refused = client.Post(kVitals, Vital("refused", i));
      EXPECT_TRUE(IsUnavailable(refused, "not_stored"));
      EXPECT_FALSE(ClosesConnection(refused)) << refused.raw;
    }
    heal();
    EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("good", 9)), 1));
    EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("good", 9)}));
    const LedgerLine ledger = StopGate();
    EXPECT_EQ(ledger.stored, 1u);
    EXPECT_EQ(ledger.refused, 3u);
    EXPECT_EQ(ledger.unknown, 0u);
  }
};

TEST_F(RedisRefusalTest, OutOfMemory) {
  StartAll("", 1);
  redis_.client().Do({"CONFIG", "SET", "maxmemory", "1"});
  ExpectRefusedThenStored([this] { redis_.client().Do({"CONFIG", "SET", "maxmemory", "0"}); });
}

TEST_F(RedisRefusalTest, ReadOnlyReplica) {
  StartAll("", 1);
  redis_.client().Do({"REPLICAOF", "127.0.0.1", "1"});
  ExpectRefusedThenStored([this] { redis_.client().Do({"REPLICAOF", "NO", "ONE"}); });
}

TEST_F(RedisRefusalTest, WrongTypeOfTheStreamsKey) {
  StartAll("", 1);
  redis_.client().Do({"SET", "vitals", "no stream"});
  ExpectRefusedThenStored([this] { redis_.client().Do({"DEL", "vitals"}); });
}

TEST_F(RedisRefusalTest, WrongTypeSparesTheNeighboursInItsBatch) {
  StartAll("", 1);
  redis_.client().Do({"SET", "vitals", "no stream"});
  HttpClient client = Connect();
  std::string requests;
  for (int i = 0; i < 20; ++i) {
    requests += PostRequest(kVitals, "[" + Vital("d", i) + "," + Vital("e", i) + "]");
    requests += PostRequest(kQuestionnaires, QuestionAnswer("p" + std::to_string(i), i));
  }
  client.Send(requests);
  std::vector<Fields> entries;
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(IsUnavailable(client.ReadResponse(), "not_stored")) << "vitals " << i;
    EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1)) << "questionnaire " << i;
    entries.push_back(QuestionAnswerEntry("p" + std::to_string(i), i));
  }
  EXPECT_EQ(Stored("questionnaires"), entries);
  const LedgerLine ledger = StopGate();
  EXPECT_EQ(ledger.accepted, 60u);
  EXPECT_EQ(ledger.stored, 20u);
  EXPECT_EQ(ledger.refused, 40u);
}

TEST_F(RedisRefusalTest, CommandThatTheUserMayNot) {
  redis_.Start();
  redis_.client().Do({"ACL", "SETUSER", "default", "-xadd"});
  StartGate("", 1);
  ASSERT_TRUE(WaitReady());
  ExpectRefusedThenStored([this] { redis_.client().Do({"ACL", "SETUSER", "default", "+xadd"}); });
}

TEST_F(RedisRefusalTest, KeyThatTheUserMayNot) {
  redis_.Start();
  redis_.client().Do({"ACL", "SETUSER", "default", "resetkeys", "~vitals", "~sluice:*"});
  StartGate("", 1);
  ASSERT_TRUE(WaitReady());
  HttpClient client = Connect();
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("d", 1)), 1));
  EXPECT_TRUE(IsUnavailable(client.Post(kQuestionnaires, QuestionAnswer("p", 1)), "not_stored"));
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("d", 2)), 1));
  redis_.client().Do({"ACL", "SETUSER", "default", "allkeys"});
  EXPECT_EQ(Length("vitals"), 2);
  EXPECT_EQ(Length("questionnaires"), 0);
}

TEST_F(RedisRefusalTest, IsCountedByOutcome) {
  StartAll("", 1);
  redis_.client().Do({"SET", "vitals", "no stream"});
  Post(kVitals, "[" + Vital("a", 1) + "," + Vital("b", 2) + "]");
  const MetricsText metrics = Metrics();
  EXPECT_EQ(metrics.Sum("sluice_records_total", {{"route", kVitals}, {"outcome", "refused"}}), 2);
  EXPECT_EQ(metrics.Sum("sluice_records_total", {{"outcome", "stored"}}), 0);
  EXPECT_EQ(metrics.Sum("sluice_http_requests_total", {{"route", kVitals}, {"code", "503"}}), 1);
}

}  // namespace
}  // namespace sluice
