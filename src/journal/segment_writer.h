// SegmentWriter: the segment that one journal appends to. Its calls block; one thread at a time.
// What it says was durable stays so; what failed leaves no half-written frame behind, or ends the
// segment.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "journal/file.h"
#include "sluice/record/batch_log.h"

namespace sluice {

class SegmentWriter {
 public:
  struct Result {
    LogSynced synced = LogSynced::kDurable;
    int error = 0;           // errno
    const char* what = "";   // could not be done
    bool left_file = false;  // of a new segment that failed: its file may still be there
  };

  explicit SegmentWriter(int dir_fd) : dir_fd_(dir_fd) {}

  bool is_open() const { return file_.is_open(); }
  // Ends the last segment and begins the one of this name with the frames.
  Result Begin(const std::string& name, std::string_view header, std::string_view frames);
  // Appends to the open segment. It stays open unless the result is unclear.
  Result Append(std::string_view frames);
  void End() { file_.Close(); }

 private:
  const int dir_fd_;
  File file_;
  uint64_t durable_bytes_ = 0;
};

}  // namespace sluice
