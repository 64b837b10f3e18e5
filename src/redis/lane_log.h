// LaneLog: a lane's two ways between memory and its log.
//
// Out: when the oldest batch in memory has waited too long, what is in memory goes to the log, many
// batches a sync, and is settled as stored when the log says so; and so does what comes after, at
// once while Redis is away. While Redis empties the log only what has waited too long goes there,
// and once it is empty nothing does. With `at_once` nothing waits first while Redis is away.
// Back: batches are brought from the log in order, small ones together, those of earlier processes
// under their ledgers.
// What was logged was answered for: Redis's refusal does not end it. A batch refused whole is tried
// again; commands refused one by one are set aside in the log's own keeping.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redis/batch_store.h"
#include "redis/lane_queue.h"
#include "sluice/base/clock.h"
#include "sluice/record/batch_log.h"

namespace sluice {

class LaneLog final : public BatchLogListener {
 public:
  enum class Brought : uint8_t {
    kBatch,        // to the end of queue.sent
    kWait,         // it is being read, or written
    kOtherLedger,  // next_ledger() is the next batch's, and not the one asked for
    kNothing,      // all that was on disk has been brought
  };

  struct Options {
    uint64_t after_ns;     // how long a batch waits in memory first
    uint32_t records_max;  // of batches that are brought together
    size_t bytes_max;
    bool at_once;  // while the link is down, whatever after_ns is
  };
  LaneLog(const Options& options, BatchLog& log, TurnClock& clock, BatchStore& store,
          LaneQueue& queue);
  LaneLog(const LaneLog&) = delete;
  LaneLog& operator=(const LaneLog&) = delete;

  // Begins a sync if it is time. `link_up`: Redis takes what is on disk.
  void Turn(bool link_up);
  // The next batch of `ledger`; those up to `through` were brought, or never needed to be, and
  // those `committed` are in Redis.
  Brought Bring(std::string_view ledger, const CommittedBatches& committed, uint64_t& through);
  const std::string& next_ledger() const { return next_ledger_; }

  // Redis has the ledger's batches up to `sequence`.
  void Release(std::string_view ledger, uint64_t sequence) { log_.Release(ledger, sequence); }
  // Whether a sync ended since the last call: what Redis took meanwhile can be released now.
  bool TakeSynced() { return std::exchange(synced_, false); }
  // The commands of a logged batch that failed inside EXEC, by their places.
  void SetAside(Batch& batch, std::string_view ledger, const std::vector<size_t>& failed);

  bool syncing() const { return log_.syncing(); }
  bool healthy() const { return log_.healthy(); }

  void OnSynced(LogSynced result) override;

 private:
  bool Offer(Batch& batch);
  bool Joins(const LoggedBatch& front, Batch& batch, std::string_view ledger) const;
  bool OfferAll(BatchRing& batches);
  bool due(bool link_up) const;

  const Options options_;
  BatchLog& log_;
  TurnClock& clock_;
  BatchStore& store_;
  LaneQueue& queue_;
  std::string next_ledger_;
  bool active_ = false;
  bool synced_ = false;
  size_t offered_bytes_ = 0;
  uint64_t retry_ns_ = 0;  // not before, after an error
};

}  // namespace sluice
