#include "redis/line_encoder.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/json.h"

namespace sluice {
namespace {

constexpr std::string_view kAbsent;
constexpr JsonForm kBare = JsonForm::kBare;
constexpr JsonForm kQuoted = JsonForm::kQuoted;

std::string Line(const StreamSpec& spec, const std::vector<std::string_view>& values) {
  Buffer out;
  out.Append("before ");
  LineEncoder(spec).Append(values, out);
  EXPECT_TRUE(out.view().starts_with("before "));
  return std::string(out.view().substr(7));
}

// As the only value, a string.
std::string Escaped(std::string_view text) {
  const std::string line = Line({.stream = "s", .fields = {"t"}, .packed = {kQuoted}}, {text});
  EXPECT_TRUE(line.starts_with("{\"t\":\"") && line.ends_with("\"}\n")) << line;
  return line.substr(6, line.size() - 9);
}

TEST(LineEncoder, ARecordIsAnObjectWithItsFieldsInOrder) {
  const StreamSpec spec{
      .stream = "s", .fields = {"device_id", "timestamp", "ok"}, .packed = {kQuoted, kBare, kBare}};
  EXPECT_EQ(Line(spec, {"dev-1", "17", "true"}),
            "{\"device_id\":\"dev-1\",\"timestamp\":17,\"ok\":true}\n");
}

TEST(LineEncoder, AnAbsentValueIsLeftOutWithItsNameButAnEmptyStringIsKept) {
  const StreamSpec spec{
      .stream = "s", .fields = {"a", "b", "c"}, .packed = {kQuoted, kBare, kQuoted}};
  EXPECT_EQ(Line(spec, {kAbsent, "1", kAbsent}), "{\"b\":1}\n");
  EXPECT_EQ(Line(spec, {"", kAbsent, "x"}), "{\"a\":\"\",\"c\":\"x\"}\n");
  EXPECT_EQ(Line(spec, {kAbsent, kAbsent, ""}), "{\"c\":\"\"}\n");
}

TEST(LineEncoder, ANumberIsTheTextThatWasSent) {
  const StreamSpec spec{.stream = "s", .fields = {"n"}, .packed = {kBare}};
  for (const std::string_view number : {"0", "-0", "72.50", "1E+2", "-9223372036854775808",
                                        "0.1000000000000000055511151231257827"}) {
    EXPECT_EQ(Line(spec, {number}), "{\"n\":" + std::string(number) + "}\n");
  }
}

TEST(LineEncoder, NamesMayBeAsLongAsASchemaAllows) {
  StreamSpec spec{.stream = "s", .fields = {}};
  std::string expected = "{";
  for (size_t bytes = 1; bytes <= kFieldsMax; ++bytes) {
    spec.fields.emplace_back(bytes == kFieldsMax ? kFieldNameBytesMax : 2 * bytes - 1, 'n');
    spec.packed.push_back(bytes % 2 == 0 ? kQuoted : kBare);
    const std::string value = bytes % 2 == 0 ? "\"7\"" : "7";
    expected += (bytes == 1 ? "\"" : ",\"") + spec.fields.back() + "\":" + value;
  }
  EXPECT_EQ(Line(spec, std::vector<std::string_view>(kFieldsMax, "7")), expected + "}\n");
}

TEST(LineEncoder, AStringOfAnyLengthStaysWhole) {
  for (size_t size = 0; size < 70; ++size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text += static_cast<char>(' ' + (i * 7 + size) % 95);
    for (char& c : text) c = c == '"' || c == '\\' ? '!' : c;
    // Without a byte to spare in front or behind.
    const std::unique_ptr<char[]> exact(new char[size]);
    text.copy(exact.get(), size);
    EXPECT_EQ(Escaped({exact.get(), size}), text);
  }
}

TEST(LineEncoder, WhatJsonCannotHoldIsEscapedWhereverItStands) {
  for (size_t size = 1; size <= 20; ++size) {
    for (size_t place = 0; place < size; ++place) {
      std::string text(size, 'x');
      for (const auto& [byte, escape] :
           std::vector<std::pair<char, std::string>>{{'"', "\\\""},
                                                     {'\\', "\\\\"},
                                                     {'\0', "\\u0000"},
                                                     {'\n', "\\u000a"},
                                                     {'\x1f', "\\u001f"}}) {
        text[place] = byte;
        std::string expected(size, 'x');
        EXPECT_EQ(Escaped(text), expected.replace(place, 1, escape)) << size << " " << place;
      }
    }
  }
}

TEST(LineEncoder, EveryAsciiCharacterComesBack) {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  const std::string line = Line({.stream = "s", .fields = {"t"}, .packed = {kQuoted}}, {all});
  EXPECT_EQ(Json::Parse(line).Text("t"), all);
  for (const char c : line.substr(0, line.size() - 1)) EXPECT_GE(c, ' ');
  EXPECT_NE(line.find('\x7f'), line.npos) << "DEL needs no escape";
}

TEST(LineEncoder, OtherScriptsStayAsTheyAre) {
  for (const std::string text : {"Fieber ≥ 38,5 °C", "心率", "😀", "\xc2\x84\xc2\x86",
                                 "\xe2\x80\xa7\xe2\x80\xaa\xe2\x81\xa8"}) {
    EXPECT_EQ(Escaped(text), text);
  }
}

TEST(LineEncoder, WhatEndsALineForSomeLanguagesIsEscaped) {
  EXPECT_EQ(Escaped("a\xc2\x85z"), "a\\u0085z");
  EXPECT_EQ(Escaped("\xe2\x80\xa8"), "\\u2028");
  EXPECT_EQ(Escaped("\xe2\x80\xa9\xe2\x80\xa8 and more"), "\\u2029\\u2028 and more");
}

TEST(LineEncoder, LinesFollowEachOther) {
  const LineEncoder encoder({.stream = "s", .fields = {"t"}, .packed = {kQuoted}});
  Buffer out;
  std::string expected;
  for (int i = 0; i < 1'000; ++i) {
    const std::string text = (i % 3 == 0 ? "\x01" : "") + std::to_string(i);
    encoder.Append(std::vector<std::string_view>{text}, out);
    expected +=
        "{\"t\":\"" + std::string(i % 3 == 0 ? "\\u0001" : "") + std::to_string(i) + "\"}\n";
  }
  EXPECT_EQ(out.view(), expected);
}

}  // namespace
}  // namespace sluice
