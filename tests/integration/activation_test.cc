// Sockets passed as systemd passes them (LISTEN_FDS): the gate listens on them and leaves them
// open, so that who connects while no gate runs waits and is answered by the next.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "integration/gate_fixture.h"
#include "sluice/net/listener.h"

namespace sluice {
namespace {

// What systemd holds: two listening sockets that outlive every gate.
class ActivationTest : public GateTest {
 protected:
  ActivationTest() : data_(Bind()), admin_(Bind()) {}
  ~ActivationTest() override {
    ::close(data_);
    ::close(admin_);
  }

  static int Bind() {
    return BindListeningSocket({.host = "127.0.0.1", .port = 0, .path = {}},
                               PortSharing::kExclusive)
        .value();
  }
  void StartActivated(unsigned workers = AnyWorkers()) {
    Gate::Options options;
    options.redis_url = redis_.url();
    options.workers = workers;
    options.sockets = {{data_, "sluice.socket"}, {admin_, "admin"}};
    gate_ = std::make_unique<Gate>(options);
    ASSERT_TRUE(WaitReady());
  }
  HttpClient Send(int n) const {
    HttpClient client(BoundPort(data_));
    client.Send(PostRequest(kVitals, Vital("d" + std::to_string(n), n)));
    return client;
  }

  const int data_;
  const int admin_;
};

TEST_F(ActivationTest, ListensOnTheSocketsItWasPassedAndSaysSo) {
  redis_.Start();
  for (const unsigned workers : {1u, 3u}) {
    StartActivated(workers);
    EXPECT_EQ(gate_->port(), BoundPort(data_));
    EXPECT_EQ(gate_->admin_port(), BoundPort(admin_));
    EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("d", 1)), 1));
    EXPECT_EQ(Admin("/healthz").status, 200);
    StopGate();
  }
}

TEST_F(ActivationTest, WhoConnectsWhileNoGateRunsIsAnsweredByTheNext) {
  redis_.Start();
  StartActivated();
  EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("before", 1)), 1));
  StopGate();
  std::vector<HttpClient> waiting;
  for (int i = 0; i < 16; ++i) waiting.push_back(Send(i));
  StartActivated();
  for (HttpClient& client : waiting) EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_EQ(StopGate().stored, 16u);
  EXPECT_EQ(Length("vitals"), 17);
}

TEST_F(ActivationTest, WhatWaitsWhenItIsToldToLeaveIsAnsweredByItOrTheNext) {
  redis_.Start();
  StartActivated();
  gate_->Signal(SIGSTOP);
  std::vector<HttpClient> waiting;
  for (int i = 0; i < 16; ++i) waiting.push_back(Send(i));
  gate_->Signal(SIGTERM);
  gate_->Signal(SIGCONT);
  EXPECT_EQ(gate_->WaitExit(), 0);
  StartActivated();
  for (HttpClient& client : waiting) EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  StopGate();
  EXPECT_EQ(Length("vitals"), 16);
}

TEST_F(ActivationTest, ADescriptorThatIsNoListeningSocketIsNamed) {
  const int unconnected = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Process process({.args = {SluiceBinary(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"},
                   .environment = {},
                   .sockets = {{data_, "fine"}, {unconnected, "strange"}}});
  EXPECT_EQ(process.WaitExit(), 1);
  const std::string err = process.err();
  EXPECT_NE(err.find("descriptor 4 (strange)"), std::string::npos) << err;
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1) << err;
  EXPECT_EQ(process.out(), "");
  ::close(unconnected);
}

}  // namespace
}  // namespace sluice
