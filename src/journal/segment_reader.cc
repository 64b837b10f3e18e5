#include "journal/segment_reader.h"

#include <fcntl.h>

#include <cerrno>

#include "journal/file.h"
#include "sluice/base/limits.h"
#include "sluice/base/log.h"
#include "sluice/journal/segment_scanner.h"

namespace sluice {

void SegmentReader::Read(int dir_fd, const std::string& name, uint64_t begin, uint64_t end) {
  using enum SegmentPiece::Kind;
  if (bytes_.capacity() > 2 * kJournalReadBytes) bytes_ = Buffer();  // after one very large frame
  bytes_.Clear();
  frames_.clear();
  damage_.clear();
  error_ = 0;
  next_at_ = begin;
  const File file = File::Open(dir_fd, name, O_RDONLY);
  if (!file.is_open()) error_ = errno;
  SegmentScanner scanner(file.fd(), begin, end);
  while (error_ == 0 && next_at_ < end && bytes_.size() < kJournalReadBytes) {
    const SegmentPiece piece = scanner.Next();
    if (piece.kind == kError) {
      error_ = scanner.error();
    } else if (piece.kind == kDamage) {
      damage_.push_back({piece.offset, piece.bytes});
    } else if (piece.kind == kFrame) {
      frames_.push_back({piece.header, bytes_.size()});
      bytes_.Append(piece.payload);
    }
    next_at_ = piece.offset + piece.bytes;
  }
  if (error_ == 0) return;
  damage_.push_back({next_at_, end - next_at_});
  next_at_ = end;
}

uint64_t SegmentReader::SayDamage(const std::string& name) const {
  uint64_t bytes = 0;
  for (const Run& run : damage_) {
    Log(LogLevel::kError,
        "journal: a segment was damaged after it was written; it is kept aside, and the frames "
        "around are sent",
        {{"file", name},
         {"offset", run.offset},
         {"bytes", run.bytes},
         {"reason", error_ == 0 ? "checksum" : ErrorText(error_)}});
    bytes += run.bytes;
  }
  return bytes;
}

}  // namespace sluice
