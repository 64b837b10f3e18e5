// StoreLane: a worker's lane with all that it stands on: its link to Redis, and its journal if
// there is one. A worker has one for bulk and, where routes have alert rules, one for what is
// urgent; they share nothing. Runs on the worker's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "sluice/base/worker_stats.h"
#include "sluice/journal/journal.h"
#include "sluice/journal/journal_directory.h"
#include "sluice/net/loop.h"
#include "sluice/net/tls_context.h"
#include "sluice/net/tls_room.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/link.h"
#include "sluice/redis/redis_url.h"

namespace sluice {

class StoreLane {
 public:
  struct Options {
    LaneOptions lane;
    std::optional<RedisUrl> redis_url;            // nothing: the journal alone stores
    std::shared_ptr<const TlsContext> redis_tls;  // of a rediss:// URL; else null, and
    TlsRoom* tls_room;                            // this too
    uint64_t connect_ms;
    uint64_t jitter_seed;
    Journal::Options journal;
  };
  // Without a journal where `directory` is null. All references outlive it.
  StoreLane(Options options, Loop& loop, LaneStats& stats, TicketListener& listener,
            JournalDirectory* directory);
  StoreLane(const StoreLane&) = delete;
  StoreLane& operator=(const StoreLane&) = delete;

  Lane& lane() { return lane_; }
  void Start();
  void Sweep();
  // Ends now, whatever is in hand: how many records or alerts are in neither Redis nor the journal,
  // as far as is known.
  uint64_t Abandon();
  // With the lane empty, or abandoned: closed() follows.
  void Close();
  bool closed() const { return link_.closed() && (!journal_ || journal_->closed()); }

 private:
  const bool has_redis_;
  const std::unique_ptr<Dialer> dialer_;
  Link link_;
  Lane lane_;
  std::unique_ptr<Journal> journal_;  // null: none
};

}  // namespace sluice
