#include "sluice/record/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace sluice {
namespace {

using testing::HasSubstr;

class SchemaTest : public testing::Test {
 protected:
  static Field Key(std::string name) {
    Field field = Plain(std::move(name));
    field.key = true;
    field.required = true;
    return field;
  }
  static Field Plain(std::string name, FieldType type = FieldType::kString) {
    Field field;
    field.name = std::move(name);
    field.type = type;
    return field;
  }
  static Field Integer(FieldType type, int64_t min, int64_t max) {
    Field field = Plain("n", type);
    field.int_min = min;
    field.int_max = max;
    return field;
  }
  static Field Double(double min, double max) {
    Field field = Plain("n", FieldType::kDouble);
    field.double_min = min;
    field.double_max = max;
    return field;
  }
  static Field String(size_t bytes_min, size_t bytes_max) {
    Field field = Plain("n");
    field.bytes_min = bytes_min;
    field.bytes_max = bytes_max;
    return field;
  }

  static Result<Schema> Make(std::vector<Field> fields,
                             const std::vector<std::string>& at_least_one = {}) {
    return Schema::Make(std::move(fields), at_least_one, UnknownFields::kIgnore);
  }
  static std::string ErrorOf(std::vector<Field> fields,
                             const std::vector<std::string>& at_least_one = {}) {
    const Result<Schema> schema = Make(std::move(fields), at_least_one);
    return schema ? "no error" : schema.error();
  }
  static std::string CamelOf(const std::string& name) {
    return Make({Key(name)}).value().fields()[0].camel_name;
  }
};

TEST_F(SchemaTest, AFieldIsFoundByEitherForm) {
  const Schema schema = Make({Key("device_id"), Plain("rate")}).value();
  EXPECT_EQ(schema.Find("device_id"), 0u);
  EXPECT_EQ(schema.Find("deviceId"), 0u);
  EXPECT_EQ(schema.Find("rate"), 1u);
  for (const char* stranger : {"deviceid", "DeviceId", "device_i", "device_id_", ""}) {
    EXPECT_EQ(schema.Find(stranger), Schema::kNotFound) << stranger;
  }
}

TEST_F(SchemaTest, TheCamelFormIsProtosJsonName) {
  EXPECT_EQ(CamelOf("blood_oxygen_level"), "bloodOxygenLevel");
  EXPECT_EQ(CamelOf("timestamp"), "timestamp");
  EXPECT_EQ(CamelOf("alreadyCamel"), "alreadyCamel");
  EXPECT_EQ(CamelOf("a__b"), "aB");
  EXPECT_EQ(CamelOf("_a"), "A");
  EXPECT_EQ(CamelOf("a_"), "a");
  EXPECT_EQ(CamelOf("spo_2"), "spo2");
  EXPECT_EQ(CamelOf("a_B"), "aB");
  EXPECT_EQ(CamelOf("__"), "__");
}

TEST_F(SchemaTest, FieldsKeepTheirOrder) {
  const Schema schema = Make({Plain("c"), Key("a"), Plain("b")}).value();
  ASSERT_EQ(schema.fields().size(), 3u);
  EXPECT_EQ(schema.fields()[0].name, "c");
  EXPECT_EQ(schema.fields()[1].name, "a");
  EXPECT_EQ(schema.fields()[2].name, "b");
}

TEST_F(SchemaTest, TheMasksHaveABitForEachFieldTheyMean) {
  Field last = Plain("last");
  last.required = true;
  const Schema schema =
      Make({Plain("x"), Key("id"), Plain("y"), std::move(last)}, {"y", "x"}).value();
  EXPECT_EQ(schema.required_mask(), 0b1010u);
  EXPECT_EQ(schema.at_least_one_mask(), 0b0101u);
  EXPECT_EQ(Make({Key("id")}).value().at_least_one_mask(), 0u);
}

TEST_F(SchemaTest, UnknownFieldsAreAsAsked) {
  EXPECT_EQ(Make({Key("id")}).value().unknown_fields(), UnknownFields::kIgnore);
  EXPECT_EQ(Schema::Make({Key("id")}, {}, UnknownFields::kRefuse).value().unknown_fields(),
            UnknownFields::kRefuse);
}

TEST_F(SchemaTest, HasOneToFieldsMaxFields) {
  std::vector<Field> fields = {Key("f0")};
  while (fields.size() < kFieldsMax) fields.push_back(Plain("f" + std::to_string(fields.size())));
  EXPECT_TRUE(Make(fields).ok());
  EXPECT_EQ(Make(fields).value().Find("f31"), 31u);
  fields.push_back(Plain("more"));
  EXPECT_EQ(ErrorOf(fields), "there are 33 fields; at most 32 are allowed");
  EXPECT_EQ(ErrorOf({}), "there is no field");
}

TEST_F(SchemaTest, ANameIsOneTo60LettersDigitsAndUnderscores) {
  EXPECT_TRUE(Make({Key("aZ_09")}).ok());
  EXPECT_TRUE(Make({Key(std::string(60, 'a'))}).ok());
  EXPECT_EQ(ErrorOf({Key("")}), "a field's name is empty");
  EXPECT_THAT(ErrorOf({Key(std::string(61, 'a'))}), HasSubstr("longer than 60 bytes"));
  for (const std::string name : {"a-b", "a.b", "a b", "\xC3\xA4", "a\n"}) {
    EXPECT_THAT(ErrorOf({Key(name)}), HasSubstr("character outside")) << name;
  }
}

TEST_F(SchemaTest, AnErrorIsOneLineWhateverTheNameHolds) {
  EXPECT_EQ(ErrorOf({Key("a\nb\"c")}),
            "field \"a?b?c\" has a name with a character outside A-Z, a-z, 0-9 and _");
  EXPECT_EQ(ErrorOf({Key("id")}, {"x\ny"}), "at_least_one names \"x?y\", which is no field");
}

TEST_F(SchemaTest, ANameLeadsToOneField) {
  EXPECT_EQ(ErrorOf({Key("id"), Plain("a"), Plain("a")}), "field \"a\" is there twice");
  const std::vector<std::pair<const char*, const char*>> clashes = {
      {"a_b", "aB"}, {"aB", "a_b"}, {"a_b", "a__b"}};
  for (const auto& [first, second] : clashes) {
    EXPECT_EQ(ErrorOf({Key(first), Plain(second)}), "field \"" + std::string(second) +
                                                        "\" and field \"" + first +
                                                        "\" are one name in lowerCamelCase");
  }
  EXPECT_EQ(ErrorOf({Key("a_b"), Plain("ab"), Plain("AB")}), "no error");
}

TEST_F(SchemaTest, ExactlyOneFieldIsTheKeyAndItIsRequired) {
  EXPECT_EQ(ErrorOf({Plain("a")}), "exactly one field must be the key; there are 0");
  EXPECT_EQ(ErrorOf({Key("a"), Key("b")}), "exactly one field must be the key; there are 2");
  Field optional = Key("a");
  optional.required = false;
  EXPECT_EQ(ErrorOf({optional}), "field \"a\" is the key, so it must be required");
}

TEST_F(SchemaTest, AtLeastOneNamesFieldsAsTheyAreConfigured) {
  EXPECT_EQ(ErrorOf({Key("id"), Plain("a_b")}, {"a_b"}), "no error");
  EXPECT_THAT(ErrorOf({Key("id"), Plain("a_b")}, {"aB"}), HasSubstr("\"aB\", which is no field"));
}

TEST_F(SchemaTest, BoundsMayMeetButNotCross) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const Field& good :
       {Integer(FieldType::kInt64, 5, 5), Integer(FieldType::kInt32, -5, 5), Double(1.5, 1.5),
        Double(-kInfinity, kInfinity), String(0, 0), String(3, 3)}) {
    EXPECT_EQ(ErrorOf({Key("id"), good}), "no error");
  }
  for (const Field& bad :
       {Integer(FieldType::kInt64, 6, 5), Integer(FieldType::kInt32, 6, 5), Double(1.5, 1.4),
        Double(kNan, 1), Double(1, kNan), Double(kInfinity, kInfinity),
        Double(-kInfinity, -kInfinity), String(4, 3),
        Integer(FieldType::kInt32, int64_t{1} << 31, int64_t{1} << 40)}) {
    EXPECT_EQ(ErrorOf({Key("id"), bad}), "field \"n\" has bounds that exclude every value");
  }
}

