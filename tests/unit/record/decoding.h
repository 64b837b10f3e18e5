// For the tests of the decoder: a body as the records that reached the sink, or as the errors, in
// one text each. Each body is a copy with exactly kJsonPaddingBytes behind it, which is gone after
// the decode: reading further, or keeping a view, is an error under ASan.
//
//   Decoded(R"({"id":"a","n":1})")    "id=a n=1"           records are separated by " | "
//   Decoded(R"({"id":"a","n":"x"})")  "type 0 /n"          errors by ", ": code, index, pointer
//   Alerts(R"([{"id":"a","n":1}])")   "0:a"                rule and id of each alert, by " | "
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/limits.h"
#include "sluice/record/record_decoder.h"

namespace sluice {

// Keeps the records as text; `-` stands for an absent field.
class TextSink final : public RecordSink {
 public:
  explicit TextSink(const Schema& schema) : schema_(schema) {}

  void Begin(uint32_t, const RequestKey*) override {}
  void Append(std::span<const std::string_view> values) override {
    if (!text_.empty()) text_ += " | ";
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) text_ += ' ';
      text_ += schema_.fields().at(i).name + "=";
      text_ += values[i].data() == nullptr ? "-" : values[i];
    }
    ++count_;
  }
  void AppendAlert(uint32_t rule, std::span<const std::string_view> values) override {
    if (!alerts_.empty()) alerts_ += " | ";
    alerts_ += std::to_string(rule) + ":" + std::string(values.front());
    ++alert_counts_.at(rule);
  }
  void Commit(const Ticket&) override {}
  void Rollback() override {}
  void SendAlerts() override {}
  size_t Finish() override { return text_.size(); }
  size_t unsettled_bytes() const override { return 0; }

  const std::string& text() const { return text_; }
  // "<rule>:<value of the first field>", separated by " | ".
  const std::string& alerts() const { return alerts_; }
  uint32_t count() const { return count_; }
  uint32_t alert_count(size_t rule) const { return alert_counts_.at(rule); }

 private:
  const Schema& schema_;
  std::string text_;
  std::string alerts_;
  uint32_t count_ = 0;
  std::array<uint32_t, kAlertRulesMax> alert_counts_ = {};
};

// A body with its padding. What stands in the padding must not matter.
class PaddedBody {
 public:
  explicit PaddedBody(std::string_view body, char padding = '\0')
      : bytes_(new char[body.size() + kJsonPaddingBytes]), size_(body.size()) {
    if (!body.empty()) std::memcpy(bytes_.get(), body.data(), body.size());
    std::memset(bytes_.get() + size_, padding, kJsonPaddingBytes);
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_;
};

inline Field FieldOf(std::string name, FieldType type) {
  Field field;
  field.name = std::move(name);
  field.type = type;
  return field;
}

// `id` is the key; the others are optional unless `required`.
inline Schema SchemaOf(std::vector<Field> others, const std::vector<std::string>& at_least_one = {},
                       UnknownFields unknown_fields = UnknownFields::kIgnore) {
  Field id = FieldOf("id", FieldType::kString);
  id.key = true;
  id.required = true;
  id.bytes_min = 1;
  id.bytes_max = 16;
  others.insert(others.begin(), std::move(id));
  return Schema::Make(std::move(others), at_least_one, unknown_fields).value();
}

// What a request of this body would do. Sound bodies give their records, others their errors.
inline std::string DecodedBy(RecordDecoder& decoder, const Schema& schema, BodyShape shape,
                             std::string_view body, char padding = '\0') {
  TextSink sink(schema);
  uint32_t count = 0;
  {
    const PaddedBody padded(body, padding);
    count = decoder.Decode(schema, {}, shape, padded.view(), sink);
  }
  const RecordErrors& errors = decoder.errors();
  if (errors.empty() != (count > 0)) return "neither records nor errors, or both";
  if (errors.empty()) return count == sink.count() ? sink.text() : "a wrong count";
  std::string text;
  for (const RecordError& error : errors.list()) {
    if (!text.empty()) text += ", ";
    text += FaultCode(error.fault);
    text += " " + std::to_string(error.index);
    if (!error.pointer.empty()) text += " " + error.pointer;
  }
  return text;
}

inline std::string Decoded(const Schema& schema, std::string_view body,
                           BodyShape shape = BodyShape::kJson) {
  RecordDecoder decoder;
  return DecodedBy(decoder, schema, shape, body);
}

inline std::string DecodedLines(const Schema& schema, std::string_view body) {
  return Decoded(schema, body, BodyShape::kLines);
}

inline AlertRule RuleOn(const Schema& schema, std::string_view field) {
  const size_t i = schema.Find(field);
  return {.name = std::string(field), .field = i, .type = schema.fields().at(i).type};
}

// What the records of a sound body raise, as far as the counts agree with it.
inline std::string Alerts(const Schema& schema, std::span<const AlertRule> rules,
                          std::string_view body, BodyShape shape = BodyShape::kJson) {
  RecordDecoder decoder;
  TextSink sink(schema);
  const PaddedBody padded(body);
  if (decoder.Decode(schema, rules, shape, padded.view(), sink) == 0) return "errors";
  uint32_t count = 0;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (decoder.alerts(i) != sink.alert_count(i)) return "a wrong count";
    count += decoder.alerts(i);
  }
  return count == decoder.alert_count() ? sink.alerts() : "a wrong sum";
}

}  // namespace sluice
