// Bytes of an old connection that Redis reads only after sluice has reconnected: without the fence
// (CLIENT KILL of the old connection before the ledger is read) they are applied beside what was
// sent again, and both tests see records twice.
#include "fault/fault_fixture.h"
#include "sluice/base/random.h"

namespace sluice {
namespace {

constexpr char kShortReply[] = "[redis]\nreply_ms = 700\nconnect_ms = 300\n";

class FenceTest : public FaultTest {
 protected:
  FenceTest() : FaultTest(RedisServer::Port::kLoopback) {}

  // One request of so many records, as a body; they are the witness's next.
  std::string LargeBody(uint32_t records, uint64_t* first) {
    *first = witness_.Ask(records);
    std::string body = "[";
    for (uint64_t i = *first; i < *first + records; ++i) {
      if (i > *first) body += ',';
      body += Vital(std::to_string(i), 1);
    }
    return body + "]";
  }
};

TEST_F(FenceTest, WhatAProxyKeptIsNotAppliedAfterItWasSentAgain) {
  redis_.Start();
  StartGateOnRelay(kPatient, 1);
  ASSERT_TRUE(WaitReady());
  const uint64_t rounds = FaultRounds(10);
  for (uint64_t round = 0; round < rounds; ++round) {
    ASSERT_TRUE(WaitReady());
    relay_->Hold();
    HttpClient client = Connect();
    const uint64_t first = witness_.Ask(1);
    client.Send(PostRequest(kVitals, Vital(std::to_string(first), 1)));
    ASSERT_TRUE(WaitFor([this] { return relay_->held_bytes() > 0; }, "a batch to be kept"));
    const uint64_t accepted = relay_->accepted_count();
    relay_->DropHeld();
    const HttpResponse response = client.ReadResponse();
    EXPECT_EQ(witness_.Answer(first, 1, response), Told::kStored) << response.raw;
    EXPECT_GT(relay_->accepted_count(), accepted) << "stored, but on no new connection";
    // The kept bytes, if the connection still stands, reach Redis and are run.
    relay_->DeliverHeld();
    ASSERT_TRUE(
        WaitFor([this] { return relay_->open_count() == link_count(); }, "the old links to end"));
  }
  ASSERT_TRUE(WaitSettled());
  ExpectAnswersTrue();
}

TEST_F(FenceTest, WhatAProxyKeptUnderLoadIsNotAppliedTwice) {
  redis_.Start();
  StartGateOnRelay(kPatient);
  ASSERT_TRUE(WaitReady());
  StartLoad();
  const uint64_t rounds = FaultRounds(20);
  for (uint64_t round = 0; round < rounds; ++round) {
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    relay_->Hold();
    ASSERT_TRUE(WaitFor([this] { return relay_->held_bytes() > 0; }, "a batch to be kept"));
    relay_->DropHeld();
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    relay_->DeliverHeld();
  }
  StopLoad();
  ASSERT_TRUE(
      WaitFor([this] { return relay_->open_count() == link_count(); }, "the old links to end"));
  ExpectAnswersTrue();
  EXPECT_EQ(witness_.Count(Told::kUnknown), 0u) << "what was in flight can be told and sent again";
}

// Redis is stopped, and the batches wait whole in the kernel's buffers; sluice gives the link up,
// and Redis finds them when it goes on.
TEST_F(FenceTest, WhatWaitsBeforeAStoppedRedisIsNotAppliedTwice) {
  redis_.Start();
  StartGateOn("redis://" + redis_.address(), std::string(kPatient) + kShortReply, 1);
  const uint64_t rounds = FaultRounds(10);
  for (uint64_t round = 0; round < rounds; ++round) {
    ASSERT_TRUE(WaitReady());
    redis_.Pause();
    uint64_t first = 0;
    HttpClient client = Connect();
    client.Send(PostRequest(kVitals, LargeBody(100, &first)));
    ASSERT_TRUE(WaitNotReady());
    redis_.Continue();
    const HttpResponse response = client.ReadResponse();
    EXPECT_EQ(witness_.Answer(first, 100, response), Told::kStored) << response.raw;
  }
  ASSERT_TRUE(WaitSettled());
  ExpectAnswersTrue();
}

// 2 MB of one transaction: Redis is stopped when it has read a part of them, the rest waits on the
// way and reaches it when it goes on.
TEST_F(FenceTest, ALargeBatchThatRedisWasStoppedInIsNotAppliedTwice) {
  constexpr uint32_t kRecords = 18'000;  // about 55 bytes of JSON and 115 of RESP each
  redis_.Start();
  StartGateOnRelay(
      "[delivery]\ndeadline_ms = 9000\nbatch_bytes_max = \"4MiB\"\n" + std::string(kShortReply), 1);
  Random random(FaultNumber("SLUICE_FAULT_SEED", 1));
  const uint64_t rounds = FaultRounds(5);
  for (uint64_t round = 0; round < rounds; ++round) {
    ASSERT_TRUE(WaitReady());
    relay_->Throttle(8 * kMiB);
    uint64_t first = 0;
    HttpClient client = Connect();
    client.Send(PostRequest(kVitals, LargeBody(kRecords, &first)));
    const uint64_t stop_at = relay_->passed_bytes() + random.Below(2 * kMiB);
    ASSERT_TRUE(WaitFor([&] { return relay_->passed_bytes() >= stop_at; }, "a part to be read"));
    redis_.Pause();
    relay_->Hold();
    relay_->Pass();
    ASSERT_TRUE(WaitFor([&] { return Admin("/readyz").status == 503 || client.Readable(); },
                        "the link to be given up"));
    // Now in one race: the rest on the old link, and the new one that reads the ledger.
    relay_->DeliverHeld();
    redis_.Continue();
    const HttpResponse response = client.ReadResponse();
    EXPECT_EQ(witness_.Answer(first, kRecords, response), Told::kStored) << response.raw;
  }
  ASSERT_TRUE(WaitSettled());
  ExpectAnswersTrue();
}

}  // namespace
}  // namespace sluice
