// A new gate takes the port over while the old one drains, under load, with clients that reconnect
// only when an answer told them to: no request fails, no connection is refused or reset, and each
// record is stored once. Socket activation is in activation_test.cc.
#include <atomic>
#include <exception>
#include <set>
#include <thread>

#include "integration/gate_fixture.h"
#include "support/load_client.h"
#include "support/loopback.h"

namespace sluice {
namespace {

constexpr size_t kConnections = 64;
constexpr size_t kPipelineDepth = 2;
constexpr int kRestarts = 5;

// One reading a request, each of its own, until it is told to stop.
class EndlessSource final : public LoadSource {
 public:
  bool Next(std::string* bytes, uint64_t* id) override {
    if (stop) return false;
    *id = next_++;
    *bytes += PostRequest(kVitals, Vital("d" + std::to_string(*id), 1));
    return true;
  }
  void OnAnswer(uint64_t id, const HttpResponse& response) override {
    if (response.status != 200) {
      throw std::runtime_error("request " + std::to_string(id) + ": " + response.raw);
    }
    ++answered;
  }

  std::atomic<bool> stop = false;
  std::atomic<uint64_t> answered = 0;
  uint64_t sent() const { return next_; }

 private:
  uint64_t next_ = 0;
};

class RestartTest : public GateTest {
 protected:
  // The next gate, on the port of the one that runs; it is ready when this returns.
  std::unique_ptr<Gate> StartNext(const std::string& admin = "127.0.0.1:0") {
    Gate::Options options;
    options.redis_url = redis_.url();
    options.listen = "127.0.0.1:" + std::to_string(gate_->port());
    options.admin = admin;
    options.workers = AnyWorkers();
    options.args = {"--takeover"};
    auto next = std::make_unique<Gate>(options);
    EXPECT_TRUE(WaitFor([&] { return HttpClient(next->admin_port()).Get("/readyz").status == 200; },
                        "readiness"));
    return next;
  }
  // Stops the gate that runs, and puts the next in its place.
  void Replace(std::unique_ptr<Gate> next) {
    EXPECT_EQ(gate_->Stop(), 0);
    const LedgerLine ledger = CheckedLedger();
    EXPECT_EQ(ledger.accepted, ledger.stored);
    gate_ = std::move(next);
  }
};

TEST_F(RestartTest, FiveTimesUnderLoadFailsNoRequest) {
  StartAll();
  EndlessSource source;
  std::exception_ptr error;
  std::atomic<bool> ended = false;
  std::thread load([&, port = gate_->port()] {
    try {
      LoadClient(port, kConnections, kPipelineDepth, LoadClient::Told::kReconnect).Run(&source);
    } catch (...) {
      error = std::current_exception();
    }
    ended = true;
  });
  for (int i = 0; i < kRestarts && !ended; ++i) {
    const uint64_t before = source.answered;
    EXPECT_TRUE(WaitFor([&] { return ended || source.answered > before + 10 * kConnections; },
                        "answers between two restarts"));
    Replace(StartNext());
  }
  source.stop = true;
  load.join();
  if (error) std::rethrow_exception(error);
  EXPECT_EQ(source.answered, source.sent());
  std::set<std::string> devices;
  for (const Fields& entry : Stored("vitals")) {
    EXPECT_TRUE(devices.insert(entry.at(0).second).second) << entry.at(0).second << " twice";
  }
  EXPECT_EQ(devices.size(), source.sent());
}

TEST_F(RestartTest, TheAdminPortCanBeTakenOverToo) {
  StartAll();
  const uint16_t admin_port = gate_->admin_port();
  Replace(StartNext("127.0.0.1:" + std::to_string(admin_port)));
  EXPECT_EQ(gate_->admin_port(), admin_port);
  EXPECT_EQ(Admin("/readyz").status, 200);
}

TEST_F(RestartTest, WithoutTakeoverAPortInUseIsAnErrorThatNamesTheRemedy) {
  StartGate();
  const std::string data = "127.0.0.1:" + std::to_string(gate_->port());
  const std::string admin = "127.0.0.1:" + std::to_string(gate_->admin_port());
  const ProgramRun on_data = RunSluice({"--listen", data});
  EXPECT_EQ(on_data.exit_code, 1);
  EXPECT_NE(on_data.err.find("http.listen"), std::string::npos) << on_data.err;
  EXPECT_NE(on_data.err.find("--takeover"), std::string::npos) << on_data.err;
  const ProgramRun on_admin = RunSluice({"--admin", admin});
  EXPECT_EQ(on_admin.exit_code, 1);
  EXPECT_NE(on_admin.err.find("admin.listen"), std::string::npos) << on_admin.err;
  EXPECT_NE(on_admin.err.find("--takeover"), std::string::npos) << on_admin.err;
}

TEST_F(RestartTest, AStrangersPortIsNotTakenOver) {
  const TakenPort taken;
  const ProgramRun run = RunSluice({"--listen", taken.address(), "--takeover"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("http.listen"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace sluice
