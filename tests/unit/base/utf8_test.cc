#include "sluice/base/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice {
namespace {

using namespace std::string_view_literals;

constexpr size_t kSound = std::string_view::npos;

// RFC 3629 section 3, without its ranges of single bytes.
std::string Encoded(uint32_t code) {
  const auto tail = [code](int shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3F));
  };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0 | code >> 6), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

std::string Quoted(std::string_view text, size_t bytes_max = 1'000) {
  std::string out;
  AppendJsonString(text, bytes_max, out);
  return out;
}

TEST(Utf8Test, EveryCodePointIsSoundButTheSurrogates) {
  for (uint32_t code = 0; code < 0x110000; ++code) {
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    ASSERT_EQ(FindInvalidUtf8(Encoded(code)) == kSound, !surrogate) << std::hex << code;
  }
}

TEST(Utf8Test, NothingAbove10FFFFIsSound) {
  EXPECT_EQ(FindInvalidUtf8(Encoded(0x10FFFF)), kSound);
  EXPECT_EQ(FindInvalidUtf8(Encoded(0x110000)), 0u);
  EXPECT_EQ(FindInvalidUtf8("\xF5\x80\x80\x80"sv), 0u);
  EXPECT_EQ(FindInvalidUtf8("\xFF"sv), 0u);
}

TEST(Utf8Test, OverlongFormsAreNotSound) {
  for (const std::string_view text :
       {"\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x80\x80"sv, "\xE0\x9F\xBF"sv, "\xF0\x80\x80\x80"sv,
        "\xF0\x8F\xBF\xBF"sv}) {
    EXPECT_EQ(FindInvalidUtf8(text), 0u);
  }
  for (const std::string_view text : {"\xC2\x80"sv, "\xE0\xA0\x80"sv, "\xF0\x90\x80\x80"sv}) {
    EXPECT_EQ(FindInvalidUtf8(text), kSound);
  }
}

TEST(Utf8Test, ASequenceCutShortIsNotSound) {
  for (const uint32_t code : {0x80u, 0x7FFu, 0x800u, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
    const std::string whole = Encoded(code);
    for (size_t length = 1; length < whole.size(); ++length) {
      const std::string cut = whole.substr(0, length);
      EXPECT_EQ(FindInvalidUtf8("ab" + cut), 2u) << "at the end";
      EXPECT_EQ(FindInvalidUtf8("ab" + cut + "c"), 2u) << "before another";
      EXPECT_EQ(FindInvalidUtf8("ab" + cut + whole), 2u) << "before a whole one";
    }
  }
}

TEST(Utf8Test, SaysWhereTheFirstFaultStarts) {
  EXPECT_EQ(FindInvalidUtf8(""), kSound);
  EXPECT_EQ(FindInvalidUtf8("plain"), kSound);
  EXPECT_EQ(FindInvalidUtf8("\x80"sv), 0u);
  EXPECT_EQ(FindInvalidUtf8("\xC3\xA4\xE2\x82\xAC\xBF\xFF"sv), 5u);
  EXPECT_EQ(FindInvalidUtf8("a\0b\xC3"sv), 3u);
}

TEST(JsonStringTest, QuotesAndEscapesAsJsonAsks) {
  EXPECT_EQ(Quoted(""), R"("")");
  EXPECT_EQ(Quoted(R"(a"b\c/d)"), R"("a\"b\\c/d")");
  EXPECT_EQ(Quoted("\0\n\x1F\x20\x7F"sv), "\"\\u0000\\u000a\\u001f \x7F\"");
  EXPECT_EQ(Quoted("\xC3\xA4\xF0\x9F\x99\x82"), "\"\xC3\xA4\xF0\x9F\x99\x82\"");
}

TEST(JsonStringTest, ShowsAQuestionMarkForEachByteThatIsNotUtf8) {
  EXPECT_EQ(Quoted("a\xFF\xC3z"), R"("a??z")");
  EXPECT_EQ(Quoted("\xED\xA0\x80"), R"("???")");
}

TEST(JsonStringTest, ShowsNoMoreThanItsBoundButNoHalfCharacter) {
  EXPECT_EQ(Quoted("abcdef", 3), R"("abc")");
  EXPECT_EQ(Quoted("abc", 3), R"("abc")");
  EXPECT_EQ(Quoted("abc", 0), R"("")");
  EXPECT_EQ(Quoted("ab\xE2\x82\xAC", 4), R"("ab")");
  EXPECT_EQ(Quoted("ab\xE2\x82\xAC\xE2\x82\xAC", 5), "\"ab\xE2\x82\xAC\"");
  EXPECT_EQ(FindInvalidUtf8(Quoted("\xF0\x9F\x99\x82\xF0\x9F\x99\x82", 5)), kSound);
}

TEST(JsonStringTest, AppendsToWhatIsThere) {
  std::string out = "x:";
  AppendJsonString("y", 10, out);
  EXPECT_EQ(out, R"(x:"y")");
}

}  // namespace
}  // namespace sluice
