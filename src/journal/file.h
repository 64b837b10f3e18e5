// Files as the journal uses them: a descriptor that closes itself, whole writes, and what makes a
// name durable. They block: never on a loop's thread, but at start-up. Errors are errno's values, 0
// for success.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  ~File() { Close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;

  // In the directory `dir_fd`, with open's flags; readable and writable by the owner only. Not
  // is_open() on an error, and then errno says why.
  static File Open(int dir_fd, const std::string& name, int flags);

  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void Close();
  int Release();  // the descriptor becomes the caller's

  // All of it, at this offset; on an error a part of it may be written.
  [[nodiscard]] int Write(std::string_view bytes, uint64_t offset);
  [[nodiscard]] int SyncData();
  [[nodiscard]] int Truncate(uint64_t bytes);
  [[nodiscard]] int Size(uint64_t& bytes) const;

 private:
  int fd_ = -1;
};

// Makes the names in a directory as durable as the files behind them.
[[nodiscard]] int SyncDirectory(int dir_fd);

// Gives the file a second name that says that it is damaged. Where one of an earlier damage has
// that name the next is taken; where it is this file's already, nothing is left to do.
[[nodiscard]] int LinkAside(int dir_fd, const std::string& name);

std::string ErrorText(int error);

}  // namespace sluice
