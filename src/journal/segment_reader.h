// SegmentReader: a piece of a segment read back: as many frames as make up kJournalReadBytes, or
// one that is larger, each checked again. Read blocks, on any thread; what was read stays until the
// next Read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/buffer.h"
#include "sluice/journal/frame.h"

namespace sluice {

class SegmentReader {
 public:
  struct Frame {
    FrameHeader header;
    size_t payload_at;
  };
  struct Run {
    uint64_t offset;
    uint64_t bytes;
  };

  // From `begin`, a frame's first byte, at most to `end`. What cannot be read counts as damage.
  void Read(int dir_fd, const std::string& name, uint64_t begin, uint64_t end);

  const std::vector<Frame>& frames() const { return frames_; }
  std::string_view payload(const Frame& frame) const {
    return bytes_.view().substr(frame.payload_at, frame.header.payload_bytes);
  }
  const std::vector<Run>& damage() const { return damage_; }
  // Logs each run; how many bytes they are.
  uint64_t SayDamage(const std::string& name) const;
  uint64_t next_at() const { return next_at_; }  // where the next Read begins

 private:
  Buffer bytes_;
  std::vector<Frame> frames_;
  std::vector<Run> damage_;
  uint64_t next_at_ = 0;
  int error_ = 0;
};

}  // namespace sluice
