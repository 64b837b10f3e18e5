#include "server/text_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "server/text.h"

namespace sluice {

Result<std::string> ReadTextFile(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text;
  std::array<char, 4'096> chunk;
  while (in.read(chunk.data(), chunk.size()) || in.gcount() > 0) {
    text.append(chunk.data(), static_cast<size_t>(in.gcount()));
  }
  if (!in.is_open() || in.bad()) {
    return Error{"cannot read the file " + Shown(file) + ": " + std::strerror(errno)};
  }
  return text;
}

}  // namespace sluice
