// JournalSurvey: a journal's directory as it stands, read without its lock and without changing
// anything, so also beside a running gate. Whole frames only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/journal/segment_name.h"
#include "sluice/journal/segment_scanner.h"

namespace sluice {

struct SurveyedFile {
  struct Run {
    uint64_t offset;
    uint64_t bytes;
  };
  std::string file;
  SegmentName name;
  std::string ledger;  // empty where the header is damaged
  uint64_t bytes = 0;
  uint64_t frames = 0;
  uint64_t records = 0;
  uint64_t first_sequence = 0;
  uint64_t last_sequence = 0;
  std::vector<Run> damage = {};
  bool torn = false;  // the last run is the end of its writer's last segment

  std::string_view state() const;  // "ok", "torn", "damaged", "refused" or "set aside"
};

// Called for each frame, in order.
using FrameVisitor = std::function<void(const SurveyedFile& file, const SegmentPiece& frame)>;

// All of the directory's files, writer by writer in the order of writing, urgent lanes' first. An
// error names the directory or the file that cannot be read; a file that goes away meanwhile was
// sent, and is none.
Result<std::vector<SurveyedFile>> SurveyJournal(const std::string& dir, const FrameVisitor& visit);

}  // namespace sluice
