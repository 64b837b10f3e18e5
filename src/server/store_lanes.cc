#include "server/store_lanes.h"

#include <algorithm>
#include <utility>

#include "sluice/base/check.h"
#include "sluice/redis/redis_dialer.h"

namespace sluice {

StoreLanes::StoreLanes(const Options& options, Loop& loop, LaneStats& stats,
                       TicketListener& listener, JournalDirectory* directory) {
  LaneOptions lane_options = options.lane;
  lane_options.memory = MakeBatchMemory();
  if (options.redis_url) {
    nodes_ = std::make_unique<Nodes>(
        Nodes::Options{.url = *options.redis_url,
                       .connect_ms = options.connect_ms,
                       .jitter_seed = options.jitter_seed,
                       .lane = options.lane.name},
        [&loop, room = options.tls_room, tls = options.redis_tls](const Address& address) {
          return MakeRedisDialer(loop, address, room, tls);
        },
        loop.clock(), stats);
  }
  for (const LaneLayout::OneLane& place : options.layout) {
    lane_options.ledger_key = TaggedKey(options.lane.ledger_key, place.tag);
    lanes_.push_back(std::make_unique<Lane>(lane_options, loop.clock(), stats, listener));
    if (nodes_) nodes_->Add(*lanes_.back(), place.slot);
  }
  if (directory == nullptr) return;
  SLUICE_CHECK(lanes_.size() == 1);
  journal_ = std::make_unique<Journal>(options.journal, *directory, loop, stats.journal);
  lanes_.front()->set_log(*journal_);
}

std::vector<Lane*> StoreLanes::lanes() const {
  std::vector<Lane*> lanes;
  for (const auto& lane : lanes_) lanes.push_back(lane.get());
  return lanes;
}

void StoreLanes::Start() {
  if (nodes_) nodes_->Start();
}

uint64_t StoreLanes::Flush() {
  if (nodes_) nodes_->Turn();
  uint64_t lingers_ns = 0;
  for (const auto& lane : lanes_) {
    const uint64_t of_lane_ns = lane->Flush();
    if (lingers_ns == 0 || (of_lane_ns > 0 && of_lane_ns < lingers_ns)) lingers_ns = of_lane_ns;
  }
  return lingers_ns;
}

void StoreLanes::Sweep() {
  if (nodes_) nodes_->Sweep();
  for (const auto& lane : lanes_) lane->Sweep();
}

uint64_t StoreLanes::Abandon() {
  uint64_t records = 0;
  for (const auto& lane : lanes_) records += lane->Abandon();
  if (nodes_) nodes_->Close();
  return records;
}

bool StoreLanes::empty() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->empty(); });
}

void StoreLanes::Close() {
  if (nodes_) nodes_->Close();
  if (journal_) journal_->Close();
}

bool StoreLanes::closed() const {
  return (!nodes_ || nodes_->closed()) && (!journal_ || journal_->closed());
}

}  // namespace sluice
