// SegmentScanner: walks a segment's file from front to back and yields, in order and without a gap,
// the frames that check out and the runs of bytes that do not. After damage it goes on at the next
// marker whose frame checks out.
//
// Reads with pread, so the file may grow or be cut meanwhile. Holds a window of the file that grows
// to the largest frame. Any thread, one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/journal/frame.h"

namespace sluice {

struct SegmentPiece {
  enum class Kind : uint8_t {
    kFrame,
    kDamage,
    kEnd,
    kError,  // of a read: see error(); what is behind offset was not seen
  };
  Kind kind = Kind::kEnd;
  uint64_t offset = 0;
  uint64_t bytes = 0;
  FrameHeader header = {};        // of a frame
  std::string_view payload = {};  // until the next call of Next
};

class SegmentScanner {
 public:
  // Scans [begin, end) of the file; `end` is at most the file's size. The descriptor stays the
  // caller's.
  SegmentScanner(int fd, uint64_t begin, uint64_t end) : fd_(fd), at_(begin), end_(end) {}
  SegmentScanner(const SegmentScanner&) = delete;
  SegmentScanner& operator=(const SegmentScanner&) = delete;

  // The file's header, and the scan goes on behind it; nothing, and the scan begins at its first
  // byte, when it does not check out. Before Next, with `begin` 0.
  std::optional<SegmentHeader> ReadHeader();  // its ledger until Next
  SegmentPiece Next();
  int error() const { return error_; }  // errno

 private:
  // The file's bytes at `offset`: `bytes` of them, or fewer at the end or after an error.
  std::string_view Bytes(uint64_t offset, uint64_t bytes);
  // Of the frame at `offset`; nothing when it does not check out.
  std::optional<FrameHeader> FrameAt(uint64_t offset);
  // Where the next frame that checks out begins, from `offset` on; end_ if there is none.
  uint64_t FindFrame(uint64_t offset);
  SegmentPiece Frame(const FrameHeader& header);

  const int fd_;
  uint64_t at_;
  const uint64_t end_;
  Buffer window_;
  uint64_t window_at_ = 0;  // the offset of the window's first byte
  int error_ = 0;
};

}  // namespace sluice
