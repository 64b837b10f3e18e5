#include "journal/journal_disk.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "journal/file.h"
#include "sluice/base/check.h"
#include "sluice/base/clock.h"

namespace sluice {

void JournalDisk::Start(DiskJob job) {
  SLUICE_CHECK(job_ == DiskJob::kNone);
  job_ = job;
  background_.Start(*this);
}

void JournalDisk::StartWrite(std::string new_segment, std::string_view header,
                             std::string_view frames) {
  SLUICE_CHECK(!new_segment.empty() || writer_.is_open());
  new_segment_ = std::move(new_segment);
  header_ = header;
  frames_ = frames;
  Start(DiskJob::kWrite);
}

void JournalDisk::StartRead(const Segment& segment) {
  read_name_ = segment.name;
  read_begin_ = segment.read_at;
  read_end_ = segment.readable_end;
  Start(DiskJob::kRead);
}

void JournalDisk::StartRemove(std::vector<Segment> segments) {
  removed_ = std::move(segments);
  Start(DiskJob::kRemove);
}

void JournalDisk::StartKeep(RefusedBatch refused) {
  kept_ = std::move(refused);
  Start(DiskJob::kKeep);
}

void JournalDisk::RunInBackground() {
  switch (job_) {
    case DiskJob::kNone:
      break;
    case DiskJob::kWrite:
      return Write();
    case DiskJob::kRead:
      return reader_.Read(dir_fd_, read_name_, read_begin_, read_end_);
    case DiskJob::kRemove:
      return Remove();
    case DiskJob::kKeep:
      keep_error_ = AppendRefused(dir_fd_, kept_);
      return;
  }
}

void JournalDisk::OnDone() { listener_.OnJobDone(std::exchange(job_, DiskJob::kNone)); }

void JournalDisk::Write() {
  const SystemClock clock;
  const uint64_t begun_ns = clock.MonotonicNs();
  written_ = new_segment_.empty() ? writer_.Append(frames_)
                                  : writer_.Begin(new_segment_, header_, frames_);
  write_ns_ = clock.MonotonicNs() - begun_ns;
}

void JournalDisk::Remove() {
  remove_errors_.clear();
  for (const Segment& segment : removed_) {
    if (segment.active) writer_.End();
    remove_errors_.push_back(RemoveOne(segment));
  }
  // Should this fail, a crash of the machine may bring them back: then the ledger knows them.
  static_cast<void>(SyncDirectory(dir_fd_));
}

int JournalDisk::RemoveOne(const Segment& segment) const {
  if (segment.damaged) {
    if (const int error = LinkAside(dir_fd_, segment.name); error != 0) return error;
  }
  const bool gone = ::unlinkat(dir_fd_, segment.name.c_str(), 0) == 0 || errno == ENOENT;
  return gone ? 0 : errno;
}

}  // namespace sluice
