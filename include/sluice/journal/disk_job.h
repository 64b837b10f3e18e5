// What a journal's disk (src/journal/journal_disk.h) does in the background, and who hears of its
// end, on the loop's thread.
#pragma once

#include <cstdint>

namespace sluice {

enum class DiskJob : uint8_t {
  kNone,
  kWrite,   // appended batches, made durable
  kRead,    // a piece of a segment
  kRemove,  // finished segments
  kKeep,    // a batch that Redis refused
};

class DiskJobListener {
 public:
  virtual ~DiskJobListener() = default;
  virtual void OnJobDone(DiskJob job) = 0;
};

}  // namespace sluice
