// A seeded simulation of delivery: requests go through a lane, and the alerts that they raise
// through another, to a Redis that really runs what it reads, while connections are cut at any
// byte, old ones are read late, Redis restarts, pauses and refuses, syncs of the log fail,
// processes die and others take their place, and time passes. What each request was told is held
// against the stream. A failure names its seed:
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
      : random_(seed), redis_(random_), has_wrong_types_(random_.Below(4) == 0) {
    machine_.has_log = random_.Below(2) == 0;
    machine_.has_urgent_lane = random_.Below(3) > 0;
    if (has_wrong_types_) machine_.faults = LinkFaults::kNone;
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
  struct Alert {
    std::string rule;
    std::string value;
  };
  struct Request {
    uint32_t records = 0;
    std::vector<Alert> alerts = {};
    std::optional<Settlement> settled = {};
  };

  static bool Failed() { return testing::Test::HasFailure(); }
  static std::string Value(size_t request, uint32_t record) {
    return std::to_string(request) + "." + std::to_string(record);
  }

  void StartProcess() {
    process_ = std::make_unique<SimulatedProcess>("ledger:" + std::to_string(process_count_++),
                                                  random_, clock_, redis_, machine_, *this);
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
        return process_->AnyLane().StepNetwork();
      case 6:
        return process_->AnyLane().StepKernel();
      case 7:
        if (random_.Below(3) == 0 && !has_wrong_types_) process_->AnyLane().Cut();
        return;
      case 8:
        return ChangeRedis();
      case 9:
      case 10:
        return process_->AnyLane().StepLog();
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
    const bool is_urgent = machine_.has_urgent_lane && random_.Below(3) == 0;
    std::vector<Alert> alerts;
    for (uint32_t i = 0; i < records; ++i) {
      const std::string value = Value(requests_.size(), i);
      const std::string_view values[] = {value};
      sink.Append(values);
      for (uint32_t rule = 0; is_urgent && rule < kSimulatedRules.size(); ++rule) {
        if (random_.Below(2) == 0) continue;
        sink.AppendAlert(rule, values);
        alerts.push_back({kSimulatedRules[rule], value});
      }
    }
    (void)sink.Finish();
    if (random_.Below(8) == 0) return sink.Rollback();
    const uint64_t deadline_ms = random_.Below(2) == 0 ? 300 : 5'000;
    requests_.push_back({.records = records, .alerts = std::move(alerts)});
    sink.Commit({.session = {},
                 .answer = static_cast<uint32_t>(requests_.size() - 1),
                 .records = records,
                 .deadline_ns = process_->now_ns() + deadline_ms * kNsPerMs});
    if (random_.Below(2) == 0) sink.SendAlerts();
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
        if (has_wrong_types_ && random_.Below(3) == 0) redis_.wrong_type.insert("alerts");
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
    if (machine_.has_urgent_lane && random_.Below(4) == 0) machine_.LoseUrgentLane();
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
    if (settlement.outcome == Outcome::kUnknown || settlement.reason == OutcomeReason::kJournal) {
      return;
    }
    const bool stored = settlement.outcome == Outcome::kStored;
    ExpectTimes(ticket.answer, stored ? 1 : 0, stored ? "stored" : "refused");
  }

  void ExpectTimes(size_t r, size_t times, const char* told) const {
    for (uint32_t i = 0; i < requests_[r].records; ++i) {
      EXPECT_EQ(redis_.Count(Value(r, i)), times) << told << ": record " << Value(r, i);
    }
    for (const Alert& alert : requests_[r].alerts) {
      EXPECT_EQ(redis_.CountAlerts(alert.rule, alert.value), times)
          << told << ": alert " << alert.rule << " of record " << alert.value;
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
      if (process_->AtRest() && machine_.bulk_disk.empty() && machine_.urgent_disk.empty()) return;
    }
    EXPECT_EQ(process_->sink().unsettled_bytes(), 0u) << "requests are never settled";
    EXPECT_TRUE(machine_.bulk_disk.empty()) << "batches stay on the disk:\n"
                                            << machine_.bulk_disk.Describe();
    EXPECT_TRUE(machine_.urgent_disk.empty()) << "alerts stay on the disk:\n"
                                              << machine_.urgent_disk.Describe();
    EXPECT_TRUE(Failed()) << "Redis is back, and a link or what a log has read is not";
  }

  // Of an alert of that rule; of the record itself without one.
  bool SetAside(const std::string& value, const std::string& rule = "") const {
    const auto is_it = [&](const std::string& command) {
      const auto has = [&](const std::string& word) {
        return command.find("\r\n" + word + "\r\n") != std::string::npos;
      };
      return has(value) && (rule.empty() ? !has("alerts") : has(rule));
    };
    const std::vector<std::string>& bulk = machine_.bulk_disk.set_aside;
    const std::vector<std::string>& urgent = machine_.urgent_disk.set_aside;
    return std::any_of(bulk.begin(), bulk.end(), is_it) ||
           std::any_of(urgent.begin(), urgent.end(), is_it);
  }

  void CheckStream() {
    for (size_t r = 0; r < requests_.size(); ++r) {
      const Request& request = requests_[r];
      EXPECT_TRUE(request.settled || r < answered_from_) << "request " << r << " was never settled";
      const size_t first = redis_.Count(Value(r, 0));
      for (uint32_t i = 0; i < request.records; ++i) {
        const std::string value = Value(r, i);
        Check(request, "record " + value, redis_.Count(value), first, SetAside(value));
      }
      const std::vector<Alert>& alerts = request.alerts;
      for (const Alert& alert : alerts) {
        Check(request, "alert " + alert.rule + " of record " + alert.value,
              redis_.CountAlerts(alert.rule, alert.value),
              redis_.CountAlerts(alerts[0].rule, alerts[0].value),
              SetAside(alert.value, alert.rule));
      }
    }
  }

  // That `what` is there as often as its request was told, and as the first of its kind.
  static void Check(const Request& request, const std::string& what, size_t times, size_t first,
                    bool set_aside) {
    const std::optional<Settlement>& settled = request.settled;
    EXPECT_LE(times, 1u) << what << " is there " << times << " times";
    EXPECT_EQ(times, first) << what << " is there and others of its request are not, or it is not";
    if (settled && settled->outcome == Outcome::kRefused) {
      EXPECT_EQ(times, 0u) << what << " was refused";
    }
    if (!settled || settled->outcome != Outcome::kStored) return;
    const bool in_journal = settled->reason == OutcomeReason::kJournal;
    EXPECT_EQ(times, in_journal && set_aside ? 0u : 1u)
        << what << " was stored" << (in_journal ? " in the journal" : "");
  }

  const bool trace_ = std::getenv("SLUICE_SIMULATION_TRACE") != nullptr;
  Random random_;
  FakeClock clock_;
  SimulatedRedis redis_;
  // An error of one command inside EXEC is told by EXEC's reply alone: when that is lost, the
  // ledger says that the batch was committed, and nobody that a part of it failed.
  const bool has_wrong_types_;
  SimulatedMachine machine_;
  std::unique_ptr<SimulatedProcess> process_;
  uint32_t process_count_ = 0;
  std::vector<Request> requests_;
  size_t answered_from_ = 0;  // requests before it were of processes that died
  bool dying_ = false;        // what it settles now, nobody hears
};

TEST(DeliverySimulation, WhatEachRequestIsToldIsTrueOfTheStream) { RunSeeds<Simulation>(); }

}  // namespace
}  // namespace sluice
