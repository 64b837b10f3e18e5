// OpenBatch: where a lane's requests are put together, one after the other: the last waiting batch,
// until it is full by records or bytes. A request larger than a batch goes alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "redis/batch_store.h"
#include "redis/lane_queue.h"
#include "sluice/base/buffer.h"
#include "sluice/base/clock.h"

namespace sluice {

class OpenBatch {
 public:
  OpenBatch(uint32_t records_max, size_t bytes_max, TurnClock& clock, BatchStore& store,
            LaneQueue& queue);
  OpenBatch(const OpenBatch&) = delete;
  OpenBatch& operator=(const OpenBatch&) = delete;

  // As Lane's.
  Buffer& Begin();
  size_t request_bytes() const;
  void Commit(const Ticket& ticket, uint32_t commands);
  void Rollback();

 private:
  const uint32_t records_max_;
  const size_t bytes_max_;
  TurnClock& clock_;
  BatchStore& store_;
  LaneQueue& queue_;
  size_t request_begin_ = 0;  // in the open batch
  bool in_request_ = false;
};

}  // namespace sluice
