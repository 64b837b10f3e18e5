#include "record/field_reader.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "sluice/base/limits.h"
#include "unit/record/decoding.h"

namespace sluice {
namespace {

// A value as the field "v" of a record, through the decoder: what would be stored, or the fault.
class FieldReaderTest : public testing::Test {
 protected:
  static std::string Read(const Field& field, const std::string& value) {
    const std::string text = Decoded(SchemaOf({field}), R"({"id":"a","v":)" + value + "}");
    constexpr std::string_view kSound = "id=a v=";
    if (text.starts_with(kSound)) return text.substr(kSound.size());
    constexpr std::string_view kPlace = " 0 /v";
    return text.ends_with(kPlace) ? text.substr(0, text.size() - kPlace.size()) : text;
  }
  static std::string Read(FieldType type, const std::string& value) {
    return Read(FieldOf("v", type), value);
  }
  static Field Bounded(FieldType type, int64_t min, int64_t max) {
    Field field = FieldOf("v", type);
    field.int_min = min;
    field.int_max = max;
    return field;
  }
  static Field Between(double min, double max) {
    Field field = FieldOf("v", FieldType::kDouble);
    field.double_min = min;
    field.double_max = max;
    return field;
  }
  static Field OfBytes(size_t min, size_t max) {
    Field field = FieldOf("v", FieldType::kString);
    field.bytes_min = min;
    field.bytes_max = max;
    return field;
  }
};

TEST_F(FieldReaderTest, NullIsAbsentWhateverTheType) {
  for (const FieldType type : {FieldType::kString, FieldType::kInt32, FieldType::kInt64,
                               FieldType::kDouble, FieldType::kBool, FieldType::kTimestamp}) {
    EXPECT_EQ(Read(type, "null"), "-") << FieldTypeName(type);
    for (const char* wrong : {"nul", "nulll", "Null", "null1", "n", "null\x01"}) {
      EXPECT_EQ(Read(type, wrong), "json") << FieldTypeName(type) << wrong;
    }
  }
}

TEST_F(FieldReaderTest, ContainersAreOfNoFieldsType) {
  for (const FieldType type : {FieldType::kString, FieldType::kInt32, FieldType::kInt64,
                               FieldType::kDouble, FieldType::kBool, FieldType::kTimestamp}) {
    for (const char* value : {"{}", "[]", R"({"v":1})", "[1]", "[[{}]]", " { } "}) {
      EXPECT_EQ(Read(type, value), "type") << FieldTypeName(type) << value;
    }
    EXPECT_EQ(Read(type, "[1,]"), "json") << FieldTypeName(type);
    EXPECT_EQ(Read(type, "[tru]"), "json") << FieldTypeName(type);
    EXPECT_EQ(Read(type, R"(["\x"])"), "escape") << FieldTypeName(type);
  }
}

// ---- Strings -----------------------------------------------------------------------------------

TEST_F(FieldReaderTest, AStringIsStoredUnescaped) {
  EXPECT_EQ(Read(FieldType::kString, R"("plain")"), "plain");
  EXPECT_EQ(Read(FieldType::kString, R"("")"), "");
  EXPECT_EQ(Read(FieldType::kString, R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(Read(FieldType::kString, R"("A\u00e4\u20AC")"), "A\xC3\xA4\xE2\x82\xAC");
  EXPECT_EQ(Read(FieldType::kString, R"("\ud83d\ude42")"), "\xF0\x9F\x99\x82");
  EXPECT_EQ(Read(FieldType::kString, "\"\xF0\x9F\x99\x82\x7F\""), "\xF0\x9F\x99\x82\x7F");
  EXPECT_EQ(Read(FieldType::kString, R"("\u0000")"), std::string(1, '\0'));
  EXPECT_EQ(Read(FieldType::kString, R"("null")"), "null");
}

TEST_F(FieldReaderTest, ABadEscapeOrALoneSurrogateIsAnEscapeFault) {
  for (const char* text :
       {R"("\x41")", R"("\u12")", R"("\u12g4")", R"("\U0041")", R"("\ud800")", R"("\ud800x")",
        R"("\ud800\n")", R"("\ud800A")", R"("\ud800\ud800")", R"("\udc00")", R"("\ude42\ud83d")",
        R"("a\'b")", R"("\0")", R"("\ud83d\u")"}) {
    EXPECT_EQ(Read(FieldType::kString, text), "escape") << text;
    EXPECT_EQ(Read(FieldType::kTimestamp, text), "escape") << text;
    EXPECT_EQ(Read(FieldType::kInt64, text), "escape") << text;
    EXPECT_EQ(Read(FieldType::kInt32, text), "escape") << text << " in a value of another type";
    EXPECT_EQ(Read(FieldType::kDouble, text), "escape") << text;
    EXPECT_EQ(Read(FieldType::kBool, text), "escape") << text;
  }
}

TEST_F(FieldReaderTest, AStringIsNothingElse) {
  for (const char* value : {"1", "-1.5", "true", "false"}) {
    EXPECT_EQ(Read(FieldType::kString, value), "type") << value;
  }
  for (const char* value : {"'a'", "a", "tru", "1x", "-", "\"a\"b", "\"a\"\"b\"", "01", "+1"}) {
    EXPECT_EQ(Read(FieldType::kString, value).substr(0, 4), "json") << value;
  }
}

TEST_F(FieldReaderTest, AStringsBoundsCountBytesAfterUnescaping) {
  const Field field = OfBytes(2, 4);
  EXPECT_EQ(Read(field, R"("a")"), "length");
  EXPECT_EQ(Read(field, R"("ab")"), "ab");
  EXPECT_EQ(Read(field, R"("abcd")"), "abcd");
  EXPECT_EQ(Read(field, R"("abcde")"), "length");
  EXPECT_EQ(Read(field, R"("\u0061\u0062\u0063\u0064")"), "abcd") << "24 bytes as sent";
  EXPECT_EQ(Read(field, R"("\u00e4")"), "\xC3\xA4") << "one character, two bytes";
  EXPECT_EQ(Read(field, R"("\ud83d\ude42")"), "\xF0\x9F\x99\x82");
  EXPECT_EQ(Read(field, R"("\ud83d\ude42!")"), "length");
  EXPECT_EQ(Read(OfBytes(0, 0), R"("")"), "");
  const std::string longest(kStringBytesMax, 'x');
  EXPECT_EQ(Read(FieldType::kString, '"' + longest + '"'), longest);
  EXPECT_EQ(Read(FieldType::kString, '"' + longest + "x\""), "length");
}

TEST_F(FieldReaderTest, ATimestampIsAStringOfRfc3339) {
  EXPECT_EQ(Read(FieldType::kTimestamp, R"("2026-01-31T23:59:60.5Z")"), "2026-01-31T23:59:60.5Z");
  EXPECT_EQ(Read(FieldType::kTimestamp, R"("2026-01-31T\u0032\u0033:59:59+01:00")"),
            "2026-01-31T23:59:59+01:00");
  EXPECT_EQ(Read(FieldType::kTimestamp, R"("2026-02-30T00:00:00Z")"), "timestamp");
  EXPECT_EQ(Read(FieldType::kTimestamp, R"("")"), "timestamp");
  EXPECT_EQ(Read(FieldType::kTimestamp, "1769900000000"), "type");
}

// ---- Numbers -----------------------------------------------------------------------------------

TEST_F(FieldReaderTest, AnIntegerIsStoredAsItWasSent) {
  for (const char* value : {"0", "-0", "7", "-7", "2147483647", "-2147483648"}) {
    EXPECT_EQ(Read(FieldType::kInt32, value), value);
    EXPECT_EQ(Read(FieldType::kInt64, value), value);
  }
  for (const char* value : {"2147483648", "9223372036854775807", "-9223372036854775808"}) {
    EXPECT_EQ(Read(FieldType::kInt64, value), value);
  }
}

TEST_F(FieldReaderTest, AnIntegerHasItsTypesRange) {
  for (const char* value : {"2147483648", "-2147483649", "9223372036854775807",
                            "9223372036854775808", "123456789012345678901234567890"}) {
    EXPECT_EQ(Read(FieldType::kInt32, value), "range") << value;
  }
  for (const char* value : {"9223372036854775808", "-9223372036854775809", "18446744073709551615",
                            "123456789012345678901234567890"}) {
    EXPECT_EQ(Read(FieldType::kInt64, value), "range") << value;
    EXPECT_EQ(Read(FieldType::kInt64, '"' + std::string(value) + '"'), "range") << value;
  }
}

TEST_F(FieldReaderTest, AnIntegersBoundsAreInclusive) {
  for (const FieldType type : {FieldType::kInt32, FieldType::kInt64}) {
    const Field field = Bounded(type, -5, 10);
    EXPECT_EQ(Read(field, "-6"), "range");
    EXPECT_EQ(Read(field, "-5"), "-5");
    EXPECT_EQ(Read(field, "10"), "10");
    EXPECT_EQ(Read(field, "11"), "range");
  }
  EXPECT_EQ(Read(Bounded(FieldType::kInt64, -5, 10), R"("11")"), "range");
  EXPECT_EQ(Read(Bounded(FieldType::kInt64, -5, 10), R"("10")"), "10");
}

TEST_F(FieldReaderTest, AnIntegerHasNoFractionAndNoExponent) {
  for (const char* value : {"1.0", "1e2", "1E0", "0.5", "-1.5e-3", "1e999"}) {
    EXPECT_EQ(Read(FieldType::kInt32, value), "type") << value;
    EXPECT_EQ(Read(FieldType::kInt64, value), "type") << value;
  }
}

// proto3's JSON mapping.
TEST_F(FieldReaderTest, OnlyA64BitIntegerMayBeADecimalString) {
  EXPECT_EQ(Read(FieldType::kInt64, R"("-0")"), "-0");
  EXPECT_EQ(Read(FieldType::kInt64, R"("1700000000000")"), "1700000000000");
  EXPECT_EQ(Read(FieldType::kInt64, R"("\u0031\u0032")"), "12");
  for (const char* value :
       {R"("")", R"(" 1")", R"("1 ")", R"("+1")", R"("01")", R"("1.0")", R"("1e2")", R"("0x1")",
        R"("-")", R"("--1")", R"("one")", R"("null")", R"("1\u0000")"}) {
    EXPECT_EQ(Read(FieldType::kInt64, value), "type") << value;
  }
  EXPECT_EQ(Read(FieldType::kInt32, R"("1")"), "type");
  EXPECT_EQ(Read(FieldType::kDouble, R"("1")"), "type");
}

TEST_F(FieldReaderTest, ADoubleIsStoredAsItWasSent) {
  for (const char* value : {"0", "-0", "-0.0", "1e2", "1E+2", "72.50", "72.500000000000000000001",
                            "1e-400", "0.1e1", "123456789012345678901234567890", "1e308"}) {
    EXPECT_EQ(Read(FieldType::kDouble, value), value);
  }
}

TEST_F(FieldReaderTest, ADoublesTextHasABound) {
  const std::string longest = "0." + std::string(kScalarBytesMax - 2, '0');
  EXPECT_EQ(Read(FieldType::kDouble, longest), longest);
  EXPECT_EQ(Read(FieldType::kDouble, longest + "0"), "length");
  EXPECT_EQ(Read(FieldType::kDouble, std::string(kScalarBytesMax + 1, '1')), "length");
  EXPECT_EQ(Read(FieldType::kDouble, "1e" + std::string(1'000, '0')), "length");
}

TEST_F(FieldReaderTest, ADoublesBoundsAreInclusive) {
  const Field field = Between(-0.5, 350);
  EXPECT_EQ(Read(field, "-0.5"), "-0.5");
  EXPECT_EQ(Read(field, "350"), "350");
  EXPECT_EQ(Read(field, "35e1"), "35e1");
  EXPECT_EQ(Read(field, "350.0000000001"), "range");
  EXPECT_EQ(Read(field, "-0.50001"), "range");
  EXPECT_EQ(Read(field, "1e400"), "range");
  EXPECT_EQ(Read(FieldType::kDouble, "1e400"), "range") << "no double holds it";
}

TEST_F(FieldReaderTest, WhatIsNoNumberOfJsonIsMalformed) {
  for (const char* value :
       {"01",    "-01",   "+1",    "1.",       ".5",        "-",     "1e",   "1e+",
        "0x1",   "1_0",   "NaN",   "Infinity", "-Infinity", "1.2.3", "1-2",  "00",
        "1\x01", "1\x0B", "1\x1F", "--1",      "1\xC2\xA0", "1\"\"", "1\x7F"}) {
    for (const FieldType type : {FieldType::kInt32, FieldType::kInt64, FieldType::kDouble,
                                 FieldType::kString, FieldType::kBool}) {
      EXPECT_EQ(Read(type, value).substr(0, 4), "json")
          << FieldTypeName(type) << " " << testing::PrintToString(value);
    }
  }
}

TEST_F(FieldReaderTest, SpaceAroundAValueIsNotStored) {
  EXPECT_EQ(Read(FieldType::kDouble, " \t\r\n1.5 \t\r\n"), "1.5");
  EXPECT_EQ(Read(FieldType::kInt32, " 15\n"), "15");
  EXPECT_EQ(Read(FieldType::kString, " \"a\" "), "a");
}

// ---- Truth -------------------------------------------------------------------------------------

TEST_F(FieldReaderTest, ABoolIsTrueOrFalse) {
  EXPECT_EQ(Read(FieldType::kBool, "true"), "true");
  EXPECT_EQ(Read(FieldType::kBool, " false "), "false");
  for (const char* value : {"1", "0", R"("true")", R"("")"}) {
    EXPECT_EQ(Read(FieldType::kBool, value), "type") << value;
  }
  for (const char* value : {"tru", "truee", "True", "falsee", "fals", "true1", "true\x01"}) {
    EXPECT_EQ(Read(FieldType::kBool, value), "json") << value;
  }
}

// ---- What an error says ------------------------------------------------------------------------

TEST_F(FieldReaderTest, SaysWhatAFieldTakes) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Expectation(OfBytes(1, 128)), "a string from 1 to 128 bytes");
  EXPECT_EQ(Expectation(OfBytes(0, 128)), "a string of at most 128 bytes");
  EXPECT_EQ(Expectation(Bounded(FieldType::kInt32, 0, 10)), "an integer from 0 to 10");
  EXPECT_EQ(Expectation(FieldOf("v", FieldType::kInt64)), "an integer");
  EXPECT_EQ(Expectation(Bounded(FieldType::kInt64, 1, INT64_MAX)), "an integer of at least 1");
  EXPECT_EQ(Expectation(Bounded(FieldType::kInt64, INT64_MIN, -1)), "an integer of at most -1");
  EXPECT_EQ(Expectation(Between(0, 99.5)), "a number from 0 to 99.5");
  EXPECT_EQ(Expectation(Between(-kInfinity, kInfinity)), "a number");
  EXPECT_EQ(Expectation(Between(0.1, kInfinity)), "a number of at least 0.1");
  EXPECT_EQ(Expectation(FieldOf("v", FieldType::kBool)), "true or false");
  EXPECT_EQ(Expectation(FieldOf("v", FieldType::kTimestamp)),
            "a string with an RFC 3339 date and time");
}

}  // namespace
}  // namespace sluice
