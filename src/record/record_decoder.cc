#include "sluice/record/record_decoder.h"

#include <simdjson.h>

#include <algorithm>
#include <numeric>

#include "record/field_reader.h"
#include "record/json_locator.h"
#include "record/plain_value.h"
#include "record/record_walk.h"
#include "sluice/base/check.h"

namespace sluice {

namespace ondemand = simdjson::ondemand;

static_assert(simdjson::SIMDJSON_PADDING <= kJsonPaddingBytes);

namespace {

// True when all of the text was plain records; else those in front that were, are in the sink.
bool PlainText(std::string_view text, BodyShape shape, RecordWalk& walk) {
  const char* const end = text.data() + text.size();
  const char* at = SkipSpace(text.data(), end);
  if (shape == BodyShape::kJson && at < end && *at == '[') {
    do {
      at = walk.Plain(SkipSpace(at + 1, end), end);
      if (at == nullptr) return false;
      at = SkipSpace(at, end);
    } while (at < end && *at == ',');
    if (at >= end || *at != ']') return false;
    ++at;
  } else {
    at = walk.Plain(at, end);
  }
  return at != nullptr && SkipSpace(at, end) == end;
}

}  // namespace

// One text at a time: JSON, or a line of NDJSON.
class RecordDecoder::Json {
 public:
  RecordValues values;  // of one record at a time

  // False: no further text of this request is worth a look.
  bool Text(std::string_view text, BodyShape shape, RecordWalk& walk, const Schema& schema,
            RecordErrors& errors);

 private:
  bool Root(ondemand::document& document, BodyShape shape, RecordWalk& walk, const Schema& schema);
  bool RootObject(ondemand::object& object, RecordWalk& walk, const Schema& schema);
  bool Wrapped(ondemand::value value, RecordWalk& walk);
  bool Array(ondemand::array& array, bool wrapped, RecordWalk& walk);
  bool NotObject(ondemand::value& value, const RecordPlace& place, RecordWalk& walk);
  bool Malformed(RecordWalk& walk);
  bool Lost();

  ondemand::parser parser_;
  bool lost_ = false;  // simdjson gave up on the whole text, without a place
};

bool RecordDecoder::Json::Text(std::string_view text, BodyShape shape, RecordWalk& walk,
                               const Schema& schema, RecordErrors& errors) {
  const uint32_t index = walk.record_count();
  if (PlainText(text, shape, walk)) return true;
  walk.WalkAgain(index);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return true;
  ondemand::document document;
  lost_ = false;
  bool go_on = false;
  if (parser_.iterate(text.data(), text.size(), text.size() + kJsonPaddingBytes).get(document) ==
      simdjson::SUCCESS) {
    go_on = Root(document, shape, walk, schema);
  } else {
    lost_ = true;
  }
  // A text that was walked to its end has nothing behind it.
  if (go_on && document.current_location().error() != simdjson::OUT_OF_BOUNDS) lost_ = true;
  if (!lost_) return go_on;
  RecordError error = LocateJsonFault(text);
  if (shape == BodyShape::kLines) error.index = index;
  errors.Add(std::move(error));
  return false;
}

bool RecordDecoder::Json::Root(ondemand::document& document, BodyShape shape, RecordWalk& walk,
                               const Schema& schema) {
  ondemand::json_type type;
  walk.Start({.index = walk.record_count()});
  if (document.type().get(type) != simdjson::SUCCESS) return Malformed(walk);
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return Lost();
    if (shape == BodyShape::kLines) return walk.Object(object, {.index = walk.record_count()});
    return RootObject(object, walk, schema);
  }
  if (type == ondemand::json_type::array && shape == BodyShape::kJson) {
    ondemand::array array;
    if (document.get_array().get(array) != simdjson::SUCCESS) return Lost();
    return Array(array, false, walk);
  }
  walk.Fault(RecordFault::kNotObject, {}, "a record is a JSON object");
  return false;
}

