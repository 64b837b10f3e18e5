// GateTest: a Redis and a gate of each test's own, on free ports and sockets, and the words the
// tests of this folder share. When a test ends, a gate that still runs is drained, and must leave
// with exit code 0, a balanced ledger line and no complaint of a sanitizer; a failed test shows
// what it said.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/answer.h"
#include "support/gate.h"
#include "support/http_client.h"
#include "support/metrics_text.h"
#include "support/redis_server.h"
#include "support/tcp_table.h"
#include "support/wait.h"

namespace sluice {

inline constexpr char kVitals[] = "/v1/vitals";
inline constexpr char kQuestionnaires[] = "/v1/questionnaires";
inline constexpr char kNdjson[] = "application/x-ndjson";

// An entry's fields in order.
using Fields = std::vector<std::pair<std::string, std::string>>;

// The record {"device_id":...,"timestamp":...,"heart_rate":72.5}, and its entry.
inline std::string Vital(std::string_view device, int64_t timestamp) {
  return R"({"device_id":")" + std::string(device) + R"(","timestamp":)" +
         std::to_string(timestamp) + R"(,"heart_rate":72.5})";
}
inline Fields VitalEntry(std::string_view device, int64_t timestamp) {
  return {{"device_id", std::string(device)},
          {"timestamp", std::to_string(timestamp)},
          {"heart_rate", "72.5"}};
}

// The same for a questionnaire's answer.
inline std::string QuestionAnswer(std::string_view patient, int answer) {
  return R"({"patient_id":")" + std::string(patient) + R"(","question_id":"q7","answer":)" +
         std::to_string(answer) + R"(,"submit_time":"2026-01-31T08:00:00Z"})";
}
inline Fields QuestionAnswerEntry(std::string_view patient, int answer) {
  return {{"patient_id", std::string(patient)},
          {"question_id", "q7"},
          {"answer", std::to_string(answer)},
          {"submit_time", "2026-01-31T08:00:00Z"}};
}

// Of a test that does not care how many; SLUICE_TEST_WORKERS sets another number.
inline unsigned AnyWorkers() {
  const char* count = std::getenv("SLUICE_TEST_WORKERS");
  return count != nullptr ? static_cast<unsigned>(std::stoul(count)) : 2;
}

class GateTest : public testing::Test {
 protected:
  explicit GateTest(RedisServer::Port port = RedisServer::Port::kNone) : redis_(port) {}

  // With Redis up and the gate ready: where most tests begin.
  void StartAll(const std::string& config = "", unsigned workers = AnyWorkers()) {
    redis_.Start();
    StartGate(config, workers);
    ASSERT_TRUE(WaitReady());
  }
  void StartGate(const std::string& config = "", unsigned workers = AnyWorkers()) {
    StartGateOn(redis_.url(), config, workers);
  }
  void StartGateOn(const std::string& redis_url, const std::string& config, unsigned workers) {
    Gate::Options options;
    options.redis_url = redis_url;
    options.config = config;
    options.workers = workers;
    gate_ = std::make_unique<Gate>(options);
  }

  testing::AssertionResult WaitReady() {
    return WaitFor([this] { return Admin("/readyz").status == 200; }, "readiness");
  }
  testing::AssertionResult WaitNotReady() {
    return WaitFor([this] { return Admin("/readyz").status == 503; }, "readiness to fall");
  }

  HttpClient Connect() const { return HttpClient(gate_->port()); }
  // On a connection of its own.
  HttpResponse Post(std::string_view path, std::string_view body,
                    std::string_view content_type = "application/json") const {
    return Connect().Post(path, body, content_type);
  }
  HttpResponse Admin(std::string_view path) const {
    return HttpClient(gate_->admin_port()).Get(path);
  }
  MetricsText Metrics() const { return MetricsText(Admin("/metrics").body); }
  // Waits until the gate has taken a request that it has not settled.
  testing::AssertionResult WaitInflight() const {
    return WaitFor([this] { return Metrics().Sum("sluice_inflight_bytes") > 0; },
                   "the gate to hold a request");
  }

  std::vector<Fields> Stored(const std::string& stream) {
    std::vector<Fields> all;
    for (StreamEntry& entry : redis_.client().ReadStream(stream)) {
      all.push_back(std::move(entry.fields));
    }
    return all;
  }
  int64_t Length(const std::string& stream) { return redis_.client().Length(stream); }

  // Drains the gate and returns its ledger, which must balance.
  LedgerLine StopGate(int expected_exit = 0) {
    EXPECT_EQ(gate_->Stop(), expected_exit);
    return CheckedLedger();
  }

  // Of a gate that has left.
  LedgerLine CheckedLedger() {
    const std::optional<LedgerLine> ledger = gate_->ledger();
    if (!ledger) {
      ADD_FAILURE() << "no ledger line in: " << gate_->out();
      return {};
    }
    EXPECT_EQ(ledger->accepted, ledger->stored + ledger->refused + ledger->unknown);
    return *ledger;
  }

  void TearDown() override {
    if (gate_ == nullptr) return;
    if (gate_->Running()) StopGate();
    const std::string err = gate_->err();
    EXPECT_EQ(err.find("Sanitizer"), err.npos);
    EXPECT_EQ(err.find("runtime error:"), err.npos);
    if (HasFailure()) {
      std::cerr << "The gate's stdout:\n" << gate_->out() << "Its stderr:\n" << err;
    }
  }

  RedisServer redis_;
  std::unique_ptr<Gate> gate_;
};

// With Redis on a loopback port as well, whose unread bytes can be seen: a batch that was sent to a
// paused Redis waits there.
class TcpRedisTest : public GateTest {
 protected:
  TcpRedisTest() : GateTest(RedisServer::Port::kLoopback) {}

  void StartAllOnTcp(const std::string& config = "", unsigned workers = 1) {
    redis_.Start();
    StartGateOn("redis://" + redis_.address(), config, workers);
    ASSERT_TRUE(WaitReady());
  }
  testing::AssertionResult WaitBatchSent() const {
    return WaitFor([this] { return UnreadBytes(redis_.port()) > 0; },
                   "a batch to reach the paused Redis");
  }
};

}  // namespace sluice
