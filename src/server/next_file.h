// NextFile: what a file is to hold, written beside it and not yet in its place. Rename puts it
// there, all at once: a reader sees the old content or the new one, also after a crash. Without
// Rename it is gone with this object. It has the mode and owner of the file that it replaces, or
// 0600 where there is none. One thread; errors are one line with the file and the reason.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice {

class NextFile {
 public:
  // On the disk when this returns. `file` is no symbolic link.
  static Result<std::unique_ptr<NextFile>> Write(const std::string& file, std::string_view text);
  ~NextFile();
  NextFile(const NextFile&) = delete;
  NextFile& operator=(const NextFile&) = delete;

  Status Rename();

 private:
  explicit NextFile(const std::string& file) : file_(file), beside_(file + ".XXXXXX") {}
  Status Fill(std::string_view text);

  const std::string file_;
  std::string beside_;
  int fd_ = -1;
};

}  // namespace sluice
