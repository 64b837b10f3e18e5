// HaproxyTest: three gates that share a Redis, and before them a real HAProxy with the shipped file
// (deploy/haproxy.cfg), in which only the addresses are the test's own and root's lines are left
// out. Gates are stopped and started on the ports they had. Without haproxy its tests are skipped.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "support/gate.h"
#include "support/http_client.h"
#include "support/loopback.h"
#include "support/metrics_text.h"
#include "support/process.h"
#include "support/redis_server.h"
#include "support/temp_dir.h"
#include "support/wait.h"

namespace sluice {

inline constexpr size_t kGates = 3;

class HaproxyTest : public testing::Test {
 protected:
  static constexpr const char* kFile = SLUICE_SOURCE_DIR "/deploy/haproxy.cfg";

  void SetUp() override {
    Process version({.args = {"haproxy", "-v"}, .environment = {}});
    if (version.WaitExit() != 0) {
      GTEST_SKIP() << "haproxy is missing: `make deps` installs it (package haproxy)";
    }
  }

  // What the file tells its reader to give each gate.
  static std::string GraceMs() {
    const std::string text = Text();
    constexpr std::string_view kVariable = "SLUICE_HTTP_DRAIN_GRACE_MS=";
    const size_t at = text.find(kVariable);
    return at == text.npos ? "" : text.substr(at, text.find_first_of(" \n", at) - at);
  }

  void StartGate(size_t i) { StartGate(i, GraceMs()); }
  void StartGate(size_t i, const std::string& grace) {
    Gate::Options options;
    options.redis_url = redis_.url();
    options.listen = ports_.at(i).address();
    options.admin = admin_ports_.at(i).address();
    options.environment = {grace};

    gates_.at(i) = std::make_unique<Gate>(options);
  }
  void StartAll(const std::string& reuse = "always") {
    redis_.Start();
    for (size_t i = 0; i < kGates; ++i) StartGate(i);
    haproxy_ = std::make_unique<Process>(Process::Command{
        .args = {"haproxy", "-db", "-f", dir_.Write("haproxy.cfg", OwnText(reuse))},
        .environment = {}});
    for (size_t i = 0; i < kGates; ++i) ASSERT_TRUE(WaitSeen(i, "UP")) << haproxy_->err();
  }

  uint16_t port() const { return port_.port(); }
  uint16_t gate_port(size_t i) const { return ports_.at(i).port(); }
  // How HAProxy sees a gate: "UP" or "DOWN".
  bool Sees(size_t i, const std::string& state) const {
    // It answers in chunks, which our client does not read.
    Process curl({.args = {"curl", "-sf", "http://" + statistics_.address() + "/metrics"},
                  .environment = {}});
    if (curl.WaitExit() != 0) return false;  // it starts
    return MetricsText(curl.out())
               .Sum("haproxy_server_status", {{"proxy", "gates"},
                                              {"server", "gate" + std::to_string(i + 1)},
                                              {"state", state}}) == 1;
  }
  testing::AssertionResult WaitSeen(size_t i, const std::string& state) const {
    return WaitFor([=, this] { return Sees(i, state); },
                   "HAProxy to see gate " + std::to_string(i + 1) + " " + state);
  }

  void TearDown() override {
    for (const auto& gate : gates_) {
      if (gate && gate->Running()) gate->Signal(SIGTERM);
    }
    for (const auto& gate : gates_) {
      if (gate == nullptr) continue;
      if (gate->Running()) {
        EXPECT_EQ(gate->WaitExit(), 0);
      }
      if (HasFailure()) std::cerr << "A gate's words:\n" << gate->out() << gate->err();
    }
    if (haproxy_ && HasFailure()) std::cerr << "HAProxy's:\n" << haproxy_->out();
  }

  RedisServer redis_;
  std::array<std::unique_ptr<Gate>, kGates> gates_;

 private:
  static std::string Text() {
    std::ostringstream text;
    text << std::ifstream(kFile).rdbuf();
    return text.str();
  }
  static void Replace(std::string& text, const std::string& from, const std::string& to) {
    const size_t at = text.find(from);
    ASSERT_NE(at, text.npos) << from;
    ASSERT_EQ(text.find(from, at + 1), text.npos) << from << " twice";
    text.replace(at, from.size(), to);
  }
  std::string OwnText(const std::string& reuse) const {
    std::string text = Text();
    for (const char* line :
         {"\n  chroot /var/lib/haproxy", "\n  user haproxy", "\n  group haproxy"}) {
      Replace(text, line, "");
    }
    Replace(text, "log /dev/log local0", "log stdout format raw local0");
    Replace(text, "http-reuse always", "http-reuse " + reuse);
    Replace(text, "maxconn 16384", "maxconn 1000\n  nbthread 2");
    Replace(text, "\n  bind *:8080", "\n  bind " + port_.address());
    Replace(text, "bind 127.0.0.1:8404", "bind " + statistics_.address());
    for (size_t i = 0; i < kGates; ++i) {
      Replace(text, "192.0.2.1" + std::to_string(i + 1) + ":8080 check port 9464",
              ports_[i].address() + " check port " + std::to_string(admin_ports_[i].port()));
    }
    return text;
  }

  const TempDir dir_;
  const ReservedPort port_;
  const ReservedPort statistics_;
  const std::array<ReservedPort, kGates> ports_{};
  const std::array<ReservedPort, kGates> admin_ports_{};
  std::unique_ptr<Process> haproxy_;
};

}  // namespace sluice