// A record, or {"data": ...} around records: the latter when "data" is no field of the schema,
// holds an object or an array, and no field of the schema stands before it.
bool RecordDecoder::Json::RootObject(ondemand::object& object, RecordWalk& walk,
                                     const Schema& schema) {
  const bool may_wrap = schema.Find("data") == Schema::kNotFound;
  bool wrapped = false;
  walk.Start({});
  for (auto member : object) {
    ondemand::field field;
    if (std::move(member).get(field) != simdjson::SUCCESS) return Malformed(walk);
    const bool is_data = RawKey(field.key().raw()) == "data";
    if (wrapped && is_data) {  // which records were meant?
      if (!walk.Fault(RecordFault::kDuplicate, "data", "data is given twice")) return false;
      continue;
    }
    if (may_wrap && is_data && !walk.met_field()) {
      ondemand::json_type type;
      if (field.value().type().get(type) != simdjson::SUCCESS) return Malformed(walk);
      if (type == ondemand::json_type::object || type == ondemand::json_type::array) {
        wrapped = true;
        if (!Wrapped(field.value(), walk)) return false;
        walk.Start({});  // what stands beside "data" is no record's
        continue;
      }
    }
    if (wrapped ? !walk.Beside(field) : !walk.Member(field)) return false;
  }
  return wrapped || walk.Finish();
}

bool RecordDecoder::Json::Wrapped(ondemand::value value, RecordWalk& walk) {
  ondemand::array array;
  if (value.get_array().get(array) == simdjson::SUCCESS) return Array(array, true, walk);
  ondemand::object object;
  walk.Start({.wrapped = true});
  if (value.get_object().get(object) != simdjson::SUCCESS) return Malformed(walk);
  return walk.Object(object, {.wrapped = true});
}

bool RecordDecoder::Json::Array(ondemand::array& array, bool wrapped, RecordWalk& walk) {
  RecordPlace place{.index = 0, .wrapped = wrapped, .in_array = true};
  for (auto element : array) {
    walk.Start(place);
    ondemand::value value;
    ondemand::object object;
    if (std::move(element).get(value) != simdjson::SUCCESS) return Malformed(walk);
    if (value.get_object().get(object) == simdjson::SUCCESS) {
      if (!walk.Object(object, place)) return false;
    } else if (!NotObject(value, place, walk)) {
      return false;
    }
    ++place.index;
  }
  return true;
}

bool RecordDecoder::Json::NotObject(ondemand::value& value, const RecordPlace& place,
                                    RecordWalk& walk) {
  walk.Start(place);
  const RecordFault malformed = CheckValue(value);
  if (malformed == RecordFault::kNone) {
    return walk.Fault(RecordFault::kNotObject, {}, "a record is a JSON object");
  }
  walk.Fault(malformed, {}, MalformedDetail(malformed));
  return false;
}

bool RecordDecoder::Json::Malformed(RecordWalk& walk) {
  walk.Fault(RecordFault::kJson, {}, "not well-formed JSON");
  return false;
}

bool RecordDecoder::Json::Lost() {
  lost_ = true;
  return false;
}

RecordDecoder::RecordDecoder() : json_(std::make_unique<Json>()) {}
RecordDecoder::~RecordDecoder() = default;

uint32_t RecordDecoder::Decode(const Schema& schema, std::span<const AlertRule> rules,
                               BodyShape shape, std::string_view body, RecordSink& sink,
                               const KeyRule* keys) {
  SLUICE_CHECK(rules.size() <= alerts_.size());
  errors_.Clear();
  std::fill_n(alerts_.begin(), rules.size(), 0);
  RecordWalk walk(schema, rules, keys, sink, errors_, alerts_, json_->values);
  if (shape == BodyShape::kJson) {
    json_->Text(body, shape, walk, schema, errors_);
  } else {
    bool go_on = true;
    for (size_t at = 0; at < body.size() && go_on;) {
      const size_t end = std::min(body.find('\n', at), body.size());
      go_on = json_->Text(body.substr(at, end - at), shape, walk, schema, errors_);
      at = end + 1;
    }
  }
  if (errors_.empty() && walk.record_count() == 0) {
    errors_.Add({RecordFault::kEmpty, 0, {}, "the body holds no record"});
  }
  alert_count_ = std::accumulate(alerts_.begin(), alerts_.begin() + rules.size(), 0u);
  return errors_.empty() ? walk.record_count() : 0;
}

}  // namespace sluice
