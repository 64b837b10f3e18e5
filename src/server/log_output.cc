#include "server/log_output.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "sluice/base/clock.h"
#include "sluice/base/utf8.h"

namespace sluice {
namespace {

constexpr size_t kValueBytesMax = 1'024;
constexpr uint64_t kRepeatMs = 1'000;

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "";
}

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

std::string FormatLogLine(bool json, LogLevel level, std::string_view sentence,
                          std::span<const LogField> fields) {
  std::string line;
  if (json) {
    line += R"("level":")";
    line += LevelName(level);
    line += R"(","message":)";
    AppendJsonString(sentence, kValueBytesMax, line);
  } else {
    line += LevelName(level);
    line += ' ';
    line += sentence;
  }
  for (const LogField& field : fields) {
    if (json) {
      line += ',';
      AppendJsonString(field.name, kValueBytesMax, line);
      line += ':';
    } else {
      line += ' ';
      line += field.name;
      line += '=';
    }
    if (field.quoted) {
      AppendJsonString(field.value, kValueBytesMax, line);
    } else {
      line += field.value;
    }
  }
  return line;
}

LogOutput::LogOutput(const LogConfig& config)
    : json_(config.format == "json"),
      logger_(std::make_shared<spdlog::logger>("sluice",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  constexpr auto kUtc = spdlog::pattern_time_type::utc;
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      json_ ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %v", kUtc));
  logger_->set_level(spdlog::level::from_str(config.level));
}

LogOutput::~LogOutput() = default;

void LogOutput::Write(LogLevel level, std::string_view sentence, std::span<const LogField> fields) {
  if (!logger_->should_log(SpdlogLevel(level))) return;
  const std::string line = FormatLogLine(json_, level, sentence, fields);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (Repeats(line)) return;
  logger_->log(SpdlogLevel(level), "{}", line);
  logger_->flush();
}

bool LogOutput::Repeats(const std::string& line) {
  const uint64_t now_ms = SystemClock().MonotonicNs() / kNsPerMs;
  const bool repeats = line == last_line_ && now_ms - last_ms_ < kRepeatMs;
  if (!repeats) last_ms_ = now_ms;  // so that what goes on repeating is said once a second
  last_line_ = line;
  return repeats;
}

}  // namespace sluice
