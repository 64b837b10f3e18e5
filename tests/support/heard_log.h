// What is logged while it lives, a line each: `<sentence> <name>=<value> ...`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/log.h"

namespace sluice {

class HeardLog final : public LogSink {
 public:
  std::vector<std::string> lines;

  HeardLog() { SetLogSink(this); }
  ~HeardLog() override { SetLogSink(nullptr); }
  HeardLog(const HeardLog&) = delete;
  HeardLog& operator=(const HeardLog&) = delete;

  void Write(LogLevel, std::string_view sentence, std::span<const LogField> fields) override {
    std::string line(sentence);
    for (const LogField& field : fields) {
      line += " " + std::string(field.name) + "=" + field.value;
    }
    lines.push_back(std::move(line));
  }
};

}  // namespace sluice
