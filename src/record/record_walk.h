// One walk over one JSON object as a record of a schema: its members in any order become values in
// schema order, and a sound record goes to the sink, followed by an alert for each rule that it
// meets. Faults are added to the list with their place; what follows the first fault of a request
// is checked but not appended (the request will be rolled back whole).
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sluice/base/limits.h"
#include "sluice/record/alert_rule.h"
#include "sluice/record/record_error.h"
#include "sluice/record/record_sink.h"
#include "sluice/record/schema.h"

namespace sluice {

// Where the record under the walk stands in its body.
struct RecordPlace {
  uint32_t index = 0;
  bool wrapped = false;   // below "data"
  bool in_array = false;  // has an index in the pointer

  std::string Pointer() const;
};

// The bytes between a key's quotes, escapes and all.
std::string_view RawKey(const char* behind_quote);

class RecordWalk {
 public:
  // Counts in alerts[i] the records that meet rules[i].
  RecordWalk(const Schema& schema, std::span<const AlertRule> rules, RecordSink& sink,
             RecordErrors& errors, std::span<uint32_t> alerts);

  // Each returns false when the text cannot be walked further: malformed, or enough faults found.
  bool Object(simdjson::ondemand::object& object, const RecordPlace& place);
  // The same in steps, for a caller who looks at the members too.
  void Start(const RecordPlace& place);
  bool Member(simdjson::ondemand::field& member);
  bool Finish();
  // A member beside the records, in the object that wraps them: unknown by definition.
  bool Beside(simdjson::ondemand::field& member);

  // A fault of the record itself or of one of its members.
  bool Fault(RecordFault fault, std::string_view member, std::string detail);

  bool met_field() const { return seen_ != 0; }
  uint32_t record_count() const { return record_count_; }

 private:
  size_t FieldOf(const char* raw_key);
  bool FieldValue(size_t i, const char* raw_key, simdjson::ondemand::value value);
  bool Unknown(std::string_view key, simdjson::ondemand::value value);
  void RaiseAlerts();

  std::span<const std::string_view> values() const {
    return {values_.data(), schema_.fields().size()};
  }

  const Schema& schema_;
  std::span<const AlertRule> rules_;
  RecordSink& sink_;
  RecordErrors& errors_;
  std::span<uint32_t> alerts_;
  RecordPlace place_;
  uint64_t seen_ = 0;     // bit i: field i was in the object, null or not
  uint64_t present_ = 0;  // bit i: with a value
  size_t expected_ = 0;   // the field that usually comes next
  uint32_t record_count_ = 0;
  std::array<std::string_view, kFieldsMax> values_;
  std::array<FieldNumber, kFieldsMax> numbers_;  // beside values_, where the type has one
};

}  // namespace sluice
