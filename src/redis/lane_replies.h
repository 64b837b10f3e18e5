// LaneReplies: what becomes of the batches that a lane has on its link, as Redis answers them, in
// order: settled, sent again without those who were refused, or come back, where they were
// redirected. Holds the queue's `returned` and `in_flight`. One per lane.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "redis/batch_store.h"
#include "redis/complaints.h"
#include "redis/lane_log.h"
#include "redis/lane_queue.h"
#include "redis/transaction_replies.h"
#include "sluice/base/clock.h"
#include "sluice/base/worker_stats.h"
#include "sluice/redis/redirect.h"
#include "sluice/redis/reply_reader.h"

namespace sluice {

class LaneReplies {
 public:
  struct Options {
    std::string_view name;
    uint32_t replicas;
  };
  // What a reply means beyond its batch.
  struct Answer {
    bool last = false;           // of its batch
    bool is_logged = false;      // the batch left the queue, and is still in the log
    std::string_view drop = {};  // why the connection is of no use any more
    bool hold = false;           // and the next is to wait
  };

  LaneReplies(const Options& options, TurnClock& clock, LaneStats& stats, BatchStore& store,
              LaneQueue& queue);
  LaneReplies(const LaneReplies&) = delete;
  LaneReplies& operator=(const LaneReplies&) = delete;

  void set_log(LaneLog& log) { log_ = &log; }
  // From now on a redirected batch comes back; else it is refused.
  void FollowRedirects() { follows_ = true; }

  // A reply to the oldest batch on the link. `ledger` is the one that it counts in.
  Answer Take(const Reply& reply, std::string_view ledger);
  // Whether an error of something else that was sent is a redirection.
  bool TakeRefusal(std::string_view error);
  // The connection is gone: what was on the link is in doubt, what had come back is not.
  void OnDown();

  // The first redirection met; then nothing more may be sent.
  bool redirected() const { return redirected_.has_value(); }
  // With nothing on the link: all that came back is the queue's to send again.
  Redirect TakeBack();

 private:
  Answer OnExecuted(std::string_view ledger);
  Answer OnAborted();
  Answer OnStrange();
  std::unique_ptr<Batch> TakeAwaited();

  TurnClock& clock_;
  LaneStats& stats_;
  BatchStore& store_;
  LaneQueue& queue_;
  LaneLog* log_ = nullptr;
  bool follows_ = false;
  TransactionReplies replies_;
  Complaints complaints_;
  std::optional<Redirect> refusal_;  // that the batch being answered met
  std::optional<Redirect> redirected_;
};

}  // namespace sluice