TEST_F(SchemaTest, AnInt32IsBoundedByItsWidth) {
  const Schema schema = Make({Key("id"), Plain("n", FieldType::kInt32)}).value();
  EXPECT_EQ(schema.fields()[1].int_min, std::numeric_limits<int32_t>::min());
  EXPECT_EQ(schema.fields()[1].int_max, std::numeric_limits<int32_t>::max());
  const Schema bounded = Make({Key("id"), Integer(FieldType::kInt32, 0, 7)}).value();
  EXPECT_EQ(bounded.fields()[1].int_min, 0);
  EXPECT_EQ(bounded.fields()[1].int_max, 7);
}

TEST(FieldTypeNameTest, IsAsTheConfigurationSpellsIt) {
  EXPECT_EQ(FieldTypeName(FieldType::kString), "string");
  EXPECT_EQ(FieldTypeName(FieldType::kInt32), "int32");
  EXPECT_EQ(FieldTypeName(FieldType::kInt64), "int64");
  EXPECT_EQ(FieldTypeName(FieldType::kDouble), "double");
  EXPECT_EQ(FieldTypeName(FieldType::kBool), "bool");
  EXPECT_EQ(FieldTypeName(FieldType::kTimestamp), "timestamp");
}

}  // namespace
}  // namespace sluice
