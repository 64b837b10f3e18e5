// WriteFailures: counts what a journal could not write, keep or remove, and says it with the
// remedy, at most every 10 s. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "sluice/base/clock.h"
#include "sluice/base/worker_stats.h"
#include "sluice/journal/journal_directory.h"
#include "sluice/journal/segment_name.h"

namespace sluice {

class WriteFailures {
 public:
  WriteFailures(const JournalDirectory& directory, LaneKind lane, TurnClock& clock,
                JournalStats& stats)
      : directory_(directory), lane_(lane), clock_(clock), stats_(stats) {}
  WriteFailures(const WriteFailures&) = delete;
  WriteFailures& operator=(const WriteFailures&) = delete;

  // `what` could not be done; `error` is errno's value.
  void Add(const char* what, int error);
  void AddFull();  // the quota takes no batch

 private:
  void Add(const char* what, const std::string& reason);

  const JournalDirectory& directory_;
  const LaneKind lane_;
  TurnClock& clock_;
  JournalStats& stats_;
  uint64_t said_ns_ = 0;  // when one was logged last; 0: never
};

}  // namespace sluice
