// SocketFile: the name in the file system of a unix socket that this process listens on. Made by
// Listen, and removed with this object, unless another process has put its own there meanwhile.
//
// A name that a dead process left (nobody accepts there) is replaced; one at which somebody listens
// only for Taking::kOver, and then without a moment at which nobody does: the new socket is bound
// beside it and renamed over it. What is no socket is left alone. Owner and group may connect, and
// nobody else (kSocketFileMode). Before any thread starts; unix(7).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "sluice/base/result.h"

namespace sluice {

class SocketFile {
 public:
  enum class Taking : uint8_t { kFree, kOver };

  // The error says why, without a name of the setting.
  static Result<std::unique_ptr<SocketFile>> Listen(const std::string& path, Taking taking);
  ~SocketFile();
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;

  // The listening, non-blocking socket: the caller's from here on.
  int TakeSocket();

 private:
  SocketFile(std::string path, int fd);

  std::string path_;
  int fd_;  // -1: taken
  // Which file it is, whatever it is called.
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace sluice
