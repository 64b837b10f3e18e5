#include "record/record_walk.h"

#include <algorithm>
#include <bit>

#include "record/field_reader.h"
#include "record/plain_value.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

namespace ondemand = simdjson::ondemand;

std::string Names(const Schema& schema, uint64_t mask) {
  std::string names;
  for (size_t i = 0; i < schema.fields().size(); ++i) {
    if ((mask >> i & 1) == 0) continue;
    if (!names.empty()) names += ", ";
    names += schema.fields()[i].name;
  }
  return names;
}

}  // namespace

std::string RecordPlace::Pointer() const {
  std::string pointer = wrapped ? "/data" : "";
  if (in_array) AppendPointerToken(std::to_string(index), pointer);
  return pointer;
}

std::string_view RawKey(const char* behind_quote) {
  const char* end = behind_quote;
  while (*end != '"') end += *end == '\\' ? 2 : 1;
  return {behind_quote, end};
}

RecordWalk::RecordWalk(const Schema& schema, std::span<const AlertRule> rules, const KeyRule* keys,
                       RecordSink& sink, RecordErrors& errors, std::span<uint32_t> alerts,
                       RecordValues& values)
    : schema_(schema),
      rules_(rules),
      keys_(keys),
      sink_(sink),
      errors_(errors),
      alerts_(alerts),
      values_(values),
      all_(~uint64_t{0} >> (64 - schema.fields().size())) {}

const char* RecordWalk::Plain(const char* at, const char* end) {
  Start({});
  if (at >= end || *at != '{') return nullptr;
  do {
    const auto [i, value] = PlainName(at + 1, end);
    if (value >= end) return nullptr;
    const uint64_t bit = uint64_t{1} << i;
    if ((seen_ & bit) != 0) return nullptr;
    seen_ |= bit;
    at = ReadPlainValue(value, end, schema_.fields()[i], values_.texts[i], values_.numbers[i]);
    if (at == nullptr) return nullptr;
    if (values_.texts[i].data() != nullptr) present_ |= bit;
    at = SkipSpace(at, end);
  } while (at < end && *at == ',');
  if (at >= end || *at != '}' || missing() != 0 || lacks_any() || !allows_key()) {
    return nullptr;
  }
  Take();
  return at + 1;
}

// The field whose name is the next thing from `at` on, and where its value begins: at `end` where
// there is none.
RecordWalk::Named RecordWalk::PlainName(const char* at, const char* end) {
  // As most write it: the schema's next field, and no space.
  const QuotedName& usual = schema_.fields()[expected_].quoted_name;
  if (*at == '"' && usual.Fronts(at + 1) && at[1 + usual.size()] == ':') {
    return {TakeExpected(expected_), at + 2 + usual.size()};
  }
  at = SkipSpace(at, end);
  if (at >= end || *at != '"') return {0, end};
  const auto [i, behind] = FieldOf(at + 1);
  if (i == Schema::kNotFound) return {0, end};
  at = SkipSpace(behind, end);
  if (at >= end || *at != ':') return {0, end};
  return {i, SkipSpace(at + 1, end)};
}

void RecordWalk::WalkAgain(uint32_t first) {
  appended_ = record_count_;
  record_count_ = first;
}

bool RecordWalk::Object(ondemand::object& object, const RecordPlace& place) {
  Start(place);
  for (auto member : object) {
    ondemand::field field;
    if (std::move(member).get(field) != simdjson::SUCCESS) {
      Fault(RecordFault::kJson, {}, "the object is not well-formed JSON");
      return false;
    }
    if (!Member(field)) return false;
  }
  return Finish();
}

void RecordWalk::Start(const RecordPlace& place) {
  place_ = place;
  seen_ = 0;
  present_ = 0;
  expected_ = 0;
}

bool RecordWalk::Fault(RecordFault fault, std::string_view member, std::string detail) {
  RecordError error{fault, place_.index, place_.Pointer(), std::move(detail)};
  if (!member.empty()) AppendPointerToken(member, error.pointer);
  return errors_.Add(std::move(error));
}

RecordWalk::Named RecordWalk::FieldOf(const char* raw_key) {
  const std::vector<Field>& fields = schema_.fields();
  for (size_t step = 0; step < fields.size(); ++step) {
    size_t i = expected_ + step;
    if (i >= fields.size()) i -= fields.size();
    for (const QuotedName* name : {&fields[i].quoted_name, &fields[i].quoted_camel_name}) {
      if (name->Fronts(raw_key)) return {TakeExpected(i), raw_key + name->size()};
    }
  }
  return {Schema::kNotFound, nullptr};
}

