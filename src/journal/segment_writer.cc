#include "journal/segment_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace sluice {

SegmentWriter::Result SegmentWriter::Begin(const std::string& name, std::string_view header,
                                           std::string_view frames) {
  file_ = File();
  file_ = File::Open(dir_fd_, name, O_RDWR | O_CREAT | O_EXCL);
  if (!is_open()) return {LogSynced::kRefused, errno, "begin a segment"};
  durable_bytes_ = header.size();
  Result result;
  result.error = file_.Write(header, 0);
  if (result.error == 0) result.error = SyncDirectory(dir_fd_);
  if (result.error != 0) {
    result.synced = LogSynced::kRefused;  // no frame was written
    result.what = "begin a segment";
  } else {
    result = Append(frames);
  }
  if (result.synced != LogSynced::kDurable) {
    file_.Close();
    result.left_file = ::unlinkat(dir_fd_, name.c_str(), 0) != 0;
  }
  return result;
}

SegmentWriter::Result SegmentWriter::Append(std::string_view frames) {
  if (const int error = file_.Write(frames, durable_bytes_); error != 0) {
    // Synced, so that not even a crash of the machine brings a refused frame back.
    if (file_.Truncate(durable_bytes_) == 0 && file_.SyncData() == 0) {
      return {LogSynced::kRefused, error, "write"};
    }
    file_.Close();
    return {LogSynced::kUnclear, error, "write"};
  }
  if (const int error = file_.SyncData(); error != 0) {
    // What of it reached the disk cannot be known, nor whether a later sync would tell.
    file_.Close();
    return {LogSynced::kUnclear, error, "sync"};
  }
  durable_bytes_ += frames.size();
  return {};
}

}  // namespace sluice
