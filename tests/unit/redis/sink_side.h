// One of the lanes that a sink writes to, with a link and a Redis of its own.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/worker_stats.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/link.h"
#include "sluice/redis/shared_link.h"
#include "support/fake_stream.h"
#include "unit/redis/scripted_redis.h"

namespace sluice {

class Side {
 public:
  // Without a memory the lane has its own.
  Side(const std::string& ledger, TurnClock& clock, TicketListener& listener,
       std::shared_ptr<BatchMemory> memory = nullptr)
      : link_({.url = {}, .connect_ms = 2'000}, dialer_, clock, 1),
        shared_(link_, {}, clock, stats_.redis_reconnects),
        lane_({.window = 2,
               .batch_records_max = 100,
               .batch_bytes_max = 100'000,
               .linger_ns = 0,
               .reply_ms = 10'000,
               .ledger_key = ledger,
               .ledger_ttl_seconds = 86'400,
               .memory = std::move(memory)},
              clock, stats_, listener) {
    lane_.Attach(shared_);
    link_.Start();
    FakeWire& wire = *dialer_.wires.back();
    wire.Connect();
    redis_ = std::make_unique<ScriptedRedis>(wire);
    while (!redis_->Unanswered().empty()) redis_->Answer();
  }
  ~Side() {
    link_.Close();
    dialer_.wires.back()->FinishClose();
    lane_.Abandon();
  }

  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  Lane& lane() { return lane_; }
  ScriptedRedis& redis() { return *redis_; }
  // The commands that store, of all that was sent and not answered.
  std::vector<std::string> Stores() {
    std::vector<std::string> stores;
    for (const std::string& command : redis_->Unanswered()) {
      if (command.starts_with("XADD") || command.starts_with("EVAL")) stores.push_back(command);
    }
    return stores;
  }

 private:
  FakeDialer dialer_;
  LaneStats stats_{LaneKind::kBulk};
  Link link_;
  SharedLink shared_;
  Lane lane_;
  std::unique_ptr<ScriptedRedis> redis_;
};

}  // namespace sluice
