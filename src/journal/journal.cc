#include "sluice/journal/journal.h"

#include <algorithm>
#include <utility>

#include "journal/journal_disk.h"
#include "journal/segment_queue.h"
#include "journal/write_failures.h"
#include "sluice/base/check.h"
#include "sluice/base/log.h"
#include "sluice/journal/frame.h"

namespace sluice {
namespace {

constexpr uint64_t kKeepAgainNs = 1'000 * kNsPerMs;

}  // namespace

Journal::Journal(Options options, JournalDirectory& directory, Loop& loop, JournalStats& stats)
    : options_(std::move(options)),
      directory_(directory),
      loop_(loop),
      stats_(stats),
      header_(EncodeSegmentHeader(options_.ledger)),
      queue_(std::make_unique<SegmentQueue>()),
      disk_(std::make_unique<JournalDisk>(directory.fd(), loop,
                                          static_cast<DiskJobListener&>(*this))),
      failures_(std::make_unique<WriteFailures>(directory, options_.lane, loop.clock(), stats)) {
  for (const StoredSegment& stored : directory.stored(options_.worker, options_.lane)) {
    queue_->PushStored(stored);
  }
  const bool is_first = options_.worker == 0 && options_.lane == LaneKind::kBulk;
  if (is_first) stats_.damaged_bytes.Add(directory.damaged_bytes());
  UpdateStats();
}

Journal::~Journal() = default;

bool Journal::NeedsNewSegment() const {
  const Segment* active = queue_->active();
  return active == nullptr || active->file_bytes >= options_.segment_bytes;
}

bool Journal::Append(const LoggedBatch& batch) {
  SLUICE_CHECK(!syncing_ && batch.ledger == options_.ledger && batch.sequence > 0);
  if (closing_ || batch.bytes.size() > kFramePayloadBytesMax) return false;
  uint64_t bytes = kFrameHeaderBytes + batch.bytes.size();
  if (pending_.batches == 0 && NeedsNewSegment()) bytes += header_.size();
  refused_one_ = !directory_.Reserve(options_.lane, bytes);
  if (refused_one_) {
    failures_->AddFull();
    return false;
  }
  AppendFrame({.sequence = batch.sequence, .records = batch.records, .commands = batch.commands},
              batch.bytes, pending_.frames);
  ++pending_.batches;
  pending_.records += batch.records;
  pending_.last_sequence = batch.sequence;
  pending_.reserved_bytes += bytes;
  return true;
}

void Journal::Sync() {
  SLUICE_CHECK(!syncing_ && !closing_ && pending_.batches > 0);
  syncing_ = true;
  Pump();
}

const LoggedBatch* Journal::Front() {
  has_front_ = false;
  if (wants_read_ || closing_) {
    Pump();
    return nullptr;
  }
  const SegmentReader& reader = disk_->reader();
  for (; piece_.next < reader.frames().size(); TakeNext()) {
    const SegmentReader::Frame& frame = reader.frames()[piece_.next];
    if (queue_->IsReleased(piece_.ledger, frame.header.sequence)) continue;
    front_ = {.ledger = queue_->ledger(piece_.ledger),
              .sequence = frame.header.sequence,
              .records = frame.header.records,
              .commands = frame.header.commands,
              .bytes = reader.payload(frame)};
    has_front_ = true;
    return &front_;
  }
  wants_read_ = queue_->NextToRead() != nullptr;
  Pump();
  return nullptr;
}

void Journal::Pop() {
  SLUICE_CHECK(has_front_);
  has_front_ = false;
  TakeNext();
}

void Journal::TakeNext() {
  const FrameHeader& header = disk_->reader().frames()[piece_.next++].header;
  stats_.records_sent.Add(queue_->Take(piece_.segment_id, piece_.ledger, header));
  UpdateStats();
}

uint64_t Journal::unread_bytes() const { return queue_->unread_bytes(); }

void Journal::Release(std::string_view ledger, uint64_t sequence) {
  stats_.records_sent.Add(queue_->Release(ledger, sequence));
  Pump();
  UpdateStats();
}

void Journal::SetAside(const LoggedBatch& batch) {
  SegmentName file = queue_->writer(queue_->AddLedger(batch.ledger, own_writer()));
  file.kind = SegmentName::Kind::kRefused;
  RefusedBatch& refused = refused_.emplace_back(file, batch);
  refused.segment_id = queue_->Refuse(batch.ledger, batch.sequence, batch.records);
  // Its segment stays until it is in the other file.
  if (Segment* segment = queue_->Find(refused.segment_id)) ++segment->held;
  Log(LogLevel::kError, "journal: Redis refused a batch for good; it is set aside",
      {{"file", refused.file}, {"sequence", batch.sequence}, {"records", batch.records}});
  Pump();
}

void Journal::Close() {
  closing_ = true;
  Pump();
}

bool Journal::closed() const { return closing_ && !disk_->busy(); }

void Journal::Pump() {
  if (disk_->busy()) return;
  const bool may_keep = !refused_.empty() && (closing_ || loop_.clock().now_ns() >= keep_again_ns_);
  const bool may_read = wants_read_ && !closing_;
  const bool has_others = may_keep || may_read || queue_->HasFinished();
  if (syncing_ && !(wrote_last_ && has_others)) {
    StartWrite();
  } else if (may_keep) {
    disk_->StartKeep(std::move(refused_.front()));
    refused_.pop_front();
  } else if (queue_->HasFinished()) {
    std::vector<Segment> finished = queue_->TakeFinished();
    for (const Segment& segment : finished) stats_.records_sent.Add(segment.unread_records);
    disk_->StartRemove(std::move(finished));
  } else if (may_read) {
    StartRead();
  }
}

void Journal::StartRead() {
  const Segment* segment = queue_->NextToRead();
  wants_read_ = segment != nullptr;
  if (segment == nullptr) return;
  piece_ = {.segment_id = segment->id, .ledger = segment->ledger, .next = 0};
  disk_->StartRead(*segment);
}

void Journal::StartWrite() {
  std::string name;
  if (NeedsNewSegment()) {
    // Also where the last one was deleted since the header's bytes would have been reserved.
    const uint64_t bytes = pending_.frames.size() + header_.size();
    directory_.ReserveAnyway(bytes - std::min(bytes, pending_.reserved_bytes));
    pending_.reserved_bytes = bytes;
    if (Segment* full = queue_->active()) full->active = false;
    name = own_writer().ToString();
    ++next_number_;
  }
  disk_->StartWrite(std::move(name), header_, pending_.frames.view());
}

void Journal::OnJobDone(DiskJob job) {
  wrote_last_ = job == DiskJob::kWrite;
  switch (job) {
    case DiskJob::kNone:
      break;
    case DiskJob::kWrite:
      OnWritten();
      break;
    case DiskJob::kRead:
      OnRead();
      break;
    case DiskJob::kRemove:
      OnRemoved();
      break;
    case DiskJob::kKeep:
      OnKept();
      break;
  }
  Pump();
  UpdateStats();
}

void Journal::OnWritten() {
  const LogSynced synced = disk_->written().synced;
  if (synced == LogSynced::kDurable) {
    OnDurable();
  } else {
    OnWriteFailed();
  }
  healthy_ = synced == LogSynced::kDurable;
  pending_.Clear();
  syncing_ = false;
  if (listener_ != nullptr) listener_->OnSynced(synced);
}

Segment Journal::NewSegment(uint64_t file_bytes) {
  Segment segment;
  segment.name = disk_->new_segment();
  segment.ledger = queue_->AddLedger(options_.ledger, own_writer());
  segment.file_bytes = file_bytes;
  return segment;
}

void Journal::OnDurable() {
  if (!disk_->new_segment().empty()) {
    Segment segment = NewSegment(header_.size());
    segment.readable_end = segment.read_at = header_.size();
    segment.active = true;
    queue_->Push(std::move(segment));
  }
  queue_->OnAppended(*queue_->active(), {.last_sequence = pending_.last_sequence,
                                         .bytes = pending_.frames.size(),
                                         .records = pending_.records});
  stats_.batches_written.Add(pending_.batches);
  stats_.records_written.Add(pending_.records);
  stats_.sync_ns.Observe(disk_->write_ns());
}

void Journal::OnWriteFailed() {
  const SegmentWriter::Result& result = disk_->written();
  failures_->Add(result.what, result.error);
  const bool is_new = !disk_->new_segment().empty();
  Segment* active = queue_->active();
  if (is_new && result.left_file) {
    // Nothing in it is to be read: it is finished from the start.
    queue_->Push(NewSegment(pending_.reserved_bytes));
  } else if (!is_new && result.synced == LogSynced::kUnclear) {
    active->active = false;
    active->file_bytes += pending_.reserved_bytes;
  } else {
    directory_.Return(pending_.reserved_bytes);
  }
}

void Journal::OnRead() {
  wants_read_ = false;
  const SegmentReader& reader = disk_->reader();
  Segment& segment = *queue_->Find(piece_.segment_id);
  SegmentQueue::Piece read{.read_at = reader.next_at(), .damaged = !reader.damage().empty()};
  for (const SegmentReader::Frame& frame : reader.frames()) {
    read.last_sequence = std::max(read.last_sequence, frame.header.sequence);
    read.bytes += frame.header.frame_bytes();
    read.records += frame.header.records;
  }
  if (!segment.damage_is_known) stats_.damaged_bytes.Add(reader.SayDamage(segment.name));
  queue_->OnRead(segment, read);
}

void Journal::OnRemoved() {
  for (size_t i = 0; i < disk_->removed().size(); ++i) {
    const Segment& segment = disk_->removed()[i];
    if (disk_->remove_error(i) != 0) {
      failures_->Add("remove a segment", disk_->remove_error(i));
    } else if (!segment.damaged) {
      directory_.Return(segment.file_bytes);
    }
  }
}

void Journal::OnKept() {
  RefusedBatch kept = disk_->kept();
  if (disk_->keep_error() != 0) {
    failures_->Add("set a refused batch aside", disk_->keep_error());
    keep_again_ns_ = loop_.clock().now_ns() + kKeepAgainNs;
    if (!closing_) refused_.push_front(std::move(kept));
    return;
  }
  directory_.ReserveAnyway(kept.frame.size());
  stats_.records_set_aside.Add(kept.records);
  if (Segment* segment = queue_->Find(kept.segment_id)) --segment->held;
}

void Journal::UpdateStats() { stats_.bytes.Set(queue_->unread_bytes() + queue_->taken_bytes()); }

}  // namespace sluice
