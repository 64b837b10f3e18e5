// A seeded simulation of lanes that move: requests go through two lanes, each to a slot of its own,
// to a cluster whose slots migrate between three nodes, while connections are cut at any byte, old
// ones are read late, nodes restart, pause and refuse, and time passes. What each request was told
// is held against the streams. A failure names its seed, as in delivery_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/seeds.h"
#include "simulation/simulated_cluster.h"
#include "simulation/simulated_lane.h"
#include "sluice/base/random.h"
#include "sluice/base/worker_stats.h"
#include "sluice/redis/hash_slot.h"
#include "sluice/redis/lane_layout.h"
#include "sluice/redis/nodes.h"
#include "sluice/redis/resp.h"
#include "support/fake_clock.h"

namespace sluice {
namespace {

constexpr size_t kBudgetBytes = 10'000;
constexpr int kSteps = 300;
constexpr int kRestSteps = 2'000;
constexpr uint64_t kRestStepMs = 50;
const std::vector<std::string> kTags = {"0", "1"};

class Simulation : public TicketListener {
 public:
  explicit Simulation(uint64_t seed)
      : random_(seed),
        has_faults_(random_.Below(4) > 0),
        streams_(has_faults_ ? 2 : 1),
        cluster_(random_, kTags) {
    cluster_.slots_return = has_faults_;
    std::string url = "redis+cluster://" + SimulatedCluster::AddressOf(0);
    for (size_t i = 0; i < SimulatedCluster::kNodes; ++i) {
      cluster_.node(i).trace = trace_;
      if (i > 0) url += "," + SimulatedCluster::AddressOf(i);
    }
    nodes_ = std::make_unique<Nodes>(
        Nodes::Options{.url = RedisUrl::Parse(url).value(),
                       .connect_ms = 1'000,
                       .jitter_seed = random_.Next()},
        [this](const Address& address) { return cluster_.MakeDialer(address); }, clock_, stats_);
    for (const std::string& tag : kTags) {
      lanes_.push_back(
          std::make_unique<Lane>(AnyLaneOptions(random_, TaggedKey("ledger", tag),
                                                has_faults_ ? LinkFaults::kAny : LinkFaults::kNone),
                                 clock_, stats_, *this));
      nodes_->Add(*lanes_.back(), HashSlot(tag));
    }
    nodes_->Start();
    Rest(4);
  }

  void Run() {
    for (int step = 0; step < kSteps && !Failed(); ++step) {
      Step();
      TurnEnd();
    }
    if (!Failed()) Recover();
    if (!Failed()) CheckStreams();
    // Also after a failure, so that it is the failure that is reported.
    ended_ = true;
    for (const auto& lane : lanes_) lane->Abandon();
    nodes_->Close();
    cluster_.RunToRest();
    ASSERT_TRUE(nodes_->closed());
  }

 private:
  struct Request {
    size_t lane = 0;
    std::vector<std::string> streams = {};  // of its records in order
    std::optional<Settlement> settled = {};
  };

  static bool Failed() { return testing::Test::HasFailure(); }
  static std::string Value(size_t request, size_t record) {
    return std::to_string(request) + "." + std::to_string(record);
  }

