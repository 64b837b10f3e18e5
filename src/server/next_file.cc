#include "server/next_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "server/text.h"

namespace sluice {
namespace {

Error CannotWrite(const std::string& file) {
  return Error{"cannot write the file " + Shown(file) + ": " + std::strerror(errno)};
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<NextFile>> NextFile::Write(const std::string& file, std::string_view text) {
  std::unique_ptr<NextFile> next(new NextFile(file));
  next->fd_ = ::mkostemp(next->beside_.data(), O_CLOEXEC);  // with mode 0600
  if (next->fd_ < 0) return CannotWrite(file);
  if (Status filled = next->Fill(text); !filled) return Error{filled.error()};
  return next;
}

Status NextFile::Fill(std::string_view text) {
  struct stat old {};
  if (::stat(file_.c_str(), &old) == 0) {
    const bool same_owner = old.st_uid == ::geteuid() && old.st_gid == ::getegid();
    if (!same_owner && ::fchown(fd_, old.st_uid, old.st_gid) != 0) return CannotWrite(file_);
    if (::fchmod(fd_, old.st_mode & 07777) != 0) return CannotWrite(file_);
  } else if (errno != ENOENT) {
    return CannotWrite(file_);
  }
  if (!WriteAll(fd_, text) || ::fsync(fd_) != 0) return CannotWrite(file_);
  return {};
}

NextFile::~NextFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  if (!beside_.empty()) ::unlink(beside_.c_str());
}

Status NextFile::Rename() {
  if (::rename(beside_.c_str(), file_.c_str()) != 0) return CannotWrite(file_);
  beside_.clear();
  const std::string parent = std::filesystem::path(file_).parent_path();
  const int dir = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) return CannotWrite(file_);
  const bool synced = ::fsync(dir) == 0;
  ::close(dir);
  return synced ? Status() : CannotWrite(file_);
}

}  // namespace sluice
