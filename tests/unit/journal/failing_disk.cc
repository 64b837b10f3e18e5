#include "unit/journal/failing_disk.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sluice {

FailingDisk& TheDisk() {
  static FailingDisk disk;
  return disk;
}

namespace {

int Fails(int error) {
  errno = error;
  return -1;
}

}  // namespace
}  // namespace sluice

extern "C" int fdatasync(int fd) {
  const int error = sluice::TheDisk().sync_error;
  return error != 0 ? sluice::Fails(error) : static_cast<int>(::syscall(SYS_fdatasync, fd));
}

extern "C" int ftruncate(int fd, off_t bytes) noexcept {
  const int error = sluice::TheDisk().truncate_error;
  return error != 0 ? sluice::Fails(error) : static_cast<int>(::syscall(SYS_ftruncate, fd, bytes));
}
