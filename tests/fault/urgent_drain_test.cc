// Leaving with alerts in hand: they are waited for as records are, what is left at the drain's
// deadline is counted and makes exit code 3, and with a journal nothing is left.
#include "fault/urgent_fixture.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using enum Reading;

class UrgentDrainTest : public UrgentTest {
 protected:
  static std::string Delivery(uint64_t deadline_ms, uint64_t drain_ms,
                              const std::string& more = "") {
    return "[delivery]\ndeadline_ms = " + std::to_string(deadline_ms) +
           "\ndrain_ms = " + std::to_string(drain_ms) + "\n" + more;
  }
  // A request with one normal reading and an alert, acknowledged from memory.
  void PostToMemory() {
    const std::vector<Reading> readings = {kNormal, kFastHeart};
    const uint64_t first = witness_.Ask(readings);
    EXPECT_TRUE(IsAccepted(Post(kVitals, ReadingsJson(first, readings)), 2, 202));
  }
  // The same as StartUrgent where nobody is told that anything is stored.
  void StartFromMemory(const std::string& more) {
    redis_.Start();
    StartGateOnRelay(Delivery(200, 400, "ack = \"memory\"\n" + more), 1);
    relay_->Mark(kUrgentMark);
    ASSERT_TRUE(WaitReady());
    PostToMemory();
    ASSERT_TRUE(WaitFor([this] { return relay_->open_count(RelayLinks::kMarked) == 1; },
                        "the urgent link to be used"));
    ASSERT_TRUE(WaitSettled());
  }
};

TEST_F(UrgentDrainTest, ALeavingGateWaitsForItsAlerts) {
  StartUrgent(Delivery(18'000, 19'000), 1);
  relay_->Freeze(RelayDirection::kFromRedis, RelayLinks::kMarked);
  Posted waiting = Post({{kNormal, kFastHeart}});
  ASSERT_TRUE(WaitInflight());
  HttpClient idle = Connect();
  gate_->Signal(SIGTERM);
  ASSERT_TRUE(idle.ReadClose()) << "once sessions know of it";
  EXPECT_FALSE(HttpClient::CanConnect(gate_->port()));
  EXPECT_TRUE(gate_->Running());
  EXPECT_FALSE(waiting.client.Readable());
  relay_->Pass();
  const HttpResponse response = waiting.client.ReadResponse();
  EXPECT_TRUE(ClosesConnection(response));
  EXPECT_EQ(witness_.Answer(waiting.requests[0].first, 2, response), Told::kStored);
  EXPECT_EQ(gate_->WaitExit(), 0);
  const LedgerLine ledger = CheckedLedger();
  EXPECT_EQ(ledger.stored, witness_.stored_count());
  EXPECT_EQ(ledger.unsettled_alerts, 0u);
  ExpectAnswersTrue();
}

TEST_F(UrgentDrainTest, AnAlertThatWasToldAsUnknownIsStillWaitedFor) {
  StartUrgent(Delivery(300, 19'000), 1);
  relay_->Freeze(RelayDirection::kFromRedis, RelayLinks::kMarked);
  Posted waiting = Post({{kFastHeart}});
  ASSERT_TRUE(WaitInflight());
  gate_->Signal(SIGTERM);
  EXPECT_EQ(Read(waiting), std::vector<Told>{Told::kUnknown});
  EXPECT_TRUE(gate_->Running());
  relay_->Pass();
  EXPECT_EQ(gate_->WaitExit(), 0);
  EXPECT_EQ(CheckedLedger().unknown, 1u);
  ExpectAnswersTrue();
}

TEST_F(UrgentDrainTest, AlertsThatAreLeftAtTheDeadlineAreCountedAndExitCode3) {
  StartFromMemory("");
  relay_->Freeze(RelayDirection::kFromRedis, RelayLinks::kMarked);
  for (int i = 0; i < 5; ++i) PostToMemory();
  ASSERT_TRUE(WaitFor([this] { return Length("vitals") == 12; }, "the records to be stored"));
  EXPECT_EQ(gate_->Stop(), 3);
  const LedgerLine ledger = CheckedLedger();
  EXPECT_EQ(ledger.accepted, 12u);
  EXPECT_EQ(ledger.stored, 2u) << "of the others an alert is in doubt";
  EXPECT_EQ(ledger.unknown, 10u);
  EXPECT_EQ(ledger.unsettled, 0u);
  EXPECT_EQ(ledger.unsettled_alerts, 5u);
  ExpectAnswersTrue();
}

TEST_F(UrgentDrainTest, RecordsThatAreLeftAreCountedApartFromTheirAlerts) {
  StartFromMemory("");
  relay_->Freeze(RelayDirection::kFromRedis, RelayLinks::kUnmarked);
  for (int i = 0; i < 5; ++i) PostToMemory();
  ASSERT_TRUE(WaitFor([this] { return SettledAlerts("stored") == 6; }, "the alerts"));
  EXPECT_EQ(gate_->Stop(), 3);
  const LedgerLine ledger = CheckedLedger();
  EXPECT_EQ(ledger.accepted, 12u);
  EXPECT_EQ(ledger.unknown, 10u);
  EXPECT_EQ(ledger.unsettled, 10u);
  EXPECT_EQ(ledger.unsettled_alerts, 0u);
  ExpectAnswersTrue();
}

TEST_F(UrgentDrainTest, WithAJournalAndNoRedisNothingIsLeft) {
  const TempDir dir;
  const std::string journal = "[journal]\ndir = \"" + dir.path() + "/journal\"\n";
  StartGate(Delivery(3'000, 19'000, "ack = \"memory\"\n" + journal + "after_ms = 2000\n"), 2);
  for (int i = 0; i < 10; ++i) PostToMemory();
  EXPECT_EQ(gate_->Stop(), 0);
  const LedgerLine ledger = CheckedLedger();
  EXPECT_EQ(ledger.stored, 20u);
  EXPECT_EQ(ledger.unsettled + ledger.unsettled_alerts, 0u);
  witness_.Tell(0, 20, Told::kJournal);
  redis_.Start();
  StartGate(journal, 2);
  EXPECT_TRUE(WaitAlerts(10));
  EXPECT_TRUE(WaitFor([this] { return Length("vitals") == 20; }, "the records"));
  StopGate();
  ExpectAnswersTrue();
}

}  // namespace
}  // namespace sluice
