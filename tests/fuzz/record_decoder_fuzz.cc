// The decoder takes what the judge takes and no other body, with the same values and alerts; where
// it refuses one as no JSON, it is none. It says the same of a body whose names are spelt with
// escapes, which its fast reader leaves to simdjson. And what is taken reads back from the lines of
// a packed entry.
//
//   schema and shape, what stands in the padding, the body

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"
#include "redis/line_encoder.h"
#include "server/config_file.h"
#include "support/record_judge.h"
#include "unit/record/decoding.h"

namespace sluice {
namespace {

using Records = std::vector<JudgedRecord>;
using Alerts = std::vector<std::pair<uint32_t, JudgedRecord>>;

struct Shelf {
  Schema schema;
  std::vector<AlertRule> rules;
};

class ListSink final : public RecordSink {
 public:
  void Begin(uint32_t, const RequestKey*) override {}
  void Append(std::span<const std::string_view> values) override {
    records.push_back(Copied(values));
  }
  void AppendAlert(uint32_t rule, std::span<const std::string_view> values) override {
    alerts.emplace_back(rule, Copied(values));
  }
  size_t Finish() override { return 0; }
  void Commit(const Ticket&) override {}
  void Rollback() override {}
  void SendAlerts() override {}
  size_t unsettled_bytes() const override { return 0; }

  Records records;
  Alerts alerts;

 private:
  static JudgedRecord Copied(std::span<const std::string_view> values) {
    JudgedRecord record(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].data() != nullptr) record[i] = values[i];
    }
    return record;
  }
};

AlertRule Below(AlertRule rule, int64_t bound) {
  rule.int_below = bound;
  return rule;
}
template <typename T>
AlertRule Equal(AlertRule rule, T AlertRule::*place, T value) {
  rule.equals = true;
  rule.*place = std::move(value);
  return rule;
}

// A field of every type, of which one is needed, and a rule on each that takes one.
Shelf EveryType(UnknownFields unknown_fields) {
  Field narrow = FieldOf("narrow_int", FieldType::kInt32);
  narrow.int_min = -9;
  Field real = FieldOf("real", FieldType::kDouble);
  real.double_max = 1e6;
  Shelf shelf{
      SchemaOf({narrow, FieldOf("wide", FieldType::kInt64), real, FieldOf("yes", FieldType::kBool),
                FieldOf("at", FieldType::kTimestamp), FieldOf("free_text", FieldType::kString)},
               {"narrow_int", "wide", "real", "yes", "at"}, unknown_fields),
      {}};
  const auto on = [&shelf](std::string_view field) { return RuleOn(shelf.schema, field); };
  shelf.rules = {Below(on("narrow_int"), 5), Equal<int64_t>(on("wide"), &AlertRule::int_equals, 7),
                 Equal<int64_t>(on("yes"), &AlertRule::int_equals, 1),
                 Equal<std::string>(on("free_text"), &AlertRule::string_equals, "help"),
                 on("real")};
  shelf.rules.back().double_above = 0.5;
  return shelf;
}

// A field that has the name of what wraps records elsewhere.
Shelf WithData() { return {SchemaOf({FieldOf("data", FieldType::kInt64)}), {}}; }

const std::vector<Shelf>& Shelves() {
  static const std::vector<Shelf> shelves = [] {
    std::vector<Shelf> made;
    for (RouteConfig& route : ShippedRoutes()) {
      made.push_back({std::move(route.schema), std::move(route.alerts)});
    }
    made.push_back(EveryType(UnknownFields::kIgnore));
    made.push_back(EveryType(UnknownFields::kRefuse));
    made.push_back(WithData());
    return made;
  }();
  return shelves;
}

// The body with the first letter of each name as an escape; "data" alone is known by its spelling.
std::string Respelt(std::string_view body) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string respelt;
  for (size_t at = 0; at < body.size();) {
    size_t end = at + 1;
    if (body[at] == '"') {
      while (end < body.size() && body[end] != '"') end += body[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, body.size());
    }
    const std::string_view token = body.substr(at, end - at);
    const size_t next = body.find_first_not_of(" \t\r\n", end);
    const bool is_name = next != std::string_view::npos && body[next] == ':' && token.size() > 2;
    const char first = is_name ? token[1] : '\0';
    const bool is_letter = (first >= 'a' && first <= 'z') || first == '_';
    if (is_letter && token != "\"data\"") {
      respelt += "\"\\u00";
      respelt += kHex[static_cast<unsigned char>(first) >> 4];
      respelt += kHex[first & 0xF];
      respelt += token.substr(2);
    } else {
      respelt += token;
    }
    at = end;
  }
  return respelt;
}

