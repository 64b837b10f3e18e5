// LogOutput: the log on standard error, through spdlog: one line an event, as text
// (`2026-01-31T12:00:00.000Z warning Redis is away reason="..."`) or as JSON. A line that repeats
// the last one within a second is left out: workers tend to see the same thing at once. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "server/config.h"
#include "sluice/base/log.h"

namespace spdlog {
class logger;
}

namespace sluice {

class LogOutput final : public LogSink {
 public:
  explicit LogOutput(const LogConfig& config);  // values as settings.h allows them
  ~LogOutput() override;
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;

  void Write(LogLevel level, std::string_view sentence, std::span<const LogField> fields) override;

 private:
  bool Repeats(const std::string& line);

  const bool json_;
  std::shared_ptr<spdlog::logger> logger_;
  std::mutex mutex_;
  std::string last_line_;
  uint64_t last_ms_ = 0;
};

// The line without its time, for LogOutput and its test.
std::string FormatLogLine(bool json, LogLevel level, std::string_view sentence,
                          std::span<const LogField> fields);

}  // namespace sluice
