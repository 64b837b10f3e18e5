// ArchiveProgress: how far the archive is, as one line for people who watch:
//   vitals 1,234,567 rows (12,345/s), lag 12 · questionnaires 89 rows (0/s), lag 0
// Remembers what the last line said, for the rates. One thread; it only reads the counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sluice/base/archive_stats.h"

namespace sluice {

class ArchiveProgress {
 public:
  // The stats outlive it. `now_ns` is when the counting began.
  ArchiveProgress(std::vector<const ArchiveStats*> streams, uint64_t now_ns);
  ArchiveProgress(const ArchiveProgress&) = delete;
  ArchiveProgress& operator=(const ArchiveProgress&) = delete;

  // At most `columns` characters.
  std::string Line(uint64_t now_ns, size_t columns);

 private:
  const std::vector<const ArchiveStats*> streams_;
  std::vector<uint64_t> last_rows_;  // by stream
  uint64_t last_ns_;
};

}  // namespace sluice
