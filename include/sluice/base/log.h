// The log as the layers see it: a level, a constant sentence, and named values. Where it goes and
// how it looks (text, JSON) is the installed sink's business (server/log_sink). Safe from any
// thread. Never on the path of a record; never a record's value, a device id or a secret in it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };

struct LogField {
  LogField(std::string_view field_name, std::string_view text)
      : name(field_name), value(text), quoted(true) {}
  LogField(std::string_view field_name, uint64_t number)
      : name(field_name), value(std::to_string(number)), quoted(false) {}

  std::string_view name;
  std::string value;
  bool quoted;  // text rather than a number
};

class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void Write(LogLevel level, std::string_view sentence,
                     std::span<const LogField> fields) = 0;
};

// Installs the sink for the whole process (null: silence, the default). Call while one thread runs;
// the sink outlives every later call of Log.
void SetLogSink(LogSink* sink);

void Log(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields = {});

}  // namespace sluice
