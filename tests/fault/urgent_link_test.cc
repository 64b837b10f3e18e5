// The urgent links alone in trouble: requests without alerts go on as ever, those with one wait for
// it, and what they are told is true. Then all links cut again and again under load with alerts,
// and Redis killed.
#include "fault/urgent_fixture.h"
#include "sluice/base/random.h"

namespace sluice {
namespace {

using enum Reading;

constexpr char kImpatient[] = "[delivery]\ndeadline_ms = 800\ndrain_ms = 9000\n";
constexpr uint32_t kAlertEvery = 6;

class UrgentLinkTest : public UrgentTest {
 protected:
  void ExpectBulkGoesOn() {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(PostAndRead({kNormal, kNormal}), Told::kStored);
  }
  // Away until Pass: the links that do not carry vitals are cut, and no new one gets through.
  void TakeUrgentLinkAway() {
    relay_->Mark("\r\nvitals\r\n");
    EXPECT_EQ(PostAndRead({kNormal}), Told::kStored);
    ASSERT_EQ(relay_->open_count(RelayLinks::kMarked), 1u);
    relay_->Freeze(RelayDirection::kToRedis, RelayLinks::kUnmarked);
    relay_->Freeze(RelayDirection::kFromRedis, RelayLinks::kUnmarked);
    relay_->CutAll(RelayEnd::kReset, RelayLinks::kUnmarked);
    ASSERT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_redis_up") == 0; },
                        "the urgent link to be away"));
  }
  // The same load as every fault test's, with alerts.
  void StartUnderLoad() {
    StartUrgent(kPatient, AnyWorkers());
    StartLoad({.alert_every = kAlertEvery});
    ASSERT_TRUE(WaitStored(100));
  }
};

TEST_F(UrgentLinkTest, RepliesThatDoNotComeAreToldAsUnknown) {
  StartUrgent(kImpatient, 1);
  relay_->Freeze(RelayDirection::kFromRedis, RelayLinks::kMarked);
  const int64_t before = Length("alerts");
  Posted waiting = Post({{kFastHeart}, {kNormal, kSlowHeartAndLowOxygen}});
  ExpectBulkGoesOn();
  EXPECT_EQ(Read(waiting), std::vector<Told>(2, Told::kUnknown));
  EXPECT_EQ(Length("alerts"), before + 3) << "Redis has them all the same";
  relay_->Pass();
  EXPECT_EQ(PostAndRead({kLowOxygen}), Told::kStored);
  EXPECT_TRUE(WaitSettled());
  ExpectAnswersTrue();
  EXPECT_EQ(Length("alerts"), before + 4);
}

TEST_F(UrgentLinkTest, AlertsThatAreStuckOnTheWayAreToldAsUnknownAndArriveOnce) {
  StartUrgent(kImpatient, 1);
  relay_->Freeze(RelayDirection::kToRedis, RelayLinks::kMarked);
  const int64_t before = Length("alerts");
  Posted waiting = Post({{kFastHeart}});
  ExpectBulkGoesOn();
  EXPECT_EQ(Read(waiting), std::vector<Told>{Told::kUnknown});
  EXPECT_EQ(Length("alerts"), before);
  relay_->Pass();
  EXPECT_TRUE(WaitAlerts(static_cast<uint64_t>(before + 1)));
  EXPECT_TRUE(WaitSettled());
  ExpectAnswersTrue();
}

// The records are stored and their alerts can no longer be: neither word would be true of both.
TEST_F(UrgentLinkTest, AlertsThatWereNeverSentAreToldAsUnknownAndAreNotThere) {
  StartUrgent(kImpatient, 1);
  TakeUrgentLinkAway();
  const int64_t alerts = Length("alerts");
  const int64_t records = Length("vitals");
  Posted waiting = Post({{kFastHeart}, {kSlowHeartAndLowOxygen, kNormal}});
  ExpectBulkGoesOn();
  EXPECT_EQ(Read(waiting), std::vector<Told>(2, Told::kUnknown));
  EXPECT_EQ(SettledAlerts("refused"), 3);
  EXPECT_EQ(Length("vitals"), records + 10 + 3);
  relay_->Pass();
  ASSERT_TRUE(WaitReady());
  EXPECT_EQ(PostAndRead({kLowOxygen}), Told::kStored);
  ExpectAnswersTrue();
  EXPECT_EQ(Length("alerts"), alerts + 1);
}

TEST_F(UrgentLinkTest, AlertsWaitForALinkThatComesBack) {
  StartUrgent(kPatient, 1);
  TakeUrgentLinkAway();
  const int64_t alerts = Length("alerts");
  Posted waiting = Post({{kFastHeart}, {kSlowHeartAndLowOxygen, kNormal}});
  ExpectBulkGoesOn();
  EXPECT_FALSE(waiting.client.Readable());
  relay_->Pass();
  EXPECT_EQ(Read(waiting), std::vector<Told>(2, Told::kStored));
  ExpectAnswersTrue();
  EXPECT_EQ(Length("alerts"), alerts + 3);
}

TEST_F(UrgentLinkTest, LinksCutUnderLoadLoseAndDoubleNothing) {
  StartUnderLoad();
  const uint64_t seed = FaultNumber("SLUICE_FAULT_SEED", 1);
  SCOPED_TRACE("SLUICE_FAULT_SEED=" + std::to_string(seed));
  Random random(seed);
  const uint64_t rounds = FaultRounds(100);
  for (uint64_t round = 1; round <= rounds; ++round) {
    const RelayLinks which = random.Below(2) == 0 ? RelayLinks::kMarked : RelayLinks::kAll;
    const RelayEnd end = random.Below(2) == 0 ? RelayEnd::kClose : RelayEnd::kReset;
    const uint64_t most = random.Below(3) == 0 ? 300 : 5'000;
    switch (random.Below(3)) {
      case 0:
        relay_->CutBeforeExecReply(end, which);
        break;
      case 1:
        relay_->CutAfter(RelayDirection::kToRedis, 1 + random.Below(most), end, which);
        break;
      default:
        relay_->CutAfter(RelayDirection::kFromRedis, 1 + random.Below(most / 5), end, which);
    }
    ASSERT_TRUE(WaitFor([&] { return relay_->cut_count() >= round; },
                        "cut number " + std::to_string(round)));
  }
  relay_->Pass();
  ExpectAllStored();
}

// Bytes of an old urgent link that Redis would read after the new one has read the ledger.
TEST_F(UrgentLinkTest, WhatAProxyKeptUnderLoadIsNotAppliedTwice) {
  StartUnderLoad();
  const uint64_t rounds = FaultRounds(20);
  for (uint64_t round = 0; round < rounds; ++round) {
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    relay_->Hold();
    ASSERT_TRUE(WaitFor([this] { return relay_->held_bytes() > 0; }, "a batch to be kept"));
    relay_->DropHeld();
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    relay_->DeliverHeld();
  }
  ExpectAllStored();
}

}  // namespace
}  // namespace sluice
