#include "server/store_lane.h"

#include <utility>

#include "sluice/redis/redis_dialer.h"

namespace sluice {

StoreLane::StoreLane(Options options, Loop& loop, LaneStats& stats, TicketListener& listener,
                     JournalDirectory* directory)
    : has_redis_(options.redis_url.has_value()),
      dialer_(MakeRedisDialer(loop, options.redis_url.value_or(RedisUrl()), options.tls_room,
                              options.redis_tls)),
      link_({.url = options.redis_url.value_or(RedisUrl()), .connect_ms = options.connect_ms},
            *dialer_, loop.clock(), options.jitter_seed),
      lane_(std::move(options.lane), link_, loop.clock(), stats, listener) {
  if (directory == nullptr) return;
  journal_ = std::make_unique<Journal>(std::move(options.journal), *directory, loop, stats.journal);
  lane_.set_log(*journal_);
}

void StoreLane::Start() {
  if (has_redis_) link_.Start();
}

void StoreLane::Sweep() {
  link_.Sweep();
  lane_.Sweep();
}

uint64_t StoreLane::Abandon() {
  const uint64_t records = lane_.Abandon();
  link_.Close();
  return records;
}

void StoreLane::Close() {
  link_.Close();
  if (journal_) journal_->Close();
}

}  // namespace sluice
