// sluice killed under load with its journal on: every 200 is in Redis exactly once in the end,
// whether Redis was away all the time or came and went; and so are the alerts it raised.
#include "fault/journal_fixture.h"

namespace sluice {
namespace {

class JournalKillTest : public JournalTest {
 protected:
  static constexpr LoadDriver::Options kWithAlerts = {.alert_every = 6};

  // After the last death: what was on the way then was never answered, and that is no fault.
  void StopLoadAfterKills() {
    const uint64_t unanswered = load_->unanswered_count();
    ASSERT_TRUE(WaitStored(20));
    load_->Stop();
    EXPECT_EQ(load_->unanswered_count(), unanswered) << "no answer from a gate that lives";
  }
};

TEST_F(JournalKillTest, WithRedisAwayEvery200IsInRedisOnceAfterRestart) {
  StartGateWithJournal();
  StartLoad(kWithAlerts);
  const uint64_t rounds = FaultRounds(20);
  for (uint64_t round = 0; round < rounds; ++round) {
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    KillGate();
  }
  StopLoadAfterKills();
  EXPECT_EQ(witness_.Count(Told::kStored), 0u) << "Redis is away";
  StartDurableRedis();
  ExpectAllInRedisOnce();
}

TEST_F(JournalKillTest, WithRedisComingAndGoingEvery200IsInRedisOnce) {
  StartDurableRedis();
  StartGateWithJournal();
  ASSERT_TRUE(WaitRedisUp());
  StartLoad(kWithAlerts);
  const uint64_t rounds = FaultRounds(20);
  for (uint64_t round = 0; round < rounds; ++round) {
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    if (round % 3 == 0) redis_.Kill();
    ASSERT_TRUE(WaitStored(20)) << "round " << round;
    if (round % 2 == 0) KillGate();
    if (round % 3 == 0) {
      ASSERT_TRUE(WaitStored(20)) << "round " << round;
      StartDurableRedis();
    }
  }
  StopLoadAfterKills();
  EXPECT_GT(witness_.Count(Told::kJournal), 0u);
  EXPECT_GT(witness_.Count(Told::kStored), 0u);
  ExpectAllInRedisOnce();
}

TEST_F(JournalKillTest, WithRedisComingAndGoingALivingGateLosesNothing) {
  StartDurableRedis();
  StartGateWithJournal();
  ASSERT_TRUE(WaitRedisUp());
  StartLoad(kWithAlerts);
  const uint64_t rounds = FaultRounds(10);
  for (uint64_t round = 0; round < rounds; ++round) {
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    redis_.Kill();
    ASSERT_TRUE(WaitStored(50)) << "round " << round << ", by the journal";
    StartDurableRedis();
  }
  ASSERT_TRUE(WaitStored(50));
  load_->Stop();
  EXPECT_EQ(load_->unanswered_count(), 0u);
  EXPECT_EQ(witness_.Count(Told::kNotStored), 0u) << "there was room in the journal";
  EXPECT_EQ(witness_.Count(Told::kUnknown), 0u) << "there was room in the journal";
  ExpectAllInRedisOnce();
}

// A dead gate's bytes may still wait to be read when the next one reads the dead one's ledger.
TEST_F(JournalKillTest, WhatADeadGateHadSentIsNotAppliedTwice) {
  const uint64_t rounds = FaultRounds(10);
  redis_.Start();
  StartGateOnRelay(JournalConfig(), 1);
  ASSERT_TRUE(WaitRedisUp());
  StartLoad(kWithAlerts);
  for (uint64_t round = 0; round < rounds; ++round) {
    // Redis is silent, so the journal takes over; when it goes on, the journal is sent.
    relay_->Freeze(RelayDirection::kFromRedis);
    relay_->Hold();
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    relay_->Pass();
    ASSERT_TRUE(WaitFor([this] { return relay_->held_bytes() > 0; }, "a batch to be kept"));
    ASSERT_TRUE(gate_->Running()) << gate_->err();
    gate_->Kill();
    relay_->DropHeld();
    StartGateOnRelay(JournalConfig(), 1);
    load_->MoveTo(gate_->port());
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    ASSERT_TRUE(WaitRedisUp());
    relay_->DeliverHeld();
  }
  StopLoadAfterKills();
  EXPECT_TRUE(
      WaitFor([this] { return relay_->open_count() <= link_count(); }, "the old links to end"));
  ExpectAllInRedisOnce();
}

}  // namespace
}  // namespace sluice
