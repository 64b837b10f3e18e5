#include "server/terminal_line.h"

#include <sys/ioctl.h>

namespace sluice {
namespace {

// ECMA-48: to the line's begin, and erase to its end.
constexpr std::string_view kErase = "\r\x1b[K";

}  // namespace

void TerminalLine::Draw(std::string_view line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  out_ << kErase << line << std::flush;
  drawn_ = true;
}

void TerminalLine::Clear() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ClearLocked();
}

void TerminalLine::ClearLocked() {
  if (!drawn_) return;
  out_ << kErase << std::flush;
  drawn_ = false;
}

void TerminalLine::Write(LogLevel level, std::string_view sentence,
                         std::span<const LogField> fields) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ClearLocked();
  log_.Write(level, sentence, fields);
}

size_t LineColumns(int fd) {
  winsize size{};
  const bool known = ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return (known ? size.ws_col : 80u) - 1u;
}

}  // namespace sluice
