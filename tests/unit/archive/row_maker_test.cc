#include "archive/row_maker.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {
namespace {

Field MakeField(std::string name, FieldType type, bool required = false, bool key = false) {
  Field field;
  field.name = std::move(name);
  field.type = type;
  field.required = required;
  field.key = key;
  return field;
}

Schema MakeSchema(std::vector<Field> fields) {
  return std::move(Schema::Make(std::move(fields), {}, UnknownFields::kIgnore).value());
}

Schema OfEveryType() {
  Field id = MakeField("id", FieldType::kString, true, true);
  id.bytes_max = 8;
  return MakeSchema({id, MakeField("small", FieldType::kInt32),
                     MakeField("large", FieldType::kInt64), MakeField("real", FieldType::kDouble),
                     MakeField("yes", FieldType::kBool), MakeField("at", FieldType::kTimestamp)});
}

using Values = std::vector<std::optional<std::string>>;

class RowMakerTest : public testing::Test {
 protected:
  // The one row that these fields make.
  Values RowOf(NamesAndValues fields) {
    std::vector<Row> rows;
    std::vector<DeadLetter> letters;
    maker_.Append({"7-1", std::move(fields)}, rows, letters);
    EXPECT_TRUE(letters.empty());
    EXPECT_EQ(rows.size(), 1u);
    if (rows.empty()) return {};
    EXPECT_EQ(rows[0].entry_id, "7-1");
    return rows[0].values;
  }
  std::string Refusal(NamesAndValues fields) {
    std::vector<Row> rows;
    std::vector<DeadLetter> letters;
    maker_.Append({"7-1", fields}, rows, letters);
    EXPECT_TRUE(rows.empty());
    EXPECT_EQ(letters.size(), 1u);
    if (letters.empty()) return "none";
    EXPECT_EQ(letters[0].entry_id, "7-1");
    EXPECT_EQ(letters[0].fields, fields) << "as they were";
    return letters[0].reason;
  }

  const Schema schema_ = OfEveryType();
  RowMaker maker_{schema_};
};

TEST_F(RowMakerTest, ValuesAreWhatSqlReads) {
  EXPECT_EQ(RowOf({{"id", "a"},
                   {"small", "-5"},
                   {"large", "-9223372036854775808"},
                   {"real", "7.250e1"},
                   {"yes", "true"},
                   {"at", "2026-01-31T09:00:00+01:00"}}),
            (Values{"a", "-5", "-9223372036854775808", "72.5", "1", "2026-01-31 08:00:00.000000"}));
}

TEST_F(RowMakerTest, AbsentIsNullAndEmptyIsNot) {
  EXPECT_EQ(RowOf({{"id", ""}, {"yes", "false"}}),
            (Values{"", std::nullopt, std::nullopt, std::nullopt, "0", std::nullopt}));
}

TEST_F(RowMakerTest, FieldsMayStandInAnyOrder) {
  EXPECT_EQ(RowOf({{"real", "1"}, {"id", "a"}, {"large", "2"}}),
            (Values{"a", std::nullopt, "2", "1", std::nullopt, std::nullopt}));
}

TEST_F(RowMakerTest, ADoubleIsTheSameDoubleInItsShortestForm) {
  for (const auto& [text, shown] : {std::pair{"0.1000", "0.1"},
                                    {"1e-400", "0"},
                                    {"4.9e-324", "5e-324"},
                                    {"1.7976931348623157e308", "1.7976931348623157e+308"},
                                    {"-0", "-0"}}) {
    EXPECT_EQ(RowOf({{"id", "a"}, {"real", text}})[3], shown) << text;
  }
}

TEST_F(RowMakerTest, AValueOfAnotherTypeIsNamed) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"small", "2147483648"},
      {"small", ""},
      {"small", "1.0"},
      {"large", "0x5"},
      {"large", " 1"},
      {"real", "nan"},
      {"real", "1e400"},
      {"real", "0x10"},
      {"real", " 1"},
      {"real", "1 "},
      {"real", ""},
      {"yes", "1"},
      {"at", "2026-01-31"},
      {"at", "0000-12-31T00:00:00Z"},
  };
  for (const auto& [name, value] : kWrong) {
    const std::string type(FieldTypeName(schema_.fields()[schema_.Find(name)].type));
    EXPECT_EQ(Refusal({{"id", "a"}, {name, value}}),
              "field " + std::string(name) + " is no " + type)
        << value;
  }
}

