// TerminalLine: a line at the bottom of a terminal that is drawn over and over, and the log above
// it: it is a log's sink before the real one, and takes the line away before each line of the log.
// Any thread may log; one draws.
#pragma once

#include <cstddef>
#include <mutex>
#include <ostream>
#include <span>
#include <string_view>

#include "sluice/base/log.h"

namespace sluice {

class TerminalLine final : public LogSink {
 public:
  // `log` and the line go to the same terminal. Both outlive it.
  TerminalLine(LogSink& log, std::ostream& out) : log_(log), out_(out) {}
  TerminalLine(const TerminalLine&) = delete;
  TerminalLine& operator=(const TerminalLine&) = delete;

  // One line, no longer than the terminal is wide, in place of the last one.
  void Draw(std::string_view line);
  void Clear();

  void Write(LogLevel level, std::string_view sentence, std::span<const LogField> fields) override;

 private:
  void ClearLocked();

  LogSink& log_;
  std::ostream& out_;
  std::mutex mutex_;
  bool drawn_ = false;
};

// How many characters may be drawn in a line of the terminal behind `fd` without its being full,
// where some terminals begin the next one; of 80 columns where it does not say.
size_t LineColumns(int fd);

}  // namespace sluice