  void Step() {
    switch (random_.Below(20)) {
      case 0:
      case 1:
      case 2:
        return Offer();
      case 3:
        return PassTime(random_.Below(30) == 0 ? random_.Below(6'000) : random_.Below(60));
      case 4:
      case 5:
        for (int i = 0; i < 2; ++i) cluster_.StepNetwork();
        return;
      case 6:
        return cluster_.StepKernel();
      case 7:
        if (random_.Below(4) == 0 && has_faults_) cluster_.Cut();
        return;
      case 8:
        if (has_faults_) ChangeNode(cluster_.AnyNode());
        return;
      case 9:
        return cluster_.StepMigration();
      default:
        for (int i = 0; i < 4; ++i) cluster_.AnyNode().Step();
    }
  }

  void ChangeNode(SimulatedRedis& node) {
    switch (random_.Below(10)) {
      case 0:
        node.Restart();
        node.loading = random_.Below(2) * random_.Below(6);
        break;
      case 1:
        node.paused = !node.paused;
        break;
      case 2:
        node.out_of_memory = !node.out_of_memory;
        break;
      case 3:
        node.replicas = random_.Below(2);
        break;
      default:
        node.paused = node.out_of_memory = false;
    }
  }

  // One XADD a record; a lane's requests are for one of its streams, or several.
  void Offer() {
    const size_t index = random_.Below(lanes_.size());
    Lane& lane = *lanes_[index];
    if (lane.unsettled_bytes() > kBudgetBytes) return;
    Request request{.lane = index};
    Buffer& out = lane.Begin();
    for (uint64_t records = 1 + random_.Below(3); records > 0; --records) {
      const std::string stream =
          std::string(random_.Below(streams_) == 0 ? "a" : "b") + ":{" + kTags[index] + "}";
      AppendCommand({"XADD", stream, "*", "v", Value(requests_.size(), request.streams.size())},
                    out);
      request.streams.push_back(stream);
    }
    if (random_.Below(8) == 0) return lane.Rollback();
    const auto records = static_cast<uint32_t>(request.streams.size());
    const uint64_t deadline_ms = random_.Below(2) == 0 ? 300 : 5'000;
    requests_.push_back(std::move(request));
    lane.Commit({.session = {},
                 .answer = static_cast<uint32_t>(requests_.size() - 1),
                 .records = records,
                 .deadline_ns = clock_.now_ns() + deadline_ms * kNsPerMs},
                records);
  }

  void PassTime(uint64_t ms) {
    fake_clock_.AdvanceMs(ms);
    clock_.Forget();
    nodes_->Sweep();
    for (const auto& lane : lanes_) lane->Sweep();
  }
  void TurnEnd() {
    nodes_->Turn();
    for (const auto& lane : lanes_) lane->Flush();
    clock_.Forget();
  }
  void Rest(int steps) {
    for (int step = 0; step < steps; ++step) {
      PassTime(kRestStepMs);
      cluster_.RunToRest();
      TurnEnd();
    }
  }

  void OnSettled(const Ticket& ticket, const Settlement& settlement) override {
    if (ended_) return;
    Request& request = requests_.at(ticket.answer);
    EXPECT_FALSE(request.settled) << "request " << ticket.answer << " was settled twice";
    request.settled = settlement;
    if (trace_) {
      std::fprintf(stderr, "request %u: outcome %d, reason %d\n", ticket.answer,
                   static_cast<int>(settlement.outcome), static_cast<int>(settlement.reason));
    }
    Check(ticket.answer);
  }

  void Recover() {
    for (size_t i = 0; i < SimulatedCluster::kNodes; ++i) {
      SimulatedRedis& node = cluster_.node(i);
      node.paused = node.out_of_memory = false;
      node.loading = 0;
      node.replicas = 1;
    }
    const auto at_rest = [](const auto& lane) {
      return lane->empty() && lane->unsettled_bytes() == 0 && lane->attached() != nullptr &&
             lane->attached()->ready();
    };
    for (int step = 0; step < kRestSteps && !Failed(); ++step) {
      Rest(1);
      if (std::all_of(lanes_.begin(), lanes_.end(), at_rest)) return;
    }
    ADD_FAILURE() << "all nodes are well, and a lane is not";
  }

  // That its records are there as it was told.
  void Check(size_t r) const {
    const Request& request = requests_[r];
    const size_t first = cluster_.Count(Value(r, 0));
    for (size_t i = 0; i < request.streams.size(); ++i) {
      const size_t times = cluster_.Count(Value(r, i));
      EXPECT_LE(times, 1u) << "record " << Value(r, i) << " is there " << times << " times";
      EXPECT_EQ(times, first) << "record " << Value(r, i) << ": its request is there in part";
      if (!request.settled || request.settled->outcome == Outcome::kUnknown) continue;
      const bool stored = request.settled->outcome == Outcome::kStored;
      EXPECT_EQ(times, stored ? 1u : 0u)
          << "record " << Value(r, i) << " was " << (stored ? "stored" : "refused");
    }
  }

  void CheckStreams() const {
    for (size_t r = 0; r < requests_.size(); ++r) {
      EXPECT_TRUE(requests_[r].settled) << "request " << r << " was never settled";
      Check(r);
    }
    if (has_faults_) return;
    for (const std::string& tag : kTags) {
      std::vector<std::string> expected;
      for (size_t r = 0; r < requests_.size(); ++r) {
        for (size_t i = 0; i < requests_[r].streams.size(); ++i) {
          const bool is_here = kTags[requests_[r].lane] == tag;
          if (is_here && cluster_.Count(Value(r, i)) > 0) expected.push_back(Value(r, i));
        }
      }
      EXPECT_EQ(cluster_.Stream("a:{" + tag + "}"), expected) << "their order is not kept";
    }
  }

  const bool trace_ = std::getenv("SLUICE_SIMULATION_TRACE") != nullptr;
  Random random_;
  // Without them records keep their order: no link is lost, each lane has one stream, and no slot
  // comes back while a batch that it turned away is on the link still, before others.
  const bool has_faults_;
  const uint64_t streams_;
  FakeClock fake_clock_;
  TurnClock clock_{fake_clock_};
  LaneStats stats_{LaneKind::kBulk};
  SimulatedCluster cluster_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<Nodes> nodes_;
  std::vector<Request> requests_;
  bool ended_ = false;  // what is settled now, nobody hears
};

TEST(ClusterSimulation, WhatEachRequestIsToldIsTrueWhereverItsSlotGoes) { RunSeeds<Simulation>(); }

}  // namespace
}  // namespace sluice
