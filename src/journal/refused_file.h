// Where a writer's refused batches are kept: the refused file, frames behind a header, as in a
// segment. Append blocks; one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/journal/segment_name.h"
#include "sluice/record/batch_log.h"

namespace sluice {

// A batch on its way there.
struct RefusedBatch {
  RefusedBatch() = default;
  RefusedBatch(const SegmentName& file_name, const LoggedBatch& batch);

  uint64_t segment_id = 0;  // where it was read from; 0: from none
  uint64_t records = 0;
  std::string file;
  std::string header;  // should the file begin with it
  std::string frame;
};

// Appends it to its file and makes it durable. On an error (errno's value; 0: none) nothing of it
// is kept, or half a frame that a scan skips.
[[nodiscard]] int AppendRefused(int dir_fd, const RefusedBatch& refused);

}  // namespace sluice
