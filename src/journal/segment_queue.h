// SegmentQueue: what one journal knows of its segments: in which order they are read, how far, what
// the lane has taken of them and what Redis has. Bookkeeping only; no file is touched. One thread.
//
// A batch is unread until it is taken (or found to be released already), then taken until it is
// released. A segment is finished when its last batch is released.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/journal/frame.h"
#include "sluice/journal/journal_directory.h"
#include "sluice/journal/segment_name.h"

namespace sluice {

struct Segment {
  std::string name;
  uint32_t ledger = 0;        // its number in the queue
  uint64_t file_bytes = 0;    // what it holds of the quota
  uint64_t read_at = 0;       // where the next read begins
  uint64_t readable_end = 0;  // what is durable ends here
  uint64_t last_sequence = 0;
  uint64_t unread_bytes = 0;  // of frames, headers and all
  uint64_t unread_records = 0;
  uint32_t held = 0;             // users for whom the file has to stay
  bool active = false;           // being appended to
  bool damaged = false;          // kept aside when it is finished
  bool damage_is_known = false;  // said and counted when the process began
  uint64_t last_read_sequence = 0;
  uint64_t id = 0;  // set by Push
};

class SegmentQueue {
 public:
  SegmentQueue() = default;
  SegmentQueue(const SegmentQueue&) = delete;
  SegmentQueue& operator=(const SegmentQueue&) = delete;

  // The number of a ledger, with who wrote under it; a new one if it is not known.
  uint32_t AddLedger(std::string_view ledger, const SegmentName& writer);
  const std::string& ledger(uint32_t number) const { return ledgers_[number].name; }
  const SegmentName& writer(uint32_t number) const { return ledgers_[number].writer; }

  Segment& Push(Segment segment);
  void PushStored(const StoredSegment& stored);
  Segment* Find(uint64_t id);  // null: gone
  Segment* active();           // null: none
  // The first of which something is to be read and not released already; null: none.
  Segment* NextToRead();
  // A read of the segment came to `read_at` with these frames and, perhaps, damage.
  struct Piece {
    uint64_t read_at = 0;
    uint64_t last_sequence = 0;
    uint64_t bytes = 0;
    uint64_t records = 0;
    bool damaged = false;
  };
  void OnRead(Segment& segment, const Piece& piece);
  // More of the active segment is durable.
  void OnAppended(Segment& segment, const Piece& piece);

  bool IsReleased(uint32_t ledger, uint64_t sequence) const {
    return sequence <= ledgers_[ledger].released;
  }
  // A frame that was read is unread no longer: the lane has taken it, or it was released before.
  // Returns how many records that showed to be released.
  uint64_t Take(uint64_t segment_id, uint32_t ledger, const FrameHeader& frame);
  // So many records of a taken frame will never be in Redis. Returns the frame's segment; 0 if it
  // was not taken.
  uint64_t Refuse(std::string_view ledger, uint64_t sequence, uint64_t records);
  // Returns how many records of taken frames that released.
  uint64_t Release(std::string_view ledger, uint64_t sequence);
  // Takes the finished segments out. Unread records of theirs count as released by this.
  bool HasFinished() const;
  std::vector<Segment> TakeFinished();

  uint64_t unread_bytes() const { return unread_bytes_; }
  uint64_t taken_bytes() const { return taken_bytes_; }

 private:
  struct Ledger {
    std::string name;
    SegmentName writer;
    uint64_t released = 0;
  };
  struct Taken {
    uint64_t segment_id;
    uint32_t ledger;
    uint64_t sequence;
    uint64_t bytes;
    uint64_t records;
  };

  bool IsFinished(const Segment& segment) const {
    return segment.held == 0 && IsReleased(segment.ledger, segment.last_sequence);
  }
  const Ledger* FindLedger(std::string_view ledger) const;

  std::vector<Ledger> ledgers_;
  std::deque<Segment> segments_;
  std::deque<Taken> taken_;
  uint64_t next_id_ = 1;
  uint64_t unread_bytes_ = 0;
  uint64_t taken_bytes_ = 0;
};

}  // namespace sluice
