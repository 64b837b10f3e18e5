#include "sluice/base/log.h"

namespace sluice {
namespace {

LogSink* g_sink = nullptr;  // set before threads start, then only read

}  // namespace

void SetLogSink(LogSink* sink) { g_sink = sink; }

void Log(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields) {
  if (g_sink != nullptr) g_sink->Write(level, sentence, {fields.begin(), fields.size()});
}

}  // namespace sluice
