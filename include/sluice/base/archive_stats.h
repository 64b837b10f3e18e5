// What one stream's archiver counts. Written by its thread alone, read by any scrape (counter.h).
// Made before its thread starts and destroyed after it ended.
#pragma once

#include <string>
#include <utility>

#include "sluice/base/counter.h"
#include "sluice/base/histogram.h"
#include "sluice/base/worker_stats.h"

namespace sluice {

struct ArchiveStats {
  explicit ArchiveStats(std::string stream_name) : stream(std::move(stream_name)) {}

  const std::string stream;
  Counter rows;             // committed to the database and acknowledged to Redis
  Counter batches;          // the same
  Counter dead_letters;     // rows that the database refused, and entries that are no rows
  Counter claimed_entries;  // taken over from an archive that left them
  Counter missing_entries;  // trimmed from the stream before they were archived
  Counter trimmed_entries;  // by this archive
  Counter redis_retries;
  Counter database_retries;
  Gauge redis_up;            // 1 while it answers
  Gauge database_up;         // 1 while it takes rows
  Gauge inserting_since_ms;  // by WallMs of clock.h; 0: no insert is under way
  Gauge lag_entries;         // in the stream, or delivered to some archive, and not acknowledged
  // When the oldest of them was written, by this machine's clock (ms since the Unix epoch): true
  // also while the archiver is stuck in a call. 0: there is none.
  Gauge oldest_at_ms;
  Gauge pending_entries;  // of lag_entries: delivered to some archive
  // Nobody can say that a database is up which has not answered for so long.
  static constexpr uint64_t kSilentMs = 10'000;
  bool database_answers(uint64_t wall_ms) const {
    const uint64_t since_ms = inserting_since_ms.value();
    return database_up.value() == 1 && (since_ms == 0 || wall_ms < since_ms + kSilentMs);
  }

  Histogram batch_rows{kBatchRecordsBounds};
  Histogram statement_ns{kSecondsBoundsNs};  // a transaction of a batch, or of a part of one
};

}  // namespace sluice
