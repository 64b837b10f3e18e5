// deploy/haproxy.cfg: HAProxy reads it without a complaint; gates behind it are restarted one by
// one under load without a failed request, and a gate that dies has its requests sent again only
// where that stores nothing twice.
#include <algorithm>

#include "deploy/haproxy_fixture.h"
#include "support/answer.h"
#include "support/load_driver.h"
#include "support/witness.h"

namespace sluice {
namespace {

TEST_F(HaproxyTest, ItsFileIsReadWithoutAComplaint) {
  Process check({.args = {"haproxy", "-c", "-f", kFile}, .environment = {}});
  EXPECT_EQ(check.WaitExit(), 0) << check.err();
  EXPECT_EQ(check.err().find("WARNING"), std::string::npos) << check.err();
}

// As shipped, and with a connection to a gate for each request, which meets every moment of a
// listener's end.
class HaproxyRestartTest : public HaproxyTest, public testing::WithParamInterface<const char*> {
 protected:
  testing::AssertionResult WaitAnswered(uint64_t more) {
    const uint64_t until = load_.answered_count() + more;
    return WaitFor([this, until] { return load_.answered_count() >= until; }, "more answers");
  }
  void RestartEach() {
    for (size_t i = 0; i < kGates; ++i) {
      ASSERT_TRUE(WaitAnswered(kBetween));
      ASSERT_EQ(gates_[i]->Stop(), 0);
      EXPECT_GT(gates_[i]->ledger()->accepted, 0u);
      EXPECT_EQ(gates_[i]->ledger()->accepted, gates_[i]->ledger()->stored);
      ASSERT_TRUE(WaitAnswered(kBetween));
      StartGate(i);
      ASSERT_TRUE(WaitSeen(i, "UP"));
    }
    ASSERT_TRUE(WaitAnswered(kBetween));
  }

  static constexpr uint64_t kBetween = 500;
  Witness witness_;
  LoadDriver load_{witness_, {.connections = 32, .alert_every = 7}};
};

TEST_P(HaproxyRestartTest, OneByOneUnderLoadFailsNoRequest) {
  StartAll(GetParam());
  load_.Start(port());
  RestartEach();
  load_.Stop();
  EXPECT_EQ(load_.unanswered_count(), 0u);
  EXPECT_EQ(load_.stored_count(), load_.answered_count());
  EXPECT_EQ(witness_.stored_count(), witness_.asked());
  EXPECT_TRUE(witness_.Check(redis_.client().ReadStream("vitals")));
  EXPECT_TRUE(witness_.CheckAlerts(redis_.client().ReadStream("alerts")));
}

INSTANTIATE_TEST_SUITE_P(Reuse, HaproxyRestartTest, testing::Values("always", "never"),
                         [](const auto& one) { return std::string(one.param); });

// Nothing is sent to it when its port closes, so nothing meets the closing.
TEST_F(HaproxyTest, AGateThatIsToldToStopTakesRequestsUntilHaproxyKnows) {
  StartAll();
  ASSERT_EQ(gates_[0]->Stop(), 0);
  StartGate(0, "SLUICE_HTTP_DRAIN_GRACE_MS=600000");
  ASSERT_TRUE(WaitSeen(0, "UP"));
  gates_[0]->Signal(SIGTERM);
  ASSERT_TRUE(WaitSeen(0, "DOWN"));
  EXPECT_TRUE(HttpClient::CanConnect(gate_port(0)));
}

class HaproxyDeathTest : public HaproxyTest {
 protected:
  // What a client hears of a request that a gate has taken, and sent to Redis, when it dies.
  HttpResponse PostAndKill(const std::string& header) {
    redis_.Pause();
    HttpClient client(port());
    client.Send(PostRequest("/v1/vitals", R"({"device_id":"d","timestamp":1,"heart_rate":72})",
                            "application/json", header));
    const auto has_it = [](const std::unique_ptr<Gate>& gate) {
      const MetricsText metrics(HttpClient(gate->admin_port()).Get("/metrics").body);
      return metrics.Sum("sluice_records_accepted_total") == 1;
    };
    auto its_gate = gates_.begin();
    EXPECT_TRUE(WaitFor(
        [&] {
          its_gate = std::find_if(gates_.begin(), gates_.end(), has_it);
          return its_gate != gates_.end();
        },
        "a gate to take the request"));
    (*its_gate)->Kill();
    redis_.Continue();
    return client.ReadResponse();
  }
};

TEST_F(HaproxyDeathTest, ARequestWithoutAKeyIsNotSentAgain) {
  StartAll();
  const HttpResponse response = PostAndKill("");
  EXPECT_EQ(response.status, 502) << response.raw;
  EXPECT_EQ(BodyText(response, "outcome"), "unknown");
  EXPECT_LE(redis_.client().Length("vitals"), 1);
}

TEST_F(HaproxyDeathTest, ARequestWithAKeyIsSentToAnotherGateAndStoredOnce) {
  StartAll();
  const HttpResponse response = PostAndKill("Idempotency-Key: \"once\"\r\n");
  EXPECT_EQ(response.status, 200) << response.raw;
  EXPECT_EQ(redis_.client().Length("vitals"), 1);
}

TEST_F(HaproxyDeathTest, WithoutAGateItAnswersAsOne) {
  StartAll();
  for (size_t i = 0; i < kGates; ++i) {
    gates_[i]->Kill();
    ASSERT_TRUE(WaitSeen(i, "DOWN"));
  }
  const std::string vital = R"({"device_id":"d","timestamp":1,"heart_rate":72})";
  const HttpResponse response = HttpClient(port()).Post("/v1/vitals", vital);
  EXPECT_EQ(response.status, 503) << response.raw;
  EXPECT_EQ(BodyText(response, "outcome"), "unknown");
  EXPECT_NE(response.raw.find("retry-after: 5\r\n"), std::string::npos) << response.raw;
}

}  // namespace
}  // namespace sluice
