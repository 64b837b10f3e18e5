#include "record/record_walk.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "unit/record/decoding.h"

namespace sluice {
namespace {

// A record as a device sends it, through the decoder.
class RecordWalkTest : public testing::Test {
 protected:
  static Field Required(Field field) {
    field.required = true;
    return field;
  }
  static Schema Vitals(UnknownFields unknown_fields) {
    return SchemaOf(
        {Required(FieldOf("time_ms", FieldType::kInt64)), FieldOf("heart_rate", FieldType::kDouble),
         FieldOf("blood_oxygen", FieldType::kDouble)},
        {"heart_rate", "blood_oxygen"}, unknown_fields);
  }
  std::string Walk(std::string_view record) const { return Decoded(vitals_, record); }
  std::string WalkStrictly(std::string_view record) const { return Decoded(strict_, record); }

  const Schema vitals_ = Vitals(UnknownFields::kIgnore);
  const Schema strict_ = Vitals(UnknownFields::kRefuse);
};

TEST_F(RecordWalkTest, MembersInAnyOrderBecomeValuesInSchemaOrder) {
  constexpr std::string_view kWhole = "id=a time_ms=1 heart_rate=72.50 blood_oxygen=98";
  EXPECT_EQ(Walk(R"({"id":"a","time_ms":1,"heart_rate":72.50,"blood_oxygen":98})"), kWhole);
  EXPECT_EQ(Walk(R"({"blood_oxygen":98,"heart_rate":72.50,"time_ms":1,"id":"a"})"), kWhole);
  EXPECT_EQ(Walk(R"({"heart_rate":72.50,"id":"a","blood_oxygen":98,"time_ms":"1"})"), kWhole);
}

TEST_F(RecordWalkTest, ANameMayBeInCamelCase) {
  constexpr std::string_view kWhole = "id=a time_ms=1 heart_rate=72 blood_oxygen=98";
  EXPECT_EQ(Walk(R"({"id":"a","timeMs":1,"heartRate":72,"bloodOxygen":98})"), kWhole);
  EXPECT_EQ(Walk(R"({"id":"a","timeMs":1,"heart_rate":72,"bloodOxygen":98})"), kWhole);
}

TEST_F(RecordWalkTest, ANameMayBeSpeltWithEscapes) {
  EXPECT_EQ(Walk(R"({"\u0069d":"a","tim\u0065_ms":1,"heart\u0052ate":72})"),
            "id=a time_ms=1 heart_rate=72 blood_oxygen=-");
  EXPECT_EQ(Walk(R"({"id":"a","time_ms":1,"heart_rat\x65":72})"), "escape 0 /heart_rat\\x65");
  EXPECT_EQ(Walk(R"({"id":"a","time_ms":1,"\ud800":72})"), "escape 0 /\\ud800");
}

TEST_F(RecordWalkTest, ANameThatOnlyLooksLikeAFieldsIsNone) {
  for (const char* name :
       {"heart_rat", "heart_rate_", "heart_rate ", " heart_rate", "Heart_rate", "heartrate",
        "HeartRate", R"(heart_rate\")", R"(heart_rate\u0000)", ""}) {
    const std::string record =
        R"({"id":"a","time_ms":1,"blood_oxygen":98,")" + std::string(name) + R"(":5})";
    EXPECT_EQ(Walk(record), "id=a time_ms=1 heart_rate=- blood_oxygen=98") << name;
    EXPECT_EQ(WalkStrictly(record).substr(0, 15), "unknown_field 0") << name;
  }
}

// A name is compared where it lies, with what stands behind it.
TEST_F(RecordWalkTest, ANameAsLongAsAllowedIsReadToTheBodysLastByte) {
  const std::string name(kFieldNameBytesMax, 'n');
  const Schema schema = SchemaOf({FieldOf(name, FieldType::kBool)});
  EXPECT_EQ(Decoded(schema, R"({"id":"a",")" + name + R"(":true})"), "id=a " + name + "=true");
  EXPECT_EQ(Decoded(schema, R"({"id":"a","":0})"), "id=a " + name + "=-");
  EXPECT_EQ(Decoded(schema, R"({"id":"a",""})"), "json 0");
  EXPECT_EQ(Decoded(schema, R"({"id":"a","n"})"), "json 0");
}

TEST_F(RecordWalkTest, NullIsAbsentAndNotZero) {
  EXPECT_EQ(Walk(R"({"id":"a","time_ms":1,"heart_rate":null,"blood_oxygen":0})"),
            "id=a time_ms=1 heart_rate=- blood_oxygen=0");
  EXPECT_EQ(Walk(R"({"id":"a","time_ms":1,"blood_oxygen":0})"),
            "id=a time_ms=1 heart_rate=- blood_oxygen=0");
}

TEST_F(RecordWalkTest, ARequiredFieldIsNeitherAbsentNorNull) {
  EXPECT_EQ(Walk(R"({"heart_rate":1})"), "required 0 /id, required 0 /time_ms");
  EXPECT_EQ(Walk(R"({"id":null,"time_ms":null,"heart_rate":1})"),
            "required 0 /id, required 0 /time_ms");
  EXPECT_EQ(Walk(R"({"id":"","time_ms":1,"heart_rate":1})"), "length 0 /id");
}

TEST_F(RecordWalkTest, AtLeastOneOfSomeFieldsIsThere) {
  for (const char* rest :
       {"", R"(,"heart_rate":null)", R"(,"heart_rate":null,"bloodOxygen":null)"}) {
    EXPECT_EQ(Walk(R"({"id":"a","time_ms":1)" + std::string(rest) + "}"), "at_least_one 0") << rest;
  }
  EXPECT_EQ(Walk("{}"), "required 0 /id, required 0 /time_ms, at_least_one 0");
}

TEST_F(RecordWalkTest, AWrongValueIsOneFaultAndNotAMissingOneToo) {
  EXPECT_EQ(Walk(R"({"id":5,"time_ms":1.5,"heart_rate":"x"})"),
            "type 0 /id, type 0 /time_ms, type 0 /heart_rate");
}

TEST_F(RecordWalkTest, AFaultNamesTheMemberAsItWasSent) {
  EXPECT_EQ(Walk(R"({"id":"a","timeMs":1,"heartRate":-1e999})"), "range 0 /heartRate");
  EXPECT_EQ(Walk(R"({"id":"a","timeMs":{},"heart_rate":1})"), "type 0 /timeMs");
}

TEST_F(RecordWalkTest, AFieldGivenTwiceIsADuplicateInWhateverForm) {
  EXPECT_EQ(Walk(R"({"id":"a","id":"a","time_ms":1,"heart_rate":1})"), "duplicate 0 /id");
  EXPECT_EQ(Walk(R"({"id":"a","time_ms":1,"heart_rate":1,"timeMs":1})"), "duplicate 0 /timeMs");
  EXPECT_EQ(Walk(R"({"id":"a","time_ms":1,"heart_rate":null,"heart_rate":1})"),
            "duplicate 0 /heart_rate, at_least_one 0");
  EXPECT_EQ(Walk(R"({"id":"a","time_ms":1,"heart_rate":1,"heart_r\u0061te":[2]})"),
            "duplicate 0 /heart_r\\u0061te");
  EXPECT_EQ(Walk(R"({"id":"a","time_ms":1,"heart_rate":1,"id":[2,]})"), "json 0 /id");
  EXPECT_EQ(Walk(R"({"id":"a","time_ms":1,"heart_rate":1,"x":1,"x":2})"),
            "id=a time_ms=1 heart_rate=1 blood_oxygen=-")
      << "nobody keeps what is no field";
}

TEST_F(RecordWalkTest, AnUnknownMemberIsIgnoredOrRefusedAsTheRouteSays) {
  const std::string record =
      R"({"x":{"id":"b"},"id":"a","y":["z"],"time_ms":1,"a/b~c":null,"heart_rate":1})";
  EXPECT_EQ(Walk(record), "id=a time_ms=1 heart_rate=1 blood_oxygen=-");
  EXPECT_EQ(WalkStrictly(record),
            "unknown_field 0 /x, unknown_field 0 /y, unknown_field 0 /a~1b~0c");
  EXPECT_EQ(WalkStrictly(R"({"id":"a","time_ms":1,"heart_rate":1})"),
            "id=a time_ms=1 heart_rate=1 blood_oxygen=-");
}

TEST_F(RecordWalkTest, WhatNobodyWantsMustStillBeJson) {
  for (const char* value : {"tru",       "nulll",
                            "01",        "1.",
                            "-",         "1\x01",
                            "1e",        "[1,]",
                            "[1 2]",     "[,]",
                            "[1",        "{\"a\"}",
                            "{\"a\":}",  "{\"a\":1,}",
                            "{,}",       "{a:1}",
                            "{\"a\" 1}", "{\"a\":1 \"b\":2}",
                            "[[[01]]]",  "[{\"a\":[tru]}]",
                            "'a'",       "truefalse",
                            "[1}",       "{\"a\":1]",
                            "\"a\"b",    "1 2",
                            ""}) {
    const std::string text =
        Walk(R"({"id":"a","x":)" + std::string(value) + R"(,"time_ms":1,"heart_rate":1})");
    EXPECT_EQ(text.substr(0, 6), "json 0") << testing::PrintToString(value);
  }
  for (const char* value : {R"("\x")", R"(["\ud800"])", R"({"\u12":1})", R"([[{"a":"\udc00"}]])"}) {
    EXPECT_EQ(Walk(R"({"id":"a","x":)" + std::string(value) + R"(,"time_ms":1,"heart_rate":1})"),
              "escape 0 /x")
        << value;
  }
}

TEST_F(RecordWalkTest, WhatNobodyWantsIsNestedNoDeeperThanTheLimit) {
  const auto nested = [](size_t depth, const char* open, const char* close) {
    std::string value;
    for (size_t i = 0; i < depth; ++i) value += open;
    value += "1";
    for (size_t i = 0; i < depth; ++i) value += close;
    return R"({"id":"a","time_ms":1,"heart_rate":1,"x":)" + value + "}";
  };
  // The value innermost is a level of its own.
  for (const auto& [open, close] : {std::pair{"[", "]"}, std::pair{"{\"y\":", "}"}}) {
    EXPECT_EQ(Walk(nested(kJsonDepthMax - 1, open, close)),
              "id=a time_ms=1 heart_rate=1 blood_oxygen=-");
    EXPECT_EQ(Walk(nested(kJsonDepthMax, open, close)), "depth 0 /x");
    EXPECT_EQ(Walk(nested(100'000, open, close)), "depth 0 /x") << "and the stack stays small";
  }
  std::string field = nested(100'000, "[", "]");
  field.replace(field.find("\"x\""), 3, "\"bloodOxygen\"");
  EXPECT_EQ(Walk(field), "depth 0 /bloodOxygen");
}

TEST_F(RecordWalkTest, ManyFieldsAreTrackedOneByOne) {
  std::vector<Field> fields;
  std::string record = R"({"id":"a")";
  std::string expected = "id=a";
  while (fields.size() + 1 < kFieldsMax) {
    const std::string name = "f" + std::to_string(fields.size());
    const bool present = fields.size() % 3 != 0;
    fields.push_back(FieldOf(name, FieldType::kInt32));
    fields.back().required = present;
    if (present) record += ",\"" + name + "\":7";
    expected += " " + name + (present ? "=7" : "=-");
  }
  EXPECT_EQ(Decoded(SchemaOf(fields), record + "}"), expected);
  fields.back().required = true;
  EXPECT_EQ(Decoded(SchemaOf(fields), record + "}"), "required 0 /f30");
}

TEST(RecordPlaceTest, IsAPointerIntoTheBody) {
  EXPECT_EQ(RecordPlace{}.Pointer(), "");
  EXPECT_EQ((RecordPlace{.index = 3}).Pointer(), "") << "a line";
  EXPECT_EQ((RecordPlace{.wrapped = true}).Pointer(), "/data");
  EXPECT_EQ((RecordPlace{.index = 3, .in_array = true}).Pointer(), "/3");
  EXPECT_EQ((RecordPlace{.index = 12, .wrapped = true, .in_array = true}).Pointer(), "/data/12");
}

TEST(RawKeyTest, EndsAtTheQuoteThatEndsTheName) {
  EXPECT_EQ(RawKey(R"(name":1)"), "name");
  EXPECT_EQ(RawKey(R"(":1)"), "");
  EXPECT_EQ(RawKey(R"(a\"b":1)"), R"(a\"b)");
  EXPECT_EQ(RawKey(R"(a\\":1)"), R"(a\\)");
}

}  // namespace
}  // namespace sluice
