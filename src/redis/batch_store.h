// BatchStore: a lane's batches in memory: where they come from, how much they hold, and how the
// claims in them are settled, each once. One per lane; the memory may be several lanes'.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "redis/batch.h"
#include "redis/batch_memory.h"
#include "sluice/record/record_sink.h"

namespace sluice {

class BatchStore {
 public:
  BatchStore(TicketListener& listener, std::shared_ptr<BatchMemory> memory);
  BatchStore(const BatchStore&) = delete;
  BatchStore& operator=(const BatchStore&) = delete;

  std::unique_ptr<Batch> Take(uint64_t now_ns);  // an empty one
  // `bytes` more are held; Release and Expire give them back.
  void Hold(size_t bytes) { memory_->Hold(bytes); }
  void Release(std::unique_ptr<Batch> batch);
  size_t held_bytes() const { return memory_->held_bytes(); }  // of all who share the memory

  void Settle(Claim& claim, const Settlement& settlement);
  void SettleAll(Batch& batch, const Settlement& settlement);
  // EXEC has run: whose commands failed in it is refused, the others are stored (`confirmed`: by as
  // many replicas as they should).
  void SettleExecuted(Batch& batch, bool confirmed);
  // What the ledger says of batches whose replies were lost: those that were committed leave
  // `sent`. Without enough replicas they are unknown, and stay if they are on disk. Requests with a
  // key are unknown: the device's retry tells it more.
  void SettleRecovered(BatchRing& sent, const CommittedBatches& committed, bool confirmed);
  // EXEC was refused, so nothing was applied: whoever's command was refused is settled so, and the
  // others go again in the batch that is returned (null: none). With nobody to blame (the ledger,
  // EXEC itself) all are settled, or the batch would go round for ever.
  std::unique_ptr<Batch> SettleAborted(std::unique_ptr<Batch> batch);
  // The first `count` were redirected, so they were not applied: they can be changed again, and
  // what of them was settled meanwhile goes.
  void TakeBack(BatchRing& batches, size_t count);
  // Settles claims past their deadline: unknown where the batch may be stored; else refused, and
  // then their bytes are taken out again, and the batches that this empties.
  void Expire(BatchRing& batches, uint64_t now_ns);
  // Settles all that is left; how many records are in neither Redis nor the log as far as is known.
  uint64_t Abandon(BatchRing& batches);
  void ReleaseAll(BatchRing& batches);

 private:
  void ReleaseEmpty(BatchRing& batches);

  TicketListener& listener_;
  const std::shared_ptr<BatchMemory> memory_;
};

}  // namespace sluice
