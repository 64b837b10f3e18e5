// FaultTest: a gate under load on a Redis in trouble, with a relay between them where a test wants
// one, and a witness of what every client was told. SLUICE_FAULT_ROUNDS sets how often a test
// repeats its trouble, SLUICE_FAULT_PAUSE_S how long Redis is silent where that is what a test is
// about.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "integration/gate_fixture.h"
#include "sluice/base/limits.h"
#include "support/load_driver.h"
#include "support/reading.h"
#include "support/relay.h"
#include "support/temp_dir.h"
#include "support/wait.h"
#include "support/witness.h"

namespace sluice {

inline uint64_t FaultNumber(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}
inline uint64_t FaultRounds(uint64_t otherwise) {
  return FaultNumber("SLUICE_FAULT_ROUNDS", otherwise);
}
inline std::chrono::seconds SilentTime() {
  return std::chrono::seconds(FaultNumber("SLUICE_FAULT_PAUSE_S", 10));
}

// Long enough for every restart here, so that what is resent is also answered.
inline constexpr char kPatient[] = "[delivery]\ndeadline_ms = 9000\n";

class FaultTest : public GateTest {
 protected:
  explicit FaultTest(RedisServer::Port port = RedisServer::Port::kNone) : GateTest(port) {}

  // Its data survives Kill.
  void StartDurableRedis() { redis_.Start(RedisServer::Durable()); }

  void StartGateOnRelay(const std::string& config, unsigned workers = AnyWorkers()) {
    if (!relay_) relay_.emplace(redis_.socket_path());
    StartGateOn(relay_->url(), config, workers);
  }

  // Requests of the witness's records, sent together on a connection of their own and read when
  // the test wants.
  struct Posted {
    HttpClient client;
    std::vector<std::pair<uint64_t, uint32_t>> requests;  // first number, records
  };
  using GateTest::Post;
  Posted Post(const std::vector<std::vector<Reading>>& requests) {
    Posted posted{.client = Connect(), .requests = {}};
    std::string bytes;
    for (const std::vector<Reading>& readings : requests) {
      const uint64_t first = witness_.Ask(readings);
      posted.requests.emplace_back(first, readings.size());
      bytes += PostRequest(kVitals, ReadingsJson(first, readings));
    }
    posted.client.Send(bytes);
    return posted;
  }
  // What each was told.
  std::vector<Told> Read(Posted& posted) {
    std::vector<Told> told;
    for (const auto& [first, records] : posted.requests) {
      told.push_back(witness_.Answer(first, records, posted.client.ReadResponse()));
    }
    return told;
  }
  Told PostAndRead(const std::vector<Reading>& readings) {
    Posted posted = Post({readings});
    return Read(posted).at(0);
  }

  void StartLoad(LoadDriver::Options options = {}) {
    load_ = std::make_unique<LoadDriver>(witness_, options);
    load_->Start(gate_->port());
  }
  testing::AssertionResult WaitAnswered(uint64_t more) {
    const uint64_t until = load_->answered_count() + more;
    return WaitFor([this, until] { return load_->answered_count() >= until; },
                   std::to_string(more) + " more answers");
  }
  testing::AssertionResult WaitStored(uint64_t more) {
    const uint64_t until = load_->stored_count() + more;
    return WaitFor([this, until] { return load_->stored_count() >= until; },
                   std::to_string(more) + " more requests answered 200");
  }
  // Every request that a living gate took was answered, and nothing is left with it.
  void StopLoad() {
    load_->Stop();
    EXPECT_EQ(load_->unanswered_count(), 0u) << "requests without an answer";
    EXPECT_TRUE(WaitSettled());
  }
  testing::AssertionResult WaitAlerts(uint64_t count) {
    return WaitFor([&] { return Length("alerts") >= static_cast<int64_t>(count); },
                   std::to_string(count) + " alerts in their stream");
  }
  // A worker has a link for bulk and one for alerts.
  size_t link_count() const { return 2 * gate_->workers(); }
  testing::AssertionResult WaitSettled() {
    return WaitFor([this] { return Metrics().Sum("sluice_inflight_bytes") == 0; },
                   "the gate to settle all it took");
  }
  // The records that are stored, as entries of their own.
  virtual std::vector<StreamEntry> RecordEntries() { return redis_.client().ReadStream("vitals"); }
  void ExpectAnswersTrue() {
    EXPECT_TRUE(witness_.Check(RecordEntries()));
    EXPECT_TRUE(witness_.CheckAlerts(redis_.client().ReadStream("alerts")));
  }

  // Ends the load and the gate: all that was asked was answered 200, and stands there once.
  void ExpectAllStored() {
    ASSERT_TRUE(WaitStored(100));
    StopLoad();
    ExpectAnswersTrue();
    EXPECT_EQ(witness_.Count(Told::kUnknown), 0u)
        << "what was in flight can be told and sent again";
    EXPECT_EQ(witness_.Count(Told::kNotStored), 0u);
    EXPECT_EQ(Length("alerts"), static_cast<int64_t>(witness_.alerts_asked()));
    EXPECT_EQ(StopGate().stored, RecordEntries().size());
  }

  // Watches the gate for that long, calling `look` every few milliseconds.
  static void Watch(std::chrono::milliseconds time, const std::function<void()>& look) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
      look();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  void TearDown() override {
    load_.reset();
    GateTest::TearDown();
  }

  std::optional<Relay> relay_;
  Witness witness_;
  std::unique_ptr<LoadDriver> load_;
};

}  // namespace sluice
