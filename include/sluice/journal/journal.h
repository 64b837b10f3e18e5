// Journal: the BatchLog of one lane: append-only segments in the JournalDirectory, written and
// read on libuv's pool of threads, one job at a time. Belongs to its loop's thread; the directory
// outlives it. What the interface says, and:
//
// - Begins with what earlier processes left to this lane, each batch under the ledger it was
//   written under; own batches follow.
// - A segment that has segment_bytes is ended and another begun. One whose batches are all released
//   is deleted; one that was found damaged while it was read is kept as <segment>.damaged instead.
// - Failures are logged at most every 10 s, with the remedy, and counted.
// - Memory: what is appended and not synced, kJournalReadBytes or one larger batch being read, and
//   what was set aside and is not on disk yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/limits.h"
#include "sluice/base/worker_stats.h"
#include "sluice/journal/disk_job.h"
#include "sluice/journal/journal_directory.h"
#include "sluice/journal/segment_name.h"
#include "sluice/net/loop.h"
#include "sluice/record/batch_log.h"

namespace sluice {

class JournalDisk;
class SegmentQueue;
class WriteFailures;
struct RefusedBatch;
struct Segment;

class Journal final : public BatchLog, private DiskJobListener {
 public:
  struct Options {
    uint32_t worker = 0;
    LaneKind lane = LaneKind::kBulk;
    std::string ledger;
    uint64_t segment_bytes = kSegmentBytes;
  };
  Journal(Options options, JournalDirectory& directory, Loop& loop, JournalStats& stats);
  ~Journal() override;  // with nothing under way
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void set_listener(BatchLogListener& listener) override { listener_ = &listener; }
  std::string_view own_ledger() const override { return options_.ledger; }
  bool Append(const LoggedBatch& batch) override;
  void Sync() override;  // something was appended
  bool syncing() const override { return syncing_; }
  bool healthy() const override {
    return healthy_ && !(refused_one_ && directory_.full(options_.lane));
  }
  const LoggedBatch* Front() override;
  void Pop() override;
  uint64_t unread_bytes() const override;
  void Release(std::string_view ledger, uint64_t sequence) override;
  void SetAside(const LoggedBatch& batch) override;
  void Close() override;
  bool closed() const override;

 private:
  // Appended, and not durable yet.
  struct Pending {
    Buffer frames;
    uint32_t batches = 0;
    uint64_t records = 0;
    uint64_t last_sequence = 0;
    uint64_t reserved_bytes = 0;  // of the quota
    void Clear() {
      frames.Clear();
      batches = 0;
      records = last_sequence = reserved_bytes = 0;
    }
  };
  // What was read last, or is being read. Its frames count as unread until they are taken.
  struct Piece {
    uint64_t segment_id = 0;
    uint32_t ledger = 0;
    size_t next = 0;  // of its frames
  };

  SegmentName own_writer() const {
    return {.lane = options_.lane,
            .start_ms = directory_.start_ms(),
            .worker = options_.worker,
            .number = next_number_};
  }
  bool NeedsNewSegment() const;
  void TakeNext();
  void Pump();  // starts the next job, if there is any and none is under way
  void StartWrite();
  void StartRead();
  void OnJobDone(DiskJob job) override;
  void OnWritten();
  void OnDurable();
  Segment NewSegment(uint64_t file_bytes);
  void OnWriteFailed();
  void OnRead();
  void OnRemoved();
  void OnKept();
  void UpdateStats();

  const Options options_;
  JournalDirectory& directory_;
  Loop& loop_;
  JournalStats& stats_;
  BatchLogListener* listener_ = nullptr;
  const std::string header_;  // of own segments
  std::unique_ptr<SegmentQueue> queue_;
  std::unique_ptr<JournalDisk> disk_;
  std::unique_ptr<WriteFailures> failures_;
  Pending pending_;
  Piece piece_;
  LoggedBatch front_;
  bool has_front_ = false;
  std::deque<RefusedBatch> refused_;
  uint64_t keep_again_ns_ = 0;  // after a failure
  uint32_t next_number_ = 1;
  bool syncing_ = false;
  bool wrote_last_ = false;  // others first, so that steady syncs leave them room
  bool wants_read_ = false;
  bool healthy_ = true;
  bool refused_one_ = false;  // the last batch found no room
  bool closing_ = false;
};

}  // namespace sluice