TEST_F(RowMakerTest, AStringThatADatabaseWouldCutOrGarbleIsNamed) {
  EXPECT_EQ(RowOf({{"id", "1234567 "}})[0], "1234567 ");
  EXPECT_EQ(Refusal({{"id", "1234567  "}}), "field id is longer than 8 bytes");
  EXPECT_EQ(Refusal({{"id", "a\xED\xA0\x80"}}), "field id is not UTF-8");
}

TEST_F(RowMakerTest, AFieldThatIsMissingUnknownOrDoubledIsNamed) {
  EXPECT_EQ(Refusal({{"small", "1"}}), "field id is missing");
  EXPECT_EQ(Refusal({}), "field id is missing");
  EXPECT_EQ(Refusal({{"id", "a"}, {"colour", "red"}}), "field colour is not in the schema");
  EXPECT_EQ(Refusal({{"id", "a"}, {"id", "b"}}), "field id is there twice");
}

TEST_F(RowMakerTest, ALetterHasTheFieldsThatTheRowHas) {
  std::vector<Row> rows;
  std::vector<DeadLetter> letters;
  maker_.Append({"7-1", {{"id", "a"}, {"real", "1.50"}}}, rows, letters);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(maker_.FieldsOf(rows[0]), (NamesAndValues{{"id", "a"}, {"real", "1.5"}}));
}

class PackedRowsTest : public RowMakerTest {
 protected:
  void Append(std::string lines) {
    maker_.Append({"7-1", {{"records", std::move(lines)}}}, rows_, letters_);
  }

  std::vector<Row> rows_;
  std::vector<DeadLetter> letters_;
};

TEST_F(PackedRowsTest, EachLineIsARow) {
  Append("{\"id\":\"a\",\"small\":1}\n{\"id\":\"\\u00e9\\n\",\"yes\":false}\n");
  EXPECT_TRUE(letters_.empty());
  ASSERT_EQ(rows_.size(), 2u);
  EXPECT_EQ(rows_[0].entry_id, "7-1:0");
  EXPECT_EQ(rows_[1].entry_id, "7-1:1");
  EXPECT_EQ(rows_[0].values[1], "1");
  EXPECT_EQ(rows_[1].values[0], "\u00e9\n");
  EXPECT_EQ(rows_[1].values[4], "0");
}

TEST_F(PackedRowsTest, ABadLineIsALetterAndItsNeighboursAreRows) {
  Append(
      "{\"id\":\"a\"}\n{\"small\":1}\n{\"id\":\"b\",\"at\":\"0000-01-01T00:00:00Z\"}\n{\"id\":"
      "\"c\"}");
  ASSERT_EQ(rows_.size(), 2u);
  EXPECT_EQ(rows_[0].entry_id, "7-1:0");
  EXPECT_EQ(rows_[1].entry_id, "7-1:3");
  ASSERT_EQ(letters_.size(), 2u);
  EXPECT_EQ(letters_[0].entry_id, "7-1:1");
  EXPECT_EQ(letters_[0].fields, (NamesAndValues{{"records", "{\"small\":1}"}}));
  EXPECT_EQ(letters_[1].entry_id, "7-1:2");
  EXPECT_EQ(letters_[1].reason, "field at is no timestamp");
}

TEST_F(PackedRowsTest, AnEntryWithoutALineIsALetter) {
  Append("");
  EXPECT_TRUE(rows_.empty());
  ASSERT_EQ(letters_.size(), 1u);
  EXPECT_NE(letters_[0].reason, "");
}

TEST(TableOfTest, TheTimeColumnIsTheFirstTimestamp) {
  const Table table = TableOf("readings", OfEveryType());
  EXPECT_EQ(table.name, "readings");
  EXPECT_EQ(table.key_column, 0u);
  EXPECT_EQ(table.time_column, 5u);
  ASSERT_EQ(table.columns.size(), 6u);
  EXPECT_EQ(table.columns[3].type, ColumnType::kDouble);
  EXPECT_TRUE(table.columns[0].required);
  EXPECT_FALSE(table.columns[5].required);
}

TEST(TableOfTest, WithoutATimestampItIsTheFirstRequiredInt64) {
  EXPECT_EQ(TableOf("s", MakeSchema({MakeField("n", FieldType::kInt64),
                                     MakeField("k", FieldType::kInt64, true, true),
                                     MakeField("t", FieldType::kInt64, true)}))
                .time_column,
            2u);
  EXPECT_EQ(TableOf("s", MakeSchema({MakeField("k", FieldType::kString, true, true),
                                     MakeField("n", FieldType::kInt64)}))
                .time_column,
            std::nullopt);
}

}  // namespace
}  // namespace sluice
