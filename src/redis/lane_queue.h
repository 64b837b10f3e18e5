// LaneQueue: a lane's batches in order, oldest first:
//
//   sent                             | logging            | waiting
//   numbered; the first came back,   | numbered; on their | without a number;
//   the next in_flight are on the    | way to the log     | the last one is open
//   link                             |                    |
//
// What came back was redirected, so it was not applied; it keeps its place.
// Batches on disk stand between `sent` and `logging`. Plain data of one lane.
#pragma once

#include <cstddef>
#include <cstdint>

#include "redis/batch.h"

namespace sluice {

struct LaneQueue {
  BatchRing sent;
  BatchRing logging;
  BatchRing waiting;
  size_t returned = 0;
  size_t in_flight = 0;
  uint64_t sequence = 0;  // of the last batch that got a number

  // The oldest on the link.
  Batch& awaited() { return *sent[returned]; }

  // An open batch whose only request was rolled back holds nothing.
  bool has_waiting() const { return !waiting.empty() && !waiting[0]->empty(); }

  // The oldest batch that is in memory only; null: there is none.
  const Batch* OldestInMemory() const {
    for (size_t i = 0; i < sent.size(); ++i) {
      if (!sent[i]->logged) return sent[i].get();
    }
    if (!logging.empty()) return logging[0].get();
    return has_waiting() ? waiting[0].get() : nullptr;
  }
};

}  // namespace sluice
