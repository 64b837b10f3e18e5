// A disk that fails when a test says so: fdatasync and ftruncate of the whole test program are its
// own (failing_disk.cc) and do what libc's do until then. A limit on the size of files makes writes
// stop in the middle, as a full disk does.
#pragma once

#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <cstdint>

namespace sluice {

struct FailingDisk {
  std::atomic<int> sync_error{0};      // errno of every fdatasync; 0: none
  std::atomic<int> truncate_error{0};  // and of every ftruncate
};
FailingDisk& TheDisk();

// While it lives no file of the process grows beyond `bytes`.
class FileLimit {
 public:
  explicit FileLimit(uint64_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);  // as Signals does for the program
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace sluice
