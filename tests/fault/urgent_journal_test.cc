// Alerts and the journal: with Redis away they are on disk before anything else is, outlive the
// gate, and are the first in Redis afterwards.
#include "fault/journal_fixture.h"

namespace sluice {
namespace {

using enum Reading;

class UrgentJournalTest : public JournalTest {
 protected:
  static std::vector<Reading> Normal(size_t records) { return std::vector<Reading>(records); }
  double JournalWritten() {
    return Metrics().Sum("sluice_journal_records_total", {{"event", "written"}});
  }
  testing::AssertionResult WaitWritten(uint64_t records) {
    return WaitFor([&] { return JournalWritten() >= static_cast<double>(records); },
                   std::to_string(records) + " records and alerts in the journal");
  }
};

TEST_F(UrgentJournalTest, AlertsAreOnDiskLongBeforeBulkIsAndOutliveTheGate) {
  StartGateOn(redis_.url(),
              "[delivery]\ndeadline_ms = 60000\ndrain_ms = 61000\n[journal]\nafter_ms = 50000\n"
              "dir = \"" +
                  journal_dir_ + "\"\n",
              2);
  std::vector<Posted> waiting;
  for (int i = 0; i < 10; ++i) {
    waiting.push_back(Post({{kNormal, kFastHeart}, {kNormal}, {kSlowHeartAndLowOxygen}}));
    ASSERT_TRUE(WaitWritten(witness_.alerts_asked()));
  }
  EXPECT_EQ(JournalWritten(), static_cast<double>(witness_.alerts_asked())) << "and nothing else";
  for (const Posted& posted : waiting) EXPECT_FALSE(posted.client.Readable()) << "an answer";
  gate_->Kill();
  redis_.Start();
  StartGateWithJournal();
  EXPECT_TRUE(WaitAlerts(witness_.alerts_asked()));
  EXPECT_TRUE(WaitJournalEmpty());
  EXPECT_EQ(Length("vitals"), 0) << "nobody was told that they are stored";
  StopGate();
  ExpectAnswersTrue();
  EXPECT_EQ(Length("alerts"), static_cast<int64_t>(witness_.alerts_asked()));
}

// The relay passes little: what goes first is what is there first.
TEST_F(UrgentJournalTest, AlertsAreInRedisBeforeTheBacklogOfBulkIs) {
  constexpr int64_t kBacklogRecords = 40'000;  // 115 bytes each on their way
  relay_.emplace(redis_.socket_path());
  StartGateOnRelay(JournalConfig(), 2);
  for (int64_t records = 0; records < kBacklogRecords; records += 1'000) {
    ASSERT_EQ(PostAndRead(Normal(1'000)), Told::kJournal);
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(PostAndRead({kLowOxygen, kNormal, kSlowHeartAndLowOxygen}), Told::kJournal);
  }
  relay_->Throttle(256 * kKiB);
  redis_.Start();
  EXPECT_TRUE(WaitAlerts(witness_.alerts_asked()));
  EXPECT_LT(Length("vitals"), kBacklogRecords / 2);
  relay_->Pass();
  ExpectAllInRedisOnce();
}

TEST_F(UrgentJournalTest, AJournalFullOfBulkStillTakesAlerts) {
  StartGateOn(redis_.url(),
              "[delivery]\ndeadline_ms = 800\n[journal]\nbytes_max = \"8MiB\"\n"
              "segment_bytes = \"1MiB\"\ndir = \"" +
                  journal_dir_ + "\"\n",
              1);
  for (const uint32_t records : {1'000u, 100u, 10u, 1u}) {
    Told told = Told::kJournal;
    for (int i = 0; i < 200 && told == Told::kJournal; ++i) told = PostAndRead(Normal(records));
    ASSERT_EQ(told, Told::kNotStored) << "it is not full";
  }
  const auto written = static_cast<uint64_t>(JournalWritten());
  Posted waiting = Post({{kFastHeart}, {kSlowHeartAndLowOxygen}});
  EXPECT_TRUE(WaitWritten(written + witness_.alerts_asked()));
  // Their records could not be kept: neither word would be true of both.
  EXPECT_EQ(Read(waiting), std::vector<Told>(2, Told::kUnknown));
  redis_.Start();
  EXPECT_TRUE(WaitAlerts(witness_.alerts_asked()));
  ExpectAllInRedisOnce();
}

TEST_F(UrgentJournalTest, ARedisThatIsSlowAndLostWhileTheJournalIsSentGetsEachAlertOnce) {
  redis_.Start(RedisServer::Durable());
  StartGateOnRelay(JournalConfig(), 2);
  ASSERT_TRUE(WaitRedisUp());
  StartLoad({.alert_every = 4});
  const uint64_t rounds = FaultRounds(10);
  for (uint64_t round = 0; round < rounds; ++round) {
    relay_->Freeze(RelayDirection::kFromRedis);
    ASSERT_TRUE(WaitStored(50)) << "round " << round << ", by the journal";
    relay_->CutAll(RelayEnd::kReset);
    relay_->Pass();
    relay_->Throttle(1 * kMiB);
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    relay_->CutBeforeExecReply(RelayEnd::kReset);
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    relay_->Pass();
  }
  StopLoad();
  EXPECT_EQ(witness_.Count(Told::kUnknown), 0u) << "there was room in the journal";
  EXPECT_EQ(witness_.Count(Told::kNotStored), 0u);
  ExpectAllInRedisOnce();
  EXPECT_EQ(Length("alerts"), static_cast<int64_t>(witness_.alerts_asked()));
}

}  // namespace
}  // namespace sluice
