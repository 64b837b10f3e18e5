// Leaving on SIGTERM or SIGINT: requests in hand are answered, idle connections closed, records
// settled, and the ledger printed; or the drain's deadline passes, and the exit code says so.
#include "integration/gate_fixture.h"

namespace sluice {
namespace {

class DrainTest : public TcpRedisTest {
 protected:
  testing::AssertionResult WaitNoListener() const {
    return WaitFor([this] { return !HttpClient::CanConnect(gate_->port()); },
                   "the listener to be closed");
  }
};

TEST_F(DrainTest, AnswersWhatIsInHandAndLeaves) {
  StartAllOnTcp("", 2);
  HttpClient idle = Connect();
  EXPECT_TRUE(IsAccepted(idle.Post(kVitals, Vital("idle", 1)), 1));
  HttpClient untouched = Connect();
  redis_.Pause();
  HttpClient busy = Connect();
  busy.Send(PostRequest(kVitals, Vital("busy", 2)) +
            PostRequest(kVitals, "[" + Vital("busy", 3) + "," + Vital("busy", 4) + "]"));
  ASSERT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_records_accepted_total") == 4; },
                      "the requests to be taken"));

  gate_->Signal(SIGTERM);
  EXPECT_TRUE(idle.ReadClose()) << "an idle connection stays open";
  EXPECT_TRUE(untouched.ReadClose()) << "an unused connection stays open";
  EXPECT_TRUE(WaitNoListener());
  EXPECT_TRUE(IsProblem(Admin("/readyz"), 503));
  EXPECT_EQ(Admin("/healthz").status, 200);
  EXPECT_TRUE(gate_->Running());
  redis_.Continue();

  const HttpResponse first = busy.ReadResponse();
  EXPECT_TRUE(IsAccepted(first, 1));
  const HttpResponse last = busy.ReadResponse();
  EXPECT_TRUE(IsAccepted(last, 2));
  EXPECT_TRUE(ClosesConnection(last)) << last.raw;
  EXPECT_TRUE(busy.ReadClose());
  EXPECT_EQ(gate_->WaitExit(), 0);
  const LedgerLine ledger = CheckedLedger();
  EXPECT_EQ(ledger.accepted, 4u);
  EXPECT_EQ(ledger.stored, 4u);
  EXPECT_EQ(ledger.unsettled, 0u);
  EXPECT_EQ(Length("vitals"), 4);
}

TEST_F(DrainTest, SettlesWhatItAcknowledgedFromMemory) {
  StartAllOnTcp("[delivery]\nack = \"memory\"\n", 2);
  redis_.Pause();
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("d", i)), 1, 202));
  }
  gate_->Signal(SIGTERM);
  ASSERT_TRUE(WaitNotReady());
  redis_.Continue();
  EXPECT_EQ(gate_->WaitExit(), 0);
  EXPECT_EQ(CheckedLedger().stored, 10u);
  EXPECT_EQ(Length("vitals"), 10);
}

TEST_F(DrainTest, SaysHowManyRecordsItsDeadlineLeftUnsettled) {
  StartAllOnTcp("[delivery]\nack = \"memory\"\ndeadline_ms = 200\ndrain_ms = 300\n");
  redis_.Pause();
  EXPECT_TRUE(IsAccepted(Post(kVitals, "[" + Vital("a", 1) + "," + Vital("b", 2) + "]"), 2, 202));
  EXPECT_EQ(gate_->Stop(), 3);
  const LedgerLine ledger = CheckedLedger();
  EXPECT_EQ(ledger.accepted, 2u);
  EXPECT_EQ(ledger.stored, 0u);
  EXPECT_EQ(ledger.unsettled, 2u);
}

