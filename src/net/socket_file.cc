#include "sluice/net/socket_file.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "sluice/base/limits.h"

namespace sluice {
namespace {

constexpr const char* kNewSuffix = ".new";

sockaddr_un NameOf(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  return name;
}

bool FitsName(const std::string& path) { return path.size() < sizeof(sockaddr_un::sun_path); }

int OpenSocket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

// What stands at a path. `kRefused` covers all that connecting fails with but a dead end.
enum class Found : uint8_t { kNothing, kNoSocket, kDead, kAlive, kRefused };

// Leaves errno for kRefused.
Found Look(const std::string& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) return errno == ENOENT ? Found::kNothing : Found::kRefused;
  if (!S_ISSOCK(file.st_mode)) return Found::kNoSocket;
  const int fd = OpenSocket();
  if (fd < 0) return Found::kRefused;
  const sockaddr_un name = NameOf(path);
  const int result = ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name);
  const int why = errno;
  ::close(fd);
  errno = why;
  if (result == 0 || why == EAGAIN) return Found::kAlive;  // EAGAIN: its queue is full
  return why == ECONNREFUSED ? Found::kDead : Found::kRefused;
}

// Bound to `path`, which is free, and listening. -1 and errno.
int BindAndListen(const std::string& path) {
  const int fd = OpenSocket();
  if (fd < 0) return -1;
  const sockaddr_un name = NameOf(path);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0) {
    // Nobody gets in before this: connecting is refused until it listens.
    if (::chmod(path.c_str(), kSocketFileMode) == 0 && ::listen(fd, kListenBacklog) == 0) return fd;
    const int failure = errno;
    ::unlink(path.c_str());
    errno = failure;
  }
  const int failure = errno;
  ::close(fd);
  errno = failure;
  return -1;
}

}  // namespace

Result<std::unique_ptr<SocketFile>> SocketFile::Listen(const std::string& path, Taking taking) {
  const std::string bound = taking == Taking::kOver ? path + kNewSuffix : path;
  if (!FitsName(bound)) {
    return Error{"the path is too long; it may have " +
                 std::to_string(sizeof(sockaddr_un::sun_path) - 1 - (bound.size() - path.size())) +
                 " bytes"};
  }
  const Found found = Look(path);
  if (found == Found::kRefused) return Error{std::strerror(errno)};
  if (found == Found::kNoSocket) return Error{"what is there is no socket, and is left alone"};
  if (found == Found::kAlive && taking == Taking::kFree) {
    return Error{"a running process listens there"};
  }
  // Of another process that died taking over, in the second case.
  if (found == Found::kDead || taking == Taking::kOver) {
    if (::unlink(bound.c_str()) != 0 && errno != ENOENT) return Error{std::strerror(errno)};
  }
  const int fd = BindAndListen(bound);
  if (fd < 0) return Error{std::strerror(errno)};
  std::unique_ptr<SocketFile> file(new SocketFile(bound, fd));
  if (bound != path) {
    if (::rename(bound.c_str(), path.c_str()) != 0) return Error{std::strerror(errno)};
    file->path_ = path;
  }
  return file;
}

SocketFile::SocketFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {
  struct stat file {};
  if (::lstat(path_.c_str(), &file) != 0) return;  // gone already, and never removed by us
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

SocketFile::~SocketFile() {
  struct stat file {};
  const bool is_there = ::lstat(path_.c_str(), &file) == 0;
  if (is_there && file.st_dev == device_ && file.st_ino == inode_) ::unlink(path_.c_str());
  if (fd_ >= 0) ::close(fd_);
}

int SocketFile::TakeSocket() { return std::exchange(fd_, -1); }

}  // namespace sluice
