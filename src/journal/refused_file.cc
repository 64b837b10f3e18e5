#include "journal/refused_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdint>

#include "journal/file.h"
#include "sluice/base/buffer.h"
#include "sluice/journal/frame.h"

namespace sluice {

RefusedBatch::RefusedBatch(const SegmentName& file_name, const LoggedBatch& batch)
    : records(batch.records),
      file(file_name.ToString()),
      header(EncodeSegmentHeader(batch.ledger)) {
  Buffer bytes;
  AppendFrame({.sequence = batch.sequence, .records = batch.records, .commands = batch.commands},
              batch.bytes, bytes);
  frame = bytes.view();
}

int AppendRefused(int dir_fd, const RefusedBatch& refused) {
  File file = File::Open(dir_fd, refused.file, O_RDWR | O_CREAT);
  if (!file.is_open()) return errno;
  uint64_t before = 0;
  if (const int error = file.Size(before); error != 0) return error;
  uint64_t at = before;
  int error = 0;
  if (before == 0) {
    error = file.Write(refused.header, 0);
    at = refused.header.size();
  }
  if (error == 0) error = file.Write(refused.frame, at);
  if (error == 0) error = file.SyncData();
  if (error == 0 && before == 0) error = SyncDirectory(dir_fd);
  if (error != 0) static_cast<void>(file.Truncate(before));  // a scan skips what stays
  return error;
}

}  // namespace sluice
