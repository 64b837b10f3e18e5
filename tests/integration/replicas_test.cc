// durability.replicas: a 200 waits for replicas, and their absence is said.
#include "integration/gate_fixture.h"

namespace sluice {
namespace {

class ReplicasTest : public GateTest {
 protected:
  ReplicasTest() : GateTest(RedisServer::Port::kLoopback) {}

  static constexpr char kOneReplica[] = "[durability]\nreplicas = 1\nwait_ms = 300\n";

  RedisServer replica_;
};

TEST_F(ReplicasTest, ARecordIsStoredWhenAReplicaHasIt) {
  redis_.Start();
  replica_.StartReplicaOf(redis_);
  StartGate(kOneReplica);
  ASSERT_TRUE(WaitReady());
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("a", i)), 1));
  EXPECT_EQ(replica_.client().Length("vitals"), 20);
}

TEST_F(ReplicasTest, WithoutOneItIsUnknownThoughThePrimaryHasIt) {
  redis_.Start();
  StartGate(kOneReplica, 1);
  ASSERT_TRUE(WaitReady());
  HttpClient client = Connect();
  const HttpResponse answer = client.Post(kVitals, Vital("a", 1));
  EXPECT_TRUE(IsUnavailable(answer, "unknown"));
  EXPECT_NE(answer.body.find("durability.replicas"), std::string::npos) << answer.body;
  EXPECT_EQ(Length("vitals"), 1);
  replica_.StartReplicaOf(redis_);
  EXPECT_TRUE(WaitFor([&] { return client.Post(kVitals, Vital("a", 2)).status == 200; },
                      "the new replica to confirm"));
  const LedgerLine ledger = StopGate();
  EXPECT_GE(ledger.unknown, 1u);
  EXPECT_EQ(ledger.stored, 1u);
}

TEST_F(ReplicasTest, WhatIsNotReplicatedStaysInTheJournal) {
  redis_.Start();
  const TempDir dir;
  StartGate(std::string(kOneReplica) + "[journal]\ndir = \"" + dir.File("journal") + "\"\n", 1);
  HttpClient client = Connect();
  const HttpResponse answer = client.Post(kVitals, Vital("a", 1));
  EXPECT_EQ(answer.status, 200) << answer.raw;
  EXPECT_NE(answer.body.find("journal"), std::string::npos) << answer.body;
  EXPECT_GT(Metrics().Sum("sluice_journal_bytes"), 0);
  replica_.StartReplicaOf(redis_);
  ASSERT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_journal_bytes") == 0; },
                      "the journal to be empty"));
  EXPECT_EQ(replica_.client().Length("vitals"), 1);
}

}  // namespace
}  // namespace sluice
