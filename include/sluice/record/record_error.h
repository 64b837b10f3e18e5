// What can be wrong with a record, each with a stable code that clients may program against, and
// where: the record's index in the request and the JSON pointer (RFC 6901) into its body. In NDJSON
// the index is the record's and the pointer is into its line.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/limits.h"

namespace sluice {

enum class RecordFault : uint8_t {
  kNone,
  kEmpty,  // no record at all
  kJson,   // not JSON (RFC 8259)
  kUtf8,
  kEscape,     // a bad escape or a lone surrogate in a string
  kDepth,      // nested deeper than kJsonDepthMax
  kTrailing,   // bytes behind the JSON text
  kNotObject,  // a record is an object
  kType,
  kRequired,  // absent or null
  kRange,
  kLength,
  kTimestamp,  // not RFC 3339
  kDuplicate,
  kUnknownField,  // where the route refuses them
  kAtLeastOne,
  kForbiddenKey,  // not one of those that the client may write
};

std::string_view FaultCode(RecordFault fault);  // "range", "at_least_one", ...

struct RecordError {
  RecordFault fault = RecordFault::kNone;
  uint32_t index = 0;
  std::string pointer;
  std::string detail;
};

// The first kErrorsMax of a request.
class RecordErrors {
 public:
  // False when the list is full now: looking further is no use.
  bool Add(RecordError error) {
    if (list_.size() < kErrorsMax) list_.push_back(std::move(error));
    return list_.size() < kErrorsMax;
  }
  void Clear() { list_.clear(); }
  bool empty() const { return list_.empty(); }
  // There are some, and no others.
  bool only(RecordFault fault) const {
    return !empty() && std::all_of(list_.begin(), list_.end(), [fault](const RecordError& error) {
      return error.fault == fault;
    });
  }
  const std::vector<RecordError>& list() const { return list_; }

 private:
  std::vector<RecordError> list_;
};

// Appends the token `/name`, escaped as RFC 6901 section 3 says.
void AppendPointerToken(std::string_view name, std::string& pointer);

}  // namespace sluice
