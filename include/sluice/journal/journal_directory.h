// JournalDirectory: the one directory in which all workers of a process keep their journals. Opened
// at start-up, on the main thread; outlives the journals. Owns the directory's lock (one process a
// directory) and the quota, journal.bytes_max, which counts every file of the journal, also those
// set aside. (What an operator takes away counts until the next start.) Where there are urgent
// lanes an eighth of it is theirs: a backlog of bulk cannot keep alerts off the disk.
//
// Open makes the directory if it is missing and takes stock of what earlier processes left: a tail
// torn by a crash is cut; a damaged segment is kept aside as <segment>.damaged while a repaired
// one, with the frames that check out, takes its place. Each is said in one log line with file,
// offset and bytes. Whatever it does may be cut short by a crash and is then done again. It fails,
// with the setting in its words, only where the directory cannot be used: no damage is a reason.
//
// The quota's calls are for any thread; all else is for start-up.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sluice/base/limits.h"
#include "sluice/base/result.h"
#include "sluice/journal/segment_name.h"

namespace sluice {

// A segment that an earlier process left, as it stands after the start's repairs.
struct StoredSegment {
  std::string name;
  std::string ledger;
  uint64_t file_bytes = 0;
  uint64_t header_bytes = 0;
  uint64_t frame_bytes = 0;  // of the frames that check out, headers and all
  uint64_t frames = 0;
  uint64_t records = 0;
  uint64_t last_sequence = 0;
  bool damaged = false;  // could not be repaired in place (a full disk): to be kept when it is read
};

class JournalDirectory {
 public:
  static constexpr uint64_t kUrgentShare = 8;  // one part of so many

  struct Options {
    std::string dir;
    uint64_t bytes_max = kJournalBytesMax;
    uint32_t worker_count = 1;
    uint64_t start_ms = 0;      // of this process, since the epoch
    bool urgent_lanes = false;  // each worker has one, with a journal of its own
  };
  // The segments of a writer go, in order, to its lane of the worker whose number is the writer's,
  // modulo worker_count; those of earlier processes first. Where there are no urgent lanes any more
  // the bulk lane gets theirs too, in front.
  static Result<std::unique_ptr<JournalDirectory>> Open(const Options& options);
  ~JournalDirectory();
  JournalDirectory(const JournalDirectory&) = delete;
  JournalDirectory& operator=(const JournalDirectory&) = delete;

  int fd() const { return dir_fd_; }
  const std::string& path() const { return options_.dir; }
  // Later than that of every process before, whatever the clock did.
  uint64_t start_ms() const { return start_ms_; }
  size_t journal_count() const {
    return options_.worker_count * (options_.urgent_lanes ? kLaneKinds : 1);
  }
  const std::vector<StoredSegment>& stored(uint32_t worker, LaneKind lane) const {
    return stored_[worker][static_cast<size_t>(lane)];
  }
  uint64_t damaged_bytes() const { return damaged_bytes_; }  // found while opening; not torn tails

  // How far all files together may grow for this lane's sake.
  uint64_t bytes_max(LaneKind lane) const {
    const bool shares = options_.urgent_lanes && lane == LaneKind::kBulk;
    return options_.bytes_max - (shares ? options_.bytes_max / kUrgentShare : 0);
  }
  // False when there is no room for so many bytes more.
  [[nodiscard]] bool Reserve(LaneKind lane, uint64_t bytes);
  bool full(LaneKind lane) const {  // or nearly
    return used_bytes() + kBatchBytesMax > bytes_max(lane);
  }
  void ReserveAnyway(uint64_t bytes) { used_bytes_.fetch_add(bytes, std::memory_order_relaxed); }
  void Return(uint64_t bytes) { used_bytes_.fetch_sub(bytes, std::memory_order_relaxed); }
  uint64_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }

 private:
  JournalDirectory(const Options& options, int dir_fd, int lock_fd);
  Status TakeStock();
  Status CountBytes();
  Error Failure(const std::string& what, int error) const;

  const Options options_;
  const int dir_fd_;
  const int lock_fd_;
  uint64_t start_ms_;
  std::vector<std::array<std::vector<StoredSegment>, kLaneKinds>> stored_;  // by worker, lane
  uint64_t damaged_bytes_ = 0;
  std::atomic<uint64_t> used_bytes_{0};
};

}  // namespace sluice
