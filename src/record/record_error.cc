#include "sluice/record/record_error.h"

namespace sluice {

std::string_view FaultCode(RecordFault fault) {
  switch (fault) {
    case RecordFault::kNone:
      return "none";
    case RecordFault::kEmpty:
      return "empty";
    case RecordFault::kJson:
      return "json";
    case RecordFault::kUtf8:
      return "utf8";
    case RecordFault::kEscape:
      return "escape";
    case RecordFault::kDepth:
      return "depth";
    case RecordFault::kTrailing:
      return "trailing";
    case RecordFault::kNotObject:
      return "not_object";
    case RecordFault::kType:
      return "type";
    case RecordFault::kRequired:
      return "required";
    case RecordFault::kRange:
      return "range";
    case RecordFault::kLength:
      return "length";
    case RecordFault::kTimestamp:
      return "timestamp";
    case RecordFault::kDuplicate:
      return "duplicate";
    case RecordFault::kUnknownField:
      return "unknown_field";
    case RecordFault::kAtLeastOne:
      return "at_least_one";
    case RecordFault::kForbiddenKey:
      return "forbidden_key";
  }
  return "";
}

void AppendPointerToken(std::string_view name, std::string& pointer) {
  pointer += '/';
  for (const char c : name.substr(0, kErrorTextBytesMax)) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

}  // namespace sluice
