#include "redis/open_batch.h"

#include "sluice/base/check.h"

namespace sluice {

OpenBatch::OpenBatch(uint32_t records_max, size_t bytes_max, TurnClock& clock, BatchStore& store,
                     LaneQueue& queue)
    : records_max_(records_max),
      bytes_max_(bytes_max),
      clock_(clock),
      store_(store),
      queue_(queue) {}

Buffer& OpenBatch::Begin() {
  SLUICE_CHECK(!in_request_);
  in_request_ = true;
  BatchRing& waiting = queue_.waiting;
  if (waiting.empty() || waiting.back()->finished()) {
    waiting.PushBack(store_.Take(clock_.now_ns()));
  }
  Batch& batch = *waiting.back();
  if (batch.empty()) batch.opened_ns = clock_.now_ns();
  request_begin_ = batch.bytes().size();
  return batch.bytes();
}

size_t OpenBatch::request_bytes() const {
  SLUICE_CHECK(in_request_);
  return queue_.waiting.back()->bytes().size() - request_begin_;
}

void OpenBatch::Commit(const Ticket& ticket, uint32_t commands) {
  SLUICE_CHECK(ticket.records > 0 && commands > 0);
  BatchRing& waiting = queue_.waiting;
  Batch* batch = waiting.back().get();
  const size_t bytes = request_bytes();
  in_request_ = false;
  batch->Add(ticket, bytes, commands);
  store_.Hold(bytes);
  const bool over = batch->records() > records_max_ || batch->bytes().size() > bytes_max_;
  if (over && batch->claims().size() > 1) {
    // The request opens the next batch instead; one that is too large alone stays alone.
    batch->Finish();
    waiting.PushBack(store_.Take(clock_.now_ns()));
    batch->MoveLastTo(*waiting.back());
    batch = waiting.back().get();
  }
  if (batch->records() >= records_max_ || batch->bytes().size() >= bytes_max_) batch->Finish();
}

void OpenBatch::Rollback() {
  SLUICE_CHECK(in_request_);
  in_request_ = false;
  Batch& batch = *queue_.waiting.back();
  batch.bytes().Truncate(request_begin_);
  // What is empty is anybody's who shares the memory.
  if (batch.empty()) return store_.Release(queue_.waiting.PopBack());
  batch.GiveBackSpare();
}

}  // namespace sluice
