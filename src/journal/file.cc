#include "journal/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace sluice {
namespace {

int ErrorOf(int status) { return status == 0 ? 0 : errno; }

bool IsSameFile(int dir_fd, const std::string& a, const std::string& b) {
  struct stat first {
  }, second{};
  return ::fstatat(dir_fd, a.c_str(), &first, 0) == 0 &&
         ::fstatat(dir_fd, b.c_str(), &second, 0) == 0 && first.st_ino == second.st_ino;
}

}  // namespace

File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

File File::Open(int dir_fd, const std::string& name, int flags) {
  constexpr mode_t kOwnersOnly = 0600;
  return File(::openat(dir_fd, name.c_str(), flags | O_CLOEXEC, kOwnersOnly));
}

void File::Close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

int File::Release() { return std::exchange(fd_, -1); }

int File::Write(std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) return EIO;
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return 0;
}

int File::SyncData() { return ErrorOf(::fdatasync(fd_)); }

int File::Truncate(uint64_t bytes) { return ErrorOf(::ftruncate(fd_, static_cast<off_t>(bytes))); }

int File::Size(uint64_t& bytes) const {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) return errno;
  bytes = static_cast<uint64_t>(info.st_size);
  return 0;
}

int SyncDirectory(int dir_fd) { return ErrorOf(::fsync(dir_fd)); }

int LinkAside(int dir_fd, const std::string& name) {
  for (uint32_t copy = 0;; ++copy) {
    const std::string aside = name + (copy == 0 ? "" : "." + std::to_string(copy)) + ".damaged";
    if (::linkat(dir_fd, name.c_str(), dir_fd, aside.c_str(), 0) == 0) return 0;
    if (errno != EEXIST) return errno;
    if (IsSameFile(dir_fd, name, aside)) return 0;
  }
}

std::string ErrorText(int error) { return std::strerror(error); }

}  // namespace sluice
