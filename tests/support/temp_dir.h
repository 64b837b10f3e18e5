// A directory of a test's own under /tmp, gone with this object and everything in it. Its path is
// short enough for a Unix socket's name inside it.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(std::string_view name) const;
  // Writes the file and returns its path.
  std::string Write(std::string_view name, std::string_view content) const;

 private:
  std::string path_;
};

}  // namespace sluice
