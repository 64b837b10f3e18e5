// StoreLanes: a worker's lanes of one kind with all that they stand on: the Redis nodes that they
// go to, and their journal if there is one. A worker has some for bulk and, where routes have alert
// rules, one for what is urgent; the two kinds share nothing. Runs on the worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/worker_stats.h"
#include "sluice/journal/journal.h"
#include "sluice/journal/journal_directory.h"
#include "sluice/net/loop.h"
#include "sluice/net/tls_context.h"
#include "sluice/net/tls_room.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/lane_layout.h"
#include "sluice/redis/nodes.h"
#include "sluice/redis/redis_url.h"

namespace sluice {

class StoreLanes {
 public:
  struct Options {
    LaneOptions lane;                             // of each; the ledger's key gets the lane's tag
    std::span<const LaneLayout::OneLane> layout;  // one a lane
    std::optional<RedisUrl> redis_url;            // nothing: the journal alone stores
    std::shared_ptr<const TlsContext> redis_tls;  // of a URL with TLS; else null, and
    TlsRoom* tls_room;                            // this too
    uint64_t connect_ms;
    uint64_t jitter_seed;
    Journal::Options journal;
  };
  // Without a journal where `directory` is null; with one there is one lane. All references outlive
  // it.
  StoreLanes(const Options& options, Loop& loop, LaneStats& stats, TicketListener& listener,
             JournalDirectory* directory);
  StoreLanes(const StoreLanes&) = delete;
  StoreLanes& operator=(const StoreLanes&) = delete;

  Lane& lane(size_t i) { return *lanes_[i]; }
  std::vector<Lane*> lanes() const;
  void Start();
  // As Lane's; the soonest that lingers.
  uint64_t Flush();
  void Sweep();
  // Ends now, whatever is in hand: how many records or alerts are in neither Redis nor the journal,
  // as far as is known.
  uint64_t Abandon();
  bool empty() const;
  // With the lanes empty, or abandoned: closed() follows.
  void Close();
  bool closed() const;

 private:
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<Nodes> nodes_;      // null: there is no Redis
  std::unique_ptr<Journal> journal_;  // null: none
};

}  // namespace sluice