bool RecordWalk::Member(ondemand::field& member) {
  const char* raw_key = member.key().raw();
  size_t i = FieldOf(raw_key).field;
  if (i == Schema::kNotFound) {
    std::string_view key;
    if (member.unescaped_key().get(key) != simdjson::SUCCESS) {
      Fault(RecordFault::kEscape, RawKey(raw_key), "a bad escape in a member's name");
      return false;
    }
    i = schema_.Find(key);  // a field's name may be spelt with escapes
    if (i == Schema::kNotFound) return Unknown(key, member.value());
  }
  return FieldValue(i, raw_key, member.value());
}

bool RecordWalk::FieldValue(size_t i, const char* raw_key, ondemand::value value) {
  const Field& field = schema_.fields()[i];
  const uint64_t bit = uint64_t{1} << i;
  if ((seen_ & bit) != 0) {
    const RecordFault malformed = CheckValue(value);
    if (malformed == RecordFault::kNone) {
      return Fault(RecordFault::kDuplicate, RawKey(raw_key), field.name + " is given twice");
    }
    Fault(malformed, RawKey(raw_key), MalformedDetail(malformed));
    return false;
  }
  seen_ |= bit;
  const RecordFault fault = ReadField(value, field, values_.texts[i], values_.numbers[i]);
  switch (fault) {
    case RecordFault::kNone:
      if (values_.texts[i].data() == nullptr) return true;
      present_ |= bit;
      if (i != schema_.key_field() || allows_key()) return true;
      // Whose value it is, is nobody's to read in an answer or a log.
      return Fault(RecordFault::kForbiddenKey, RawKey(raw_key),
                   field.name + " is not one that this client may write");
    case RecordFault::kJson:
    case RecordFault::kEscape:
    case RecordFault::kDepth:
      Fault(fault, RawKey(raw_key), MalformedDetail(fault));
      return false;
    default:
      present_ |= bit;  // given, if wrongly: not missing too
      if (fault == RecordFault::kLength && field.type == FieldType::kDouble) {
        return Fault(fault, RawKey(raw_key),
                     field.name + " takes a number of at most " + std::to_string(kScalarBytesMax) +
                         " bytes");
      }
      return Fault(fault, RawKey(raw_key), field.name + " takes " + Expectation(field));
  }
}

bool RecordWalk::Beside(ondemand::field& member) {
  const char* raw_key = member.key().raw();
  std::string_view key;
  if (member.unescaped_key().get(key) == simdjson::SUCCESS) return Unknown(key, member.value());
  Fault(RecordFault::kEscape, RawKey(raw_key), "a bad escape in a member's name");
  return false;
}

bool RecordWalk::Unknown(std::string_view key, ondemand::value value) {
  const RecordFault malformed = CheckValue(value);
  if (malformed != RecordFault::kNone) {
    Fault(malformed, key, MalformedDetail(malformed));
    return false;
  }
  if (schema_.unknown_fields() == UnknownFields::kIgnore) return true;
  return Fault(RecordFault::kUnknownField, key, "the route has no such field");
}

bool RecordWalk::Finish() {
  const uint64_t lacking = missing();
  for (size_t i = 0; i < schema_.fields().size() && lacking != 0; ++i) {
    if ((lacking >> i & 1) == 0) continue;
    const Field& field = schema_.fields()[i];
    if (!Fault(RecordFault::kRequired, field.name, field.name + " is required")) return false;
  }
  if (lacks_any()) {
    const std::string any = Names(schema_, schema_.at_least_one_mask());
    if (!Fault(RecordFault::kAtLeastOne, {}, "at least one of " + any)) return false;
  }
  Take();
  return true;
}

void RecordWalk::Take() {
  ++record_count_;
  if (record_count_ <= appended_ || !errors_.empty()) return;
  for (uint64_t lacking = all_ & ~present_; lacking != 0; lacking &= lacking - 1) {
    values_.texts[static_cast<size_t>(std::countr_zero(lacking))] = {};
  }
  sink_.Append(values());
  if (!rules_.empty()) RaiseAlerts();
}

void RecordWalk::RaiseAlerts() {
  for (size_t i = 0; i < rules_.size(); ++i) {
    const AlertRule& rule = rules_[i];
    if ((present_ >> rule.field & 1) == 0) continue;
    if (!rule.Met(values_.texts[rule.field], values_.numbers[rule.field])) continue;
    sink_.AppendAlert(static_cast<uint32_t>(i), values());
    ++alerts_[i];
  }
}

}  // namespace sluice
