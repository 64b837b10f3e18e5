// JournalDisk: what one journal does to the disk, one job at a time on the pool of
// threads. Start... returns at once and OnJobDone follows on the loop's thread; what the job was
// given stays its own until then, and its results are there from then until the next job of its
// kind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "journal/refused_file.h"
#include "journal/segment_queue.h"
#include "journal/segment_reader.h"
#include "journal/segment_writer.h"
#include "sluice/journal/disk_job.h"
#include "sluice/net/background.h"
#include "sluice/net/loop.h"

namespace sluice {

class JournalDisk final : private BackgroundJob {
 public:
  JournalDisk(int dir_fd, Loop& loop, DiskJobListener& listener)
      : dir_fd_(dir_fd), listener_(listener), background_(loop), writer_(dir_fd) {}
  JournalDisk(const JournalDisk&) = delete;
  JournalDisk& operator=(const JournalDisk&) = delete;

  bool busy() const { return background_.busy(); }
  bool segment_is_open() const { return writer_.is_open(); }

  // Without a name: to the open segment. The views stay until the job is done.
  void StartWrite(std::string new_segment, std::string_view header, std::string_view frames);
  const SegmentWriter::Result& written() const { return written_; }
  const std::string& new_segment() const { return new_segment_; }  // empty: there was one
  uint64_t write_ns() const { return write_ns_; }

  void StartRead(const Segment& segment);
  const SegmentReader& reader() const { return reader_; }

  // Deletes them, or gives the damaged ones the name that says so.
  void StartRemove(std::vector<Segment> segments);
  const std::vector<Segment>& removed() const { return removed_; }
  // errno of the removal of the segment of this index; 0: it is done.
  int remove_error(size_t i) const { return remove_errors_[i]; }

  void StartKeep(RefusedBatch refused);
  const RefusedBatch& kept() const { return kept_; }
  int keep_error() const { return keep_error_; }

 private:
  void Start(DiskJob job);
  void RunInBackground() override;
  void OnDone() override;
  void Write();
  void Remove();
  int RemoveOne(const Segment& segment) const;

  const int dir_fd_;
  DiskJobListener& listener_;
  Background background_;
  DiskJob job_ = DiskJob::kNone;

  SegmentWriter writer_;
  SegmentWriter::Result written_;
  std::string new_segment_;
  std::string_view header_;
  std::string_view frames_;
  uint64_t write_ns_ = 0;

  SegmentReader reader_;
  std::string read_name_;
  uint64_t read_begin_ = 0;
  uint64_t read_end_ = 0;

  std::vector<Segment> removed_;
  std::vector<int> remove_errors_;

  RefusedBatch kept_;
  int keep_error_ = 0;
};

}  // namespace sluice
