// A lane of a simulated process with all that it stands on: its link over FakeWires to a simulated
// Redis, and its log if it has one.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "simulation/fake_batch_log.h"
#include "simulation/simulated_redis.h"
#include "sluice/base/lane_kind.h"
#include "sluice/base/limits.h"
#include "sluice/base/random.h"
#include "sluice/base/worker_stats.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/link.h"
#include "sluice/redis/shared_link.h"
#include "support/fake_stream.h"

namespace sluice {

// What may go wrong with a process's links and replicas.
enum class LinkFaults : uint8_t { kNone, kAny };

inline LaneOptions AnyLaneOptions(Random& random, const std::string& ledger, LinkFaults faults) {
  LaneOptions options{};
  options.window =
      static_cast<uint32_t>(1 + random.Below(random.Below(4) == 0 ? kUrgentWindow : 4));
  options.batch_records_max = static_cast<uint32_t>(1 + random.Below(20));
  options.batch_bytes_max = 200 + random.Below(2'000);
  options.linger_ns = random.Below(4) == 0 ? kNsPerMs : 0;
  const bool any = faults == LinkFaults::kAny;
  options.reply_ms = any && random.Below(2) == 0 ? 400 : any ? 10'000 : UINT32_MAX;
  options.ledger_key = ledger;
  options.ledger_ttl_seconds = 86'400;
  options.log_after_ns = random.Below(4) == 0 ? 0 : 200 * kNsPerMs;
  options.log_at_once = random.Below(4) == 0;
  options.replicas = any && random.Below(4) == 0 ? 1 : 0;
  options.replica_wait_ms = 100;
  return options;
}

class SimulatedLane {
 public:
  // Without a disk it has no log.
  SimulatedLane(LaneKind kind, const std::string& ledger, Random& random, TurnClock& clock,
                SimulatedRedis& redis, FakeDisk* disk, LinkFaults faults, TicketListener& listener)
      : random_(random),
        redis_(redis),
        stats_(kind),
        link_({.url = {}, .connect_ms = 1'000}, dialer_, clock, random.Next()),
        shared_(link_, {}, clock, stats_.redis_reconnects),
        lane_(AnyLaneOptions(random, ledger, faults), clock, stats_, listener) {
    if (disk != nullptr) {
      log_ = std::make_unique<FakeBatchLog>(*disk, ledger, random.Below(2) == 0);
      lane_.set_log(*log_);
    }
    lane_.Attach(shared_);
    link_.Start();
  }

  Lane& lane() { return lane_; }

  void Sweep() {
    link_.Sweep();
    lane_.Sweep();
  }

  // What the network can do next without a fault: finish a close, make a connection.
  void StepNetwork() {
    if (wire() == nullptr) return;
    if (wire()->closing) return wire()->FinishClose();
    if (connected()) return;
    connected_.insert(wire());
    redis_.Accept(dialer_.wires.back());
    wire()->Connect();
  }
  void StepKernel() {
    if (wire() == nullptr || wire()->closing) return;
    wire()->room = random_.Below(3) == 0 ? random_.Below(300) : SIZE_MAX;
    if (wire()->has_waiting()) wire()->TakeWaiting(1 + random_.Below(300));
  }
  void Cut() {
    if (wire() == nullptr || wire()->closing) return;
    if (random_.Below(3) == 0) redis_.LoseTail(*wire());
    wire()->FinishClose(connected() ? "connection reset by peer" : "connection refused");
  }
  // The log's disk, for better or worse.
  void StepLog() {
    if (log_ == nullptr) return;
    log_->reads_at_once = random_.Below(3) != 0;
    if (random_.Below(6) == 0) log_->room = random_.Below(2) == 0 ? SIZE_MAX : random_.Below(1'000);
    if (!log_->syncing() || random_.Below(2) == 0) return;
    const uint64_t fate = random_.Below(12);
    log_->FinishSync(fate == 0   ? LogSynced::kRefused
                     : fate == 1 ? LogSynced::kUnclear
                                 : LogSynced::kDurable);
  }

  // Without faults: everything of this lane that can move has moved, but for what Redis does.
  void RunToRest() {
    StepNetwork();
    if (wire() != nullptr && !wire()->closing) {
      wire()->room = SIZE_MAX;
      if (wire()->has_waiting()) wire()->TakeWaiting();
    }
    if (log_ == nullptr) return;
    log_->room = SIZE_MAX;
    log_->reads_at_once = true;
    if (log_->syncing()) log_->FinishSync(LogSynced::kDurable);
  }
  bool AtRest() const {
    const bool log_rests = log_ == nullptr || (!log_->syncing() && log_->unread_bytes() == 0);
    return lane_.empty() && lane_.unsettled_bytes() == 0 && link_.ready() && log_rests;
  }

  // After this nobody hears of it again.
  void Die() {
    if (log_ != nullptr) {
      log_->dead = true;
      log_->DieSyncing(random_.Below(2) == 0);
    }
    link_.Close();
    if (wire() != nullptr) wire()->FinishClose();
    ASSERT_TRUE(link_.closed());
  }

 private:
  // The connection being made, or made, if there is one.
  FakeWire* wire() {
    if (dialer_.wires.empty() || dialer_.wires.back()->handler == nullptr) return nullptr;
    return dialer_.wires.back().get();
  }
  bool connected() const { return connected_.contains(dialer_.wires.back().get()); }

  Random& random_;
  SimulatedRedis& redis_;
  LaneStats stats_;
  FakeDialer dialer_;
  std::set<const FakeWire*> connected_;
  std::unique_ptr<FakeBatchLog> log_;  // null: it has none; outlives the lane
  Link link_;
  SharedLink shared_;
  Lane lane_;
};

}  // namespace sluice
