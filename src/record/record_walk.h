// One walk over one JSON object as a record of a schema: its members in any order become values in
// schema order, and a sound record goes to the sink, followed by an alert for each rule that it
// meets. Faults are added to the list with their place; what follows the first fault of a request
// is checked but not appended (the request will be rolled back whole).
//
// There are two readers of an object. Plain is the fast one: it takes an object of plain values
// (plain_value.h) of the schema's fields that makes a sound record, or says that it did not.
// Object, and its steps, walk what simdjson found and know all of JSON and every fault.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sluice/base/limits.h"
#include "sluice/record/alert_rule.h"
#include "sluice/record/key_rule.h"
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

// A record's values in schema order; outlives a walk so that nobody clears all of it for each.
struct RecordValues {
  std::array<std::string_view, kFieldsMax> texts;
  std::array<FieldNumber, kFieldsMax> numbers;  // beside texts, where the type has one
};

class RecordWalk {
 public:
  // Counts in alerts[i] the records that meet rules[i]. `values` is only lent. `keys` may be null:
  // any key is allowed.
  RecordWalk(const Schema& schema, std::span<const AlertRule> rules, const KeyRule* keys,
             RecordSink& sink, RecordErrors& errors, std::span<uint32_t> alerts,
             RecordValues& values);

  // The object that starts at `at`, in a text that ends at `end` with kJsonPaddingBytes behind it:
  // what follows it, or null where it is no plain sound record, and then nothing was appended.
  const char* Plain(const char* at, const char* end);
  // Records from `first` on are walked again; those that Plain took are not appended again.
  void WalkAgain(uint32_t first);

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
  struct Named {
    size_t field;        // or kNotFound
    const char* behind;  // what was read of it
  };
  Named FieldOf(const char* raw_key);
  Named PlainName(const char* at, const char* end);
  size_t TakeExpected(size_t field) {
    expected_ = field + 1 == schema_.fields().size() ? 0 : field + 1;
    return field;
  }
  uint64_t missing() const { return schema_.required_mask() & ~present_; }
  bool lacks_any() const {
    const uint64_t any = schema_.at_least_one_mask();
    return any != 0 && (present_ & any) == 0;
  }
  // Of the key's value, which is there.
  bool allows_key() const {
    return keys_ == nullptr || keys_->Allows(values_.texts[schema_.key_field()]);
  }
  void Take();
  bool FieldValue(size_t i, const char* raw_key, simdjson::ondemand::value value);
  bool Unknown(std::string_view key, simdjson::ondemand::value value);
  void RaiseAlerts();

  std::span<const std::string_view> values() const {
    return {values_.texts.data(), schema_.fields().size()};
  }

  const Schema& schema_;
  std::span<const AlertRule> rules_;
  const KeyRule* const keys_;
  RecordSink& sink_;
  RecordErrors& errors_;
  std::span<uint32_t> alerts_;
  RecordPlace place_;
  uint64_t seen_ = 0;     // bit i: field i was in the object, null or not
  uint64_t present_ = 0;  // bit i: with a value
  size_t expected_ = 0;   // the field that usually comes next
  uint32_t record_count_ = 0;
  uint32_t appended_ = 0;  // of them: by a first walk over the same text
  RecordValues& values_;
  const uint64_t all_;  // bits of all fields
};

}  // namespace sluice
