#include "journal/segment_queue.h"

#include <algorithm>
#include <utility>

#include "sluice/base/check.h"

namespace sluice {

const SegmentQueue::Ledger* SegmentQueue::FindLedger(std::string_view ledger) const {
  const auto at = std::find_if(ledgers_.begin(), ledgers_.end(),
                               [ledger](const Ledger& known) { return known.name == ledger; });
  return at == ledgers_.end() ? nullptr : &*at;
}

uint32_t SegmentQueue::AddLedger(std::string_view ledger, const SegmentName& writer) {
  if (const Ledger* known = FindLedger(ledger)) {
    return static_cast<uint32_t>(known - ledgers_.data());
  }
  ledgers_.push_back({std::string(ledger), writer});
  return static_cast<uint32_t>(ledgers_.size() - 1);
}

Segment& SegmentQueue::Push(Segment segment) {
  SLUICE_CHECK(segment.ledger < ledgers_.size());
  segment.id = next_id_++;
  unread_bytes_ += segment.unread_bytes;
  segments_.push_back(std::move(segment));
  return segments_.back();
}

void SegmentQueue::PushStored(const StoredSegment& stored) {
  Segment segment;
  segment.name = stored.name;
  segment.ledger = AddLedger(stored.ledger, *SegmentName::Parse(stored.name));
  segment.file_bytes = segment.readable_end = stored.file_bytes;
  segment.read_at = stored.header_bytes;
  segment.last_sequence = stored.last_sequence;
  segment.unread_bytes = stored.frame_bytes;
  segment.unread_records = stored.records;
  segment.damaged = segment.damage_is_known = stored.damaged;
  Push(std::move(segment));
}

Segment* SegmentQueue::Find(uint64_t id) {
  const auto at = std::find_if(segments_.begin(), segments_.end(),
                               [id](const Segment& segment) { return segment.id == id; });
  return at == segments_.end() ? nullptr : &*at;
}

Segment* SegmentQueue::active() {
  return !segments_.empty() && segments_.back().active ? &segments_.back() : nullptr;
}

Segment* SegmentQueue::NextToRead() {
  for (Segment& segment : segments_) {
    if (segment.read_at < segment.readable_end &&
        !IsReleased(segment.ledger, segment.last_sequence)) {
      return &segment;
    }
  }
  return nullptr;
}

void SegmentQueue::OnRead(Segment& segment, const Piece& piece) {
  segment.read_at = piece.read_at;
  segment.last_read_sequence = std::max(segment.last_read_sequence, piece.last_sequence);
  segment.damaged = segment.damaged || piece.damaged;
  if (!segment.damaged || segment.read_at < segment.readable_end) return;
  // All that will ever be read of it is known now: what was lost is not waited for.
  segment.last_sequence = segment.last_read_sequence;
  unread_bytes_ -= segment.unread_bytes;
  unread_bytes_ += piece.bytes;
  segment.unread_bytes = piece.bytes;
  segment.unread_records = piece.records;
}

void SegmentQueue::OnAppended(Segment& segment, const Piece& piece) {
  segment.readable_end += piece.bytes;
  segment.file_bytes += piece.bytes;
  segment.last_sequence = piece.last_sequence;
  segment.unread_bytes += piece.bytes;
  segment.unread_records += piece.records;
  unread_bytes_ += piece.bytes;
}

uint64_t SegmentQueue::Take(uint64_t segment_id, uint32_t ledger, const FrameHeader& frame) {
  const uint64_t bytes = frame.frame_bytes();
  Segment* segment = Find(segment_id);
  if (segment == nullptr) return 0;  // finished and gone, and all its unread records with it
  SLUICE_CHECK(segment->unread_bytes >= bytes && segment->unread_records >= frame.records);
  segment->unread_bytes -= bytes;
  segment->unread_records -= frame.records;
  unread_bytes_ -= bytes;
  if (IsReleased(ledger, frame.sequence)) return frame.records;
  taken_.push_back({segment_id, ledger, frame.sequence, bytes, frame.records});
  taken_bytes_ += bytes;
  return 0;
}

uint64_t SegmentQueue::Refuse(std::string_view ledger, uint64_t sequence, uint64_t records) {
  const Ledger* known = FindLedger(ledger);
  uint64_t segment_id = 0;
  for (auto taken = taken_.rbegin(); taken != taken_.rend() && records > 0; ++taken) {
    if (known != &ledgers_[taken->ledger] || taken->sequence > sequence) continue;
    if (taken->sequence == sequence) segment_id = taken->segment_id;
    if (segment_id == 0) break;
    // Those before it may have gone to Redis with it, and be whose records these are.
    const uint64_t refused = std::min(taken->records, records);
    taken->records -= refused;
    records -= refused;
  }
  return segment_id;
}

uint64_t SegmentQueue::Release(std::string_view ledger, uint64_t sequence) {
  const Ledger* const known = FindLedger(ledger);
  if (known == nullptr || sequence <= known->released) return 0;
  const auto number = static_cast<uint32_t>(known - ledgers_.data());
  ledgers_[number].released = sequence;
  uint64_t records = 0;
  std::erase_if(taken_, [&](const Taken& taken) {
    if (taken.ledger != number || taken.sequence > sequence) return false;
    records += taken.records;
    taken_bytes_ -= taken.bytes;
    return true;
  });
  return records;
}

bool SegmentQueue::HasFinished() const {
  return std::any_of(segments_.begin(), segments_.end(),
                     [this](const Segment& segment) { return IsFinished(segment); });
}

std::vector<Segment> SegmentQueue::TakeFinished() {
  std::vector<Segment> finished;
  for (Segment& segment : segments_) {
    if (!IsFinished(segment)) continue;
    unread_bytes_ -= segment.unread_bytes;
    finished.push_back(segment);
  }
  std::erase_if(segments_, [this](const Segment& segment) { return IsFinished(segment); });
  return finished;
}

}  // namespace sluice