TEST_F(DrainTest, AnswersWhatPassesItsOwnDeadlineMeanwhile) {
  StartAllOnTcp("[delivery]\ndeadline_ms = 300\n");
  redis_.Pause();
  HttpClient client = Connect();
  client.Send(PostRequest(kVitals, Vital("a", 1)));
  ASSERT_TRUE(WaitBatchSent());
  gate_->Signal(SIGTERM);
  const HttpResponse response = client.ReadResponse();
  EXPECT_TRUE(IsUnavailable(response, "unknown"));
  EXPECT_TRUE(ClosesConnection(response)) << response.raw;
  EXPECT_TRUE(client.ReadClose());
  redis_.Continue();
  EXPECT_EQ(gate_->WaitExit(), 0);
  EXPECT_EQ(CheckedLedger().unknown, 1u);
}

TEST_F(DrainTest, WithoutRedisRefusesWhatWaitsAndLeaves) {
  StartGate("[delivery]\ndeadline_ms = 300\n");
  HttpClient client = Connect();
  client.Send(PostRequest(kVitals, Vital("a", 1)));
  ASSERT_TRUE(WaitInflight());
  gate_->Signal(SIGTERM);
  EXPECT_TRUE(IsUnavailable(client.ReadResponse(), "not_stored"));
  EXPECT_TRUE(client.ReadClose());
  EXPECT_EQ(gate_->WaitExit(), 0);
  EXPECT_EQ(CheckedLedger().refused, 1u);
}

TEST_F(DrainTest, GoesOnForItsGraceAndIsNotReady) {
  redis_.Start();
  StartGate("[http]\ndrain_grace_ms = 600000\n");
  ASSERT_TRUE(WaitReady());
  HttpClient before = Connect();
  gate_->Signal(SIGTERM);
  ASSERT_TRUE(WaitNotReady());
  HttpClient behind = Connect();
  for (HttpClient* client : {&before, &behind, &before, &behind}) {
    const HttpResponse response = client->Post(kVitals, Vital("d", 1));
    EXPECT_TRUE(IsAccepted(response, 1));
    EXPECT_FALSE(ClosesConnection(response)) << response.raw;
  }
  gate_->Signal(SIGTERM);  // asked twice: at once
  EXPECT_EQ(gate_->WaitExit(), 0);
  EXPECT_EQ(CheckedLedger().stored, 4u);
}

TEST_F(DrainTest, DrainsWhenItsGraceIsOver) {
  redis_.Start();
  StartGate("[http]\ndrain_grace_ms = 300\n[delivery]\ndrain_ms = 600000\n");
  ASSERT_TRUE(WaitReady());
  HttpClient idle = Connect();
  EXPECT_TRUE(IsAccepted(idle.Post(kVitals, Vital("d", 1)), 1));
  gate_->Signal(SIGTERM);
  EXPECT_TRUE(idle.ReadClose());
  EXPECT_EQ(gate_->WaitExit(), 0);
  EXPECT_EQ(CheckedLedger().stored, 1u);
}

class SignalTest : public GateTest, public testing::WithParamInterface<int> {};

TEST_P(SignalTest, LeavesAtOnceWhenNothingIsInHand) {
  StartAll();
  HttpClient idle = Connect();
  EXPECT_TRUE(IsAccepted(idle.Post(kVitals, Vital("d", 1)), 1));
  EXPECT_EQ(gate_->Stop(GetParam()), 0);
  EXPECT_TRUE(idle.ReadClose());
  const LedgerLine ledger = CheckedLedger();
  EXPECT_EQ(ledger.accepted, 1u);
  EXPECT_EQ(ledger.stored, 1u);
  EXPECT_EQ(gate_->out().find("unsettled"), std::string::npos) << gate_->out();
}

TEST_P(SignalTest, LeavesWhenNobodyEverCame) {
  StartGate();
  EXPECT_EQ(Admin("/healthz").status, 200);
  EXPECT_EQ(gate_->Stop(GetParam()), 0);
  EXPECT_EQ(CheckedLedger().accepted, 0u);
}

INSTANTIATE_TEST_SUITE_P(All, SignalTest, testing::Values(SIGTERM, SIGINT), [](const auto& one) {
  return one.param == SIGTERM ? "Terminate" : "Interrupt";
});

}  // namespace
}  // namespace sluice
