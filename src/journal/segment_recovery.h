// SegmentRecovery: one writer's segments after the process that wrote them has ended, however it
// ended, made fit to be read again. What it cannot settle by itself (a file that cannot be read, or
// of another version) is an error that names the file. Every step may be cut short by a crash: the
// next start finds the same damage and does the same again. At start-up only; it blocks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/journal/journal_directory.h"
#include "sluice/journal/segment_name.h"
#include "sluice/journal/segment_scanner.h"

namespace sluice {

class File;

class SegmentRecovery {
 public:
  explicit SegmentRecovery(int dir_fd) : dir_fd_(dir_fd) {}

  // `writer`: all segments of one writer, in order. Those worth reading are appended to `stored`.
  Status Recover(std::span<const SegmentName> writer, std::vector<StoredSegment>& stored);
  uint64_t damaged_bytes() const { return damaged_bytes_; }

 private:
  struct Run {
    uint64_t offset;
    uint64_t bytes;
  };
  struct Survey {
    StoredSegment segment;  // without a ledger, and header_bytes 0, where the header is damaged
    std::vector<Run> damage;
    uint64_t torn_at = 0;  // where the torn tail begins; file_bytes: there is none
  };

  Result<Survey> Look(const File& file, const std::string& name, bool is_last);
  Status RecoverOne(const std::string& name, bool is_last, const std::string& ledger,
                    std::vector<StoredSegment>& stored);
  // Which of the writer's headers names it; empty when none checks out.
  std::string FindLedger(std::span<const SegmentName> writer) const;
  bool HeaderIsTorn(const File& file, uint64_t file_bytes) const;
  Status CutTail(File& file, Survey& survey);
  Status Remove(const std::string& name);
  Status SetAside(const std::string& name);
  // Puts a copy of the whole frames in the segment's place. Where the disk does not let it the
  // segment stays, marked as damaged: reading it skips the damage once more.
  void Repair(const File& file, Survey& survey);
  int WriteRepaired(const File& file, const Survey& survey, const std::string& name);
  void SayDamage(const Survey& survey);

  const int dir_fd_;
  uint64_t damaged_bytes_ = 0;
};

}  // namespace sluice
