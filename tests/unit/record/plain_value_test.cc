#include "record/plain_value.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "record/field_reader.h"
#include "sluice/base/random.h"
#include "unit/record/decoding.h"

namespace sluice {
namespace {

using namespace std::string_view_literals;

constexpr FieldType kTypes[] = {FieldType::kString, FieldType::kInt32, FieldType::kInt64,
                                FieldType::kDouble, FieldType::kBool,  FieldType::kTimestamp};

// A value as both readers see it: "72.5 = 72.5", or "" where it is none for this one.
std::string Plain(const Field& field, std::string_view value) {
  const PaddedBody body(std::string(value) + "}", '7');
  const char* const end = body.view().data() + body.view().size();
  std::string_view text;
  FieldNumber number;
  const char* const behind = ReadPlainValue(body.view().data(), end, field, text, number);
  if (behind != end - 1) return "";
  if (text.data() == nullptr) return "null";
  const bool real = field.type == FieldType::kDouble;
  return std::string(text) + " = " +
         (real ? std::to_string(number.real) : std::to_string(number.integer));
}

std::string Whole(const Field& field, std::string_view value) {
  const PaddedBody body(R"({"v":)" + std::string(value) + "}");
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::value found;
  const simdjson::padded_string_view json(body.view(), body.view().size() + kJsonPaddingBytes);
  if (parser.iterate(json).get(document) != simdjson::SUCCESS) return "";
  if (document["v"].get(found) != simdjson::SUCCESS) return "";
  std::string_view text;
  FieldNumber number;
  if (ReadField(found, field, text, number) != RecordFault::kNone) return "";
  if (text.data() == nullptr) return "null";
  const bool real = field.type == FieldType::kDouble;
  return std::string(text) + " = " +
         (real ? std::to_string(number.real) : std::to_string(number.integer));
}

Field Bounded(FieldType type) {
  Field field = FieldOf("v", type);
  field.bytes_min = 1;
  field.bytes_max = 20;
  field.int_min = -1'000;
  field.double_min = -1'000;
  return field;
}

TEST(PlainValueTest, WhatReadingsAreMadeOfIsPlain) {
  const std::pair<FieldType, std::vector<const char*>> plain[] = {
      {FieldType::kString,
       {R"("a")", R"("dev-000123")", R"("12345678")", R"("123456789 ~{}[]:,")"}},
      {FieldType::kInt32, {"0", "-0", "7", "-42", "2147483647"}},
      {FieldType::kInt64, {"0", "1735689600000", "999999999999999999", R"("1735689600000")"}},
      {FieldType::kDouble, {"0", "-0", "72", "72.5", "-0.25", "0.1", "123456789.012345"}},
      {FieldType::kBool, {"true", "false"}},
      {FieldType::kTimestamp, {R"("2026-11-24T08:00:00Z")"}}};
  for (const auto& [type, values] : plain) {
    for (const char* value : values) {
      EXPECT_EQ(Plain(Bounded(type), value), Whole(Bounded(type), value)) << value;
      EXPECT_NE(Plain(Bounded(type), value), "") << value;
    }
    EXPECT_EQ(Plain(Bounded(type), "null"), "null");
  }
}

TEST(PlainValueTest, WhatIsNotPlainOrNotTheFieldsIsLeftToTheOther) {
  for (const FieldType type : kTypes) {
    for (const char* value : {"",
                              "{}",
                              "[]",
                              "nul",
                              "nulL",
                              "tru",
                              "falsE",
                              "-",
                              "01",
                              "-01",
                              "1.",
                              ".5",
                              "1.e1",
                              "1e1",
                              "1E1",
                              "1.5e3",
                              "+1",
                              "0x1",
                              "1a",
                              "\"",
                              "\"a",
                              "\"\"",
                              R"("a\u0041")",
                              "\"\xC3\xA4\"",
                              "\"a\x1F\"",
                              "\"123456789012345678901\"",
                              "1234567890123456789",
                              "-1001",
                              "0.1234567890123456",
                              "1234567890123456.5"}) {
      EXPECT_EQ(Plain(Bounded(type), value), "") << FieldTypeName(type) << " " << value;
    }
    if (type == FieldType::kString) continue;
    for (const char* value : {R"("-")", R"("01")", R"("1 ")", R"("1.0")", R"("2026-11-24")"}) {
      EXPECT_EQ(Plain(Bounded(type), value), "") << FieldTypeName(type) << " " << value;
    }
  }
}

TEST(PlainValueTest, AStringEndsAtItsFirstByteThatIsNotPlain) {
  const Field field = Bounded(FieldType::kString);
  for (size_t length = 1; length <= 20; ++length) {
    const std::string sound(length, 'x');
    EXPECT_EQ(Plain(field, '"' + sound + '"'), sound + " = 0");
    for (size_t i = 0; i < length; ++i) {
      for (const char byte : "\"\\\x01\x1F\x80\xFF\0"sv) {
        std::string other = sound;
        other[i] = byte;
        EXPECT_EQ(Plain(field, '"' + other + '"'), "") << testing::PrintToString(other);
      }
      for (const char byte : " !#[]^~\x7F"sv) {
        std::string other = sound;
        other[i] = byte;
        EXPECT_EQ(Plain(field, '"' + other + '"'), other + " = 0");
      }
    }
  }
}

TEST(PlainValueTest, ANumberOfAnyLengthIsItsDigits) {
  const Field integer = FieldOf("v", FieldType::kInt64);
  const Field real = FieldOf("v", FieldType::kDouble);
  std::string digits;
  for (size_t length = 1; length <= 40; ++length) {
    digits += static_cast<char>('0' + length % 10);
    EXPECT_EQ(Plain(integer, digits), length <= 18 ? Whole(integer, digits) : "") << digits;
    EXPECT_EQ(Plain(real, digits), length <= 15 ? Whole(real, digits) : "") << digits;
    for (size_t point = 1; point < length; ++point) {
      const std::string decimal = digits.substr(0, point) + "." + digits.substr(point);
      EXPECT_EQ(Plain(real, decimal), length <= 15 ? Whole(real, decimal) : "") << decimal;
      EXPECT_EQ(Plain(integer, decimal), "") << decimal;
      for (const char other : "/:;aeE+- \x01\x80\xFF"sv) {
        std::string broken = digits;
        broken[point] = other;
        EXPECT_EQ(Plain(integer, broken), "") << broken;
        EXPECT_EQ(Plain(real, broken), "") << broken;
      }
    }
  }
}

TEST(PlainValueTest, DecimalsAreTheNumbersThatTheOtherReads) {
  Field field = FieldOf("v", FieldType::kDouble);
  Random random(15);
  for (int round = 0; round < 20'000; ++round) {
    std::string value = random.Below(2) == 0 ? "-" : "";
    value += std::to_string(random.Below(uint64_t{1} << random.Below(40)));
    if (random.Below(4) != 0) {
      value += '.';
      for (uint64_t digits = random.Below(12); digits > 0; --digits) {
        value += static_cast<char>('0' + random.Below(10));
      }
    }
    const std::string whole = Whole(field, value);
    const std::string plain = Plain(field, value);
    ASSERT_TRUE(plain == whole || plain.empty()) << value << ": " << plain << ", " << whole;
    field.double_max = random.Below(2) == 0 ? 1e6 : 1e12;
  }
}

// ---- In a body ---------------------------------------------------------------------------------

Schema Readings() {
  Field number = FieldOf("heart_rate", FieldType::kDouble);
  number.double_max = 350;
  return SchemaOf({FieldOf("at", FieldType::kInt64), number, FieldOf("ok", FieldType::kBool),
                   FieldOf("note", FieldType::kString)},
                  {"heart_rate", "note"});
}

// The same records, and none of them plain: a field's name may be spelt with escapes.
std::string NotPlain(std::string body) {
  for (size_t at = 0; (at = body.find(R"("id")", at)) != std::string::npos;) {
    body.replace(at, 4, R"("\u0069d")");
  }
  return body;
}

std::string Mutated(std::string body, Random& random) {
  static constexpr std::string_view kBytes = "{}[]\",: \n0123.eE+-tnu\\a\x01\xC3"sv;
  for (uint64_t edits = random.Below(3); edits > 0; --edits) {
    const auto at = static_cast<size_t>(random.Below(body.size()));
    switch (random.Below(4)) {
      case 0:
        body[at] = kBytes[random.Below(kBytes.size())];
        break;
      case 1:
        body.insert(at, 1, kBytes[random.Below(kBytes.size())]);
        break;
      case 2:
        body.erase(at, 1 + random.Below(6));
        break;
      default:
        body.insert(random.Below(body.size()), body.substr(at, random.Below(30)));
    }
    if (body.empty()) body = "{";
  }
  return body;
}

TEST(PlainValueTest, BothReadersTakeTheSameRecordsAndRaiseTheSameAlerts) {
  const std::string bodies[] = {
      R"({"id":"a","at":1735689600000,"heartRate":72.5,"ok":true,"note":"fine"})",
      R"([{"id":"a","at":"1","heart_rate":200}, {"ok":false,"id":"b","note":"~"},
          {"id":"c","at":null,"heart_rate":-0.5,"note":null}])",
      R"([{"id":"a","heart_rate":1},{"id":"b","heart_rate":2,"x":[1]},{"id":"c","note":"\n"}])"};
  const std::string lines =
      "{\"id\":\"a\",\"note\":\"b\"}\n\r\n{\"id\":\"b\",\"heart_rate\":300}\r\n{\"id\":\"c\"}";
  const Schema schema = Readings();
  AlertRule high = RuleOn(schema, "heart_rate");
  high.double_above = 150;
  Random random(3);
  uint32_t taken = 0;
  for (int round = 0; round < 30'000; ++round) {
    const BodyShape shape = random.Below(3) == 0 ? BodyShape::kLines : BodyShape::kJson;
    const std::string body = Mutated(
        shape == BodyShape::kLines ? lines : bodies[random.Below(std::size(bodies))], random);
    const std::string plain = Alerts(schema, {&high, 1}, body, shape);
    ASSERT_EQ(plain, Alerts(schema, {&high, 1}, NotPlain(body), shape)) << body;
    if (plain == "errors") continue;
    ++taken;
    ASSERT_EQ(Decoded(schema, body, shape), Decoded(schema, NotPlain(body), shape)) << body;
  }
  EXPECT_GT(taken, 5'000u);
}

}  // namespace
}  // namespace sluice