void ExpectLinesReadBack(const Schema& schema, const Records& records) {
  StreamSpec spec;
  for (const Field& field : schema.fields()) {
    const bool quoted = field.type == FieldType::kString || field.type == FieldType::kTimestamp;
    spec.fields.push_back(field.name);
    spec.packed.push_back(quoted ? JsonForm::kQuoted : JsonForm::kBare);
  }
  const LineEncoder encoder(spec);
  Buffer lines;
  for (const JudgedRecord& record : records) {
    std::vector<std::string_view> values(record.size());
    for (size_t i = 0; i < record.size(); ++i) {
      if (record[i]) values[i] = *record[i];
    }
    encoder.Append(values, lines);
  }
  Records read = RecordJudge(schema).Judge(BodyShape::kLines, lines.view()).records;
  EXPECT_EQ(read, records) << testing::PrintToString(lines.view());
}

class Decoding {
 public:
  Decoding(const Shelf& shelf, BodyShape shape) : shelf_(shelf), shape_(shape) {}

  void Expect(const JudgedBody& judged, std::string_view body, char padding) {
    ListSink sink;
    const PaddedBody padded(body, padding);
    const uint32_t count =
        decoder_.Decode(shelf_.schema, shelf_.rules, shape_, padded.view(), sink);
    EXPECT_EQ(count, judged.records.size()) << testing::PrintToString(body);
    const std::vector<RecordError>& errors = decoder_.errors().list();
    EXPECT_EQ(errors.empty(), count > 0);
    EXPECT_LE(errors.size(), kErrorsMax);
    for (const RecordError& error : errors) {
      EXPECT_FALSE(judged.is_json && BlamesTheJson(error.fault))
          << FaultCode(error.fault) << " " << testing::PrintToString(body);
      EXPECT_TRUE(error.pointer.empty() || error.pointer.front() == '/');
    }
    if (count == 0) return;
    EXPECT_EQ(sink.records, judged.records) << testing::PrintToString(body);
    EXPECT_EQ(sink.alerts, AlertsOf(judged.records));
    EXPECT_EQ(decoder_.alert_count(), sink.alerts.size());
  }

 private:
  static bool BlamesTheJson(RecordFault fault) {
    return fault == RecordFault::kJson || fault == RecordFault::kUtf8 ||
           fault == RecordFault::kEscape || fault == RecordFault::kTrailing;
  }
  Alerts AlertsOf(const Records& records) const {
    Alerts alerts;
    for (const JudgedRecord& record : records) {
      for (size_t i = 0; i < shelf_.rules.size(); ++i) {
        if (!RecordJudge::Meets(shelf_.rules[i], record)) continue;
        alerts.emplace_back(static_cast<uint32_t>(i), record);
      }
    }
    return alerts;
  }

  const Shelf& shelf_;
  const BodyShape shape_;
  RecordDecoder decoder_;
};

void Fuzz(std::string_view bytes) {
  FuzzInput input(bytes);
  const uint8_t choices = input.Byte();
  const char padding = static_cast<char>(input.Byte());
  const Shelf& shelf = Shelves()[choices / 2 % Shelves().size()];
  const BodyShape shape = choices % 2 == 0 ? BodyShape::kJson : BodyShape::kLines;
  const std::string_view body = input.rest();
  const JudgedBody judged = RecordJudge(shelf.schema).Judge(shape, body);
  Decoding decoding(shelf, shape);
  decoding.Expect(judged, body, padding);
  decoding.Expect(judged, Respelt(body), padding);
  if (!judged.records.empty()) ExpectLinesReadBack(shelf.schema, judged.records);
}

const FuzzTarget kTarget("record_decoder", Fuzz);

}  // namespace
}  // namespace sluice
