#include "sluice/journal/segment_scanner.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sluice {
namespace {

constexpr uint64_t kReadBytes = 256 * kKiB;

}  // namespace

std::optional<SegmentHeader> SegmentScanner::ReadHeader() {
  const auto header = ParseSegmentHeader(Bytes(0, kSegmentHeaderBytesMax));
  if (header) at_ = header->bytes;
  return header;
}

SegmentPiece SegmentScanner::Next() {
  using enum SegmentPiece::Kind;
  if (error_ != 0) return {.kind = kError, .offset = at_};
  if (at_ >= end_) return {.kind = kEnd, .offset = end_};
  if (const auto header = FrameAt(at_)) return Frame(*header);
  if (error_ != 0) return {.kind = kError, .offset = at_};
  const uint64_t begin = at_;
  at_ = FindFrame(at_ + 1);
  if (error_ != 0) return {.kind = kError, .offset = begin};
  return {.kind = kDamage, .offset = begin, .bytes = at_ - begin};
}

SegmentPiece SegmentScanner::Frame(const FrameHeader& header) {
  const uint64_t begin = at_;
  at_ += header.frame_bytes();
  return {.kind = SegmentPiece::Kind::kFrame,
          .offset = begin,
          .bytes = header.frame_bytes(),
          .header = header,
          .payload = Bytes(begin, header.frame_bytes()).substr(kFrameHeaderBytes)};
}

std::optional<FrameHeader> SegmentScanner::FrameAt(uint64_t offset) {
  const auto header = ParseFrameHeader(Bytes(offset, kFrameHeaderBytes));
  if (!header || header->frame_bytes() > end_ - offset) return {};
  const std::string_view frame = Bytes(offset, header->frame_bytes());
  if (frame.size() < header->frame_bytes() || !FrameChecksOut(frame)) return {};
  return header;
}

uint64_t SegmentScanner::FindFrame(uint64_t offset) {
  while (offset < end_ && error_ == 0) {
    const std::string_view bytes = Bytes(offset, kReadBytes);
    const size_t found = bytes.find(kFrameMarker);
    if (found != std::string_view::npos) {
      offset += found;
      if (FrameAt(offset)) return offset;
      ++offset;
    } else if (bytes.size() < kFrameMarker.size()) {
      return end_;
    } else {
      offset += bytes.size() - (kFrameMarker.size() - 1);  // a marker may be cut by the window
    }
  }
  return end_;
}

std::string_view SegmentScanner::Bytes(uint64_t offset, uint64_t bytes) {
  bytes = std::min(bytes, end_ - offset);
  const uint64_t window_end = window_at_ + window_.size();
  if (offset >= window_at_ && offset + bytes <= window_end) {
    return window_.view().substr(offset - window_at_, bytes);
  }
  window_.Clear();
  window_at_ = offset;
  const uint64_t wanted = std::min(std::max(bytes, kReadBytes), end_ - offset);
  char* const to = window_.Prepare(wanted);
  while (window_.size() < wanted) {
    const ssize_t n = ::pread(fd_, to + window_.size(), wanted - window_.size(),
                              static_cast<off_t>(offset + window_.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) error_ = errno;
    if (n <= 0) break;
    window_.Advance(static_cast<size_t>(n));
  }
  return window_.view().substr(0, std::min<uint64_t>(bytes, window_.size()));
}

}  // namespace sluice
