// A seeded simulation of delivery: requests go through a lane to a Redis that really runs what it
// reads, while connections are cut at any byte, old ones are read late, Redis restarts, pauses and
// refuses, syncs of the log fail, processes die and others take their place, and time passes. What
// each request was told is held against the stream. A failure names its seed:
//   SLUICE_SIMULATION_SEED=n runs that one, SLUICE_SIMULATION_SEEDS=n that many;
//   SLUICE_SIMULATION_TRACE=1 shows what Redis ran and what requests were told.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/fake_batch_log.h"
#include "simulation/seeds.h"
#include "simulation/simulated_process.h"
#include "simulation/simulated_redis.h"
#include "sluice/base/random.h"
#include "support/fake_clock.h"

namespace sluice {
namespace {

constexpr size_t kBudgetBytes = 10'000;
constexpr int kSteps = 150;
constexpr int kRecoverySteps = 2'000;
constexpr uint64_t kRecoveryStepMs = 50;

class Simulation : public TicketListener {
 public:
  explicit Simulation(uint64_t seed)
      : random_(seed),
        redis_(random_),
        has_log_(random_.Below(2) == 0),
        has_wrong_types_(random_.Below(4) == 0) {
    redis_.trace = trace_;
    StartProcess();
  }

  void Run() {
    for (int step = 0; step < kSteps && !Failed(); ++step) {
      Step();
      process_->TurnEnd();
    }
    if (!Failed()) Recover();
    if (!Failed()) CheckStream();
    // Also after a failure, so that it is the failure that is reported.
    dying_ = true;
    process_->Die();
  }

 private:
  struct Request {
    uint32_t records = 0;
    std::optional<Settlement> settled = {};
  };

  // An error of one command inside EXEC is told by EXEC's reply alone: when that is lost, the
  // ledger says that the batch was committed, and nobody that a part of it failed.
  LinkFaults link_faults() const { return has_wrong_types_ ? LinkFaults::kNone : LinkFaults::kAny; }
  static bool Failed() { return testing::Test::HasFailure(); }
  static std::string Value(size_t request, uint32_t record) {
    return std::to_string(request) + "." + std::to_string(record);
  }

  void StartProcess() {
    process_ = std::make_unique<SimulatedProcess>(
        "ledger:" + std::to_string(process_count_++), random_, clock_, redis_,
        has_log_ ? &disk_ : nullptr, link_faults(), *this);
    answered_from_ = requests_.size();
  }

