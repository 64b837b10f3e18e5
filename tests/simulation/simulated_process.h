// One life of a worker's delivery side in a simulation: its bulk lane, its urgent lane if it has
// one, and its sink. It ends by Die, as a killed process does: what its kernel had taken may still
// arrive, and what a sync was writing may be on the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulation/fake_batch_log.h"
#include "simulation/simulated_lane.h"
#include "simulation/simulated_redis.h"
#include "sluice/base/random.h"
#include "sluice/base/worker_stats.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/joint_tickets.h"
#include "sluice/redis/stream_sink.h"
#include "support/fake_clock.h"
#include "unit/redis/one_lane.h"

namespace sluice {

// Of which streams "a" and "b" raise alerts, where there is a lane for them.
inline const std::vector<std::string> kSimulatedRules = {"high", "low"};

// What a process finds and leaves on its machine. Without a log it leaves nothing.
struct SimulatedMachine {
  bool has_log = false;
  bool has_urgent_lane = false;
  LinkFaults faults = LinkFaults::kAny;
  FakeDisk bulk_disk = {};
  FakeDisk urgent_disk = {};

  // As when the rules are taken out of the configuration: what is left of the urgent lane's batches
  // becomes the bulk lane's to send, before its own.
  void LoseUrgentLane() {
    has_urgent_lane = false;
    std::deque<LoggedCopy> batches = std::exchange(urgent_disk.batches, {});
    for (LoggedCopy& batch : bulk_disk.batches) batches.push_back(std::move(batch));
    bulk_disk.batches = std::move(batches);
  }
};

class SimulatedProcess {
 public:
  SimulatedProcess(const std::string& ledger, Random& random, const FakeClock& clock,
                   SimulatedRedis& redis, SimulatedMachine& machine, TicketListener& listener)
      : random_(random),
        redis_(redis),
        clock_(clock),
        joints_(listener, clock_, alert_stats_),
        bulk_(LaneKind::kBulk, ledger, random, clock_, redis,
              machine.has_log ? &machine.bulk_disk : nullptr, machine.faults, joints_.bulk()) {
    std::vector<StreamSpec> streams = {{.stream = "a", .fields = {"v"}},
                                       {.stream = "b", .fields = {"v"}}};
    if (!machine.has_urgent_lane) {
      sink_.emplace(StreamSinkOptions{.dedupe_window_s = 600}, streams,
                    OneLane(streams, bulk_.lane()).way());
      return;
    }
    urgent_.emplace(LaneKind::kUrgent, ledger + ":urgent", random, clock_, redis,
                    machine.has_log ? &machine.urgent_disk : nullptr, machine.faults,
                    joints_.urgent());
    for (StreamSpec& spec : streams) {
      spec.route = "/" + spec.stream;
      spec.alert_rules = kSimulatedRules;
    }
    const AlertWay alerts{.stream = {.stream = "alerts"}, .lane = urgent_->lane(), .clock = clock_};
    sink_.emplace(StreamSinkOptions{.dedupe_window_s = 600}, streams,
                  OneLane(streams, bulk_.lane(), &joints_).way(), &alerts);
  }

  StreamSink& sink() { return *sink_; }
  uint64_t now_ns() { return clock_.now_ns(); }
  SimulatedLane& AnyLane() { return urgent_ && random_.Below(2) == 0 ? *urgent_ : bulk_; }

  void TurnEnd() {
    if (urgent_) urgent_->lane().Flush();
    bulk_.lane().Flush();
    clock_.Forget();
  }
  void Sweep() {
    clock_.Forget();
    if (urgent_) urgent_->Sweep();
    bulk_.Sweep();
  }

  // Without faults: everything that can move has moved.
  void RunToRest() {
    bulk_.RunToRest();
    if (urgent_) urgent_->RunToRest();
    redis_.RunToRest();
  }
  bool AtRest() const {
    return bulk_.AtRest() && (!urgent_ || urgent_->AtRest()) && sink_->unsettled_bytes() == 0;
  }

  // After this nobody hears of it again.
  void Die() {
    bulk_.Die();
    if (urgent_) urgent_->Die();
  }

 private:
  Random& random_;
  SimulatedRedis& redis_;
  TurnClock clock_;
  AlertStats alert_stats_;
  JointTickets joints_;
  SimulatedLane bulk_;
  std::optional<SimulatedLane> urgent_;
  std::optional<StreamSink> sink_;
};

}  // namespace sluice