  void Step() {
    switch (random_.Below(20)) {
      case 0:
      case 1:
      case 2:
        return Offer();
      case 3:
        return PassTime(random_.Below(15) == 0 ? random_.Below(6'000) : random_.Below(100));
      case 4:
      case 5:
        return process_->StepNetwork();
      case 6:
        return process_->StepKernel();
      case 7:
        if (random_.Below(3) == 0 && !has_wrong_types_) process_->Cut();
        return;
      case 8:
        return ChangeRedis();
      case 9:
      case 10:
        return process_->StepLog();
      case 11:
        if (random_.Below(30) == 0 && !has_wrong_types_) KillProcess();
        return;
      default:
        return redis_.Step();
    }
  }

  void Offer() {
    StreamSink& sink = process_->sink();
    if (sink.unsettled_bytes() > kBudgetBytes) return;
    const auto records = static_cast<uint32_t>(1 + random_.Below(4));
    sink.Begin(static_cast<uint32_t>(random_.Below(2)), nullptr);
    for (uint32_t i = 0; i < records; ++i) {
      const std::string value = Value(requests_.size(), i);
      const std::string_view values[] = {value};
      sink.Append(values);
    }
    (void)sink.Finish();
    if (random_.Below(8) == 0) return sink.Rollback();
    const uint64_t deadline_ms = random_.Below(2) == 0 ? 300 : 5'000;
    requests_.push_back({.records = records});
    sink.Commit({.session = {},
                 .answer = static_cast<uint32_t>(requests_.size() - 1),
                 .records = records,
                 .deadline_ns = process_->now_ns() + deadline_ms * kNsPerMs});
  }

  void PassTime(uint64_t ms) {
    clock_.AdvanceMs(ms);
    process_->Sweep();
  }

  void ChangeRedis() {
    switch (random_.Below(8)) {
      case 0:
        if (has_wrong_types_) return;
        redis_.Restart();
        redis_.loading = random_.Below(2) * random_.Below(6);
        break;
      case 1:
        redis_.paused = !redis_.paused;
        break;
      case 2:
        redis_.out_of_memory = !redis_.out_of_memory;
        break;
      case 3:
        redis_.wrong_type.clear();
        if (has_wrong_types_ && random_.Below(2) == 0) redis_.wrong_type.insert("b");
        break;
      case 4:
        redis_.replicas = random_.Below(2);
        break;
      default:
        redis_.paused = false;
    }
  }

  void KillProcess() {
    dying_ = true;
    process_->Die();
    process_.reset();
    dying_ = false;
    // What its kernel had taken may still be read, before the next process's words or after.
    if (random_.Below(2) == 0) redis_.RunOrphans();
    StartProcess();
  }

  void OnSettled(const Ticket& ticket, const Settlement& settlement) override {
    if (dying_) return;
    Request& request = requests_.at(ticket.answer);
    EXPECT_FALSE(request.settled) << "request " << ticket.answer << " was settled twice";
    request.settled = settlement;
    if (trace_) {
      std::fprintf(stderr, "request %u: outcome %d, reason %d\n", ticket.answer,
                   static_cast<int>(settlement.outcome), static_cast<int>(settlement.reason));
    }
    EXPECT_EQ(settlement.repeated, 0u);
    const bool in_redis =
        settlement.outcome == Outcome::kStored && settlement.reason != OutcomeReason::kJournal;
    for (uint32_t i = 0; i < request.records && settlement.outcome != Outcome::kUnknown; ++i) {
      const size_t times = redis_.Count(Value(ticket.answer, i));
      if (in_redis) {
        EXPECT_EQ(times, 1u) << "stored: record " << Value(ticket.answer, i);
      }
      if (settlement.outcome == Outcome::kRefused) {
        EXPECT_EQ(times, 0u) << "refused: record " << Value(ticket.answer, i);
      }
    }
  }

  void Recover() {
    redis_.paused = false;
    redis_.out_of_memory = false;
    redis_.wrong_type.clear();
    redis_.loading = 0;
    redis_.replicas = 1;
    for (int step = 0; step < kRecoverySteps && !Failed(); ++step) {
      PassTime(kRecoveryStepMs);
      process_->RunToRest();
      process_->TurnEnd();
      if (process_->AtRest() && disk_.empty()) return;
    }
    EXPECT_TRUE(process_->lane().empty()) << "batches are never sent";
    EXPECT_EQ(process_->lane().unsettled_bytes(), 0u);
    EXPECT_TRUE(disk_.empty()) << "batches stay on the disk:\n" << disk_.Describe();
    EXPECT_TRUE(Failed()) << "Redis is back and the link is not";
  }

  bool SetAside(const std::string& value) const {
    return std::any_of(disk_.set_aside.begin(), disk_.set_aside.end(), [&](const auto& bytes) {
      return bytes.find("\r\n" + value + "\r\n") != std::string::npos;
    });
  }

  void CheckStream() {
    for (size_t r = 0; r < requests_.size(); ++r) {
      const Request& request = requests_[r];
      const std::optional<Settlement>& settled = request.settled;
      EXPECT_TRUE(settled || r < answered_from_) << "request " << r << " was never settled";
      const bool stored = settled && settled->outcome == Outcome::kStored;
      const bool refused = settled && settled->outcome == Outcome::kRefused;
      const size_t first = redis_.Count(Value(r, 0));
      for (uint32_t i = 0; i < request.records; ++i) {
        const std::string value = Value(r, i);
        const size_t times = redis_.Count(value);
        EXPECT_LE(times, 1u) << "record " << value << " is there " << times << " times";
        EXPECT_EQ(times, first) << "request " << r << " is there in part";
        if (refused) {
          EXPECT_EQ(times, 0u) << "record " << value << " was refused";
        }
        if (!stored) continue;
        const bool kept_aside = settled->reason == OutcomeReason::kJournal && SetAside(value);
        EXPECT_EQ(times, kept_aside ? 0u : 1u)
            << "record " << value << " was stored"
            << (settled->reason == OutcomeReason::kJournal ? " in the journal" : "");
      }
    }
  }

  const bool trace_ = std::getenv("SLUICE_SIMULATION_TRACE") != nullptr;
  Random random_;
  FakeClock clock_;
  SimulatedRedis redis_;
  FakeDisk disk_;
  const bool has_log_;
  const bool has_wrong_types_;
  std::unique_ptr<SimulatedProcess> process_;
  uint32_t process_count_ = 0;
  std::vector<Request> requests_;
  size_t answered_from_ = 0;  // requests before it were of processes that died
  bool dying_ = false;        // what it settles now, nobody hears
};

TEST(DeliverySimulation, WhatEachRequestIsToldIsTrueOfTheStream) { RunSeeds<Simulation>(); }

}  // namespace
}  // namespace sluice
