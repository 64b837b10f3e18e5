#include "server/text.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace sluice {
namespace {

TEST(QuotedTest, IsATomlStringOnOneLine) {
  EXPECT_EQ(Quoted("plain \xC3\xA4"), "\"plain \xC3\xA4\"");
  EXPECT_EQ(Quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(Quoted("a\nb\tc\rd\x7F"), R"("a\nb\tc\u000Dd\u007F")");
  EXPECT_EQ(Quoted(std::string_view("\0\x1F", 2)), R"("\u0000\u001F")");
}

TEST(OneLineTest, HasNoControlCharacter) {
  EXPECT_EQ(OneLine("expected \"x\", saw '\x1B[2J\n\xC3\xA4'"),
            "expected \"x\", saw '\\u001B[2J\\n\xC3\xA4'");
}

TEST(ShownTest, IsQuotedAndHidesAUrlsPassword) {
  EXPECT_EQ(Shown("a\nb"), R"("a\nb")");
  EXPECT_EQ(Shown("/etc/a@b.toml"), R"("/etc/a@b.toml")");
  EXPECT_EQ(Shown("redis://user:secret@host"), R"("redis://user:***@host")");
  EXPECT_EQ(Shown("user:secret@host:6379"), R"("user:***@host:6379")");
}

TEST(TimeTextTest, IsRfc3339InUtc) {
  EXPECT_EQ(TimeText(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(TimeText(1'767'225'600), "2026-01-01T00:00:00Z");
}

TEST(AlternativesTest, ReadsAsAnEnglishList) {
  constexpr std::array<std::string_view, 3> kWords = {"a", "b", "c"};
  EXPECT_EQ(Alternatives(std::span(kWords).first(1)), R"("a")");
  EXPECT_EQ(Alternatives(std::span(kWords).first(2)), R"("a" or "b")");
  EXPECT_EQ(Alternatives(kWords), R"("a", "b" or "c")");
}

TEST(ParseIntegerTest, TakesADecimalIntegerAndNothingElse) {
  EXPECT_EQ(ParseInteger("0"), 0);
  EXPECT_EQ(ParseInteger("-12"), -12);
  EXPECT_EQ(ParseInteger("9223372036854775807"), INT64_MAX);
  for (const char* bad : {"", " 1", "1 ", "+1", "1.0", "0x1", "1e3", "9223372036854775808"}) {
    EXPECT_EQ(ParseInteger(bad), std::nullopt) << bad;
  }
}

TEST(ParseSizeTest, TakesBytesKiBAndMiB) {
  EXPECT_EQ(ParseSize("1048576"), 1'048'576);
  EXPECT_EQ(ParseSize("64KiB"), 65'536);
  EXPECT_EQ(ParseSize("1 MiB"), 1'048'576);
  EXPECT_EQ(ParseSize("0"), 0);
  EXPECT_EQ(ParseSize("8796093022207MiB"), 8'796'093'022'207 * 1'048'576);
}

TEST(ParseSizeTest, RefusesWhatIsNoSize) {
  for (const char* bad : {"", "KiB", " KiB", "1KB", "1kib", "1 M", "1  KiB", "1KiB ", "-1KiB", "-1",
                          "1.5MiB", "1MiBKiB", "8796093022208MiB"}) {
    EXPECT_EQ(ParseSize(bad), std::nullopt) << bad;
  }
}

TEST(SizeTextTest, UsesTheLargestUnitThatDividesIt) {
  EXPECT_EQ(SizeText(0), "0");
  EXPECT_EQ(SizeText(1'000), "1000");
  EXPECT_EQ(SizeText(1'024), "1KiB");
  EXPECT_EQ(SizeText(1'025), "1025");
  EXPECT_EQ(SizeText(1'536 * 1'024), "1536KiB");
  EXPECT_EQ(SizeText(3 * 1'048'576), "3MiB");
}

TEST(SuggestionTest, IsTheNearestNameWithinTwoEdits) {
  constexpr std::array<std::string_view, 3> kKnown = {"listen", "workers", "worked"};
  EXPECT_EQ(Suggestion("lisen", kKnown), R"(; did you mean "listen"?)");
  EXPECT_EQ(Suggestion("lsiten", kKnown), R"(; did you mean "listen"?)");
  EXPECT_EQ(Suggestion("listening", kKnown), "");
  EXPECT_EQ(Suggestion("worker", kKnown), R"(; did you mean "workers"?)");
  EXPECT_EQ(Suggestion("wurked", kKnown), R"(; did you mean "worked"?)");
  EXPECT_EQ(Suggestion("journal", kKnown), "");
}

TEST(FloatTextTest, IsAFloatOfTomlAndReadsBack) {
  EXPECT_EQ(FloatText(40), "40.0");
  EXPECT_EQ(FloatText(-0.0), "-0.0");
  EXPECT_EQ(FloatText(0.1), "0.1");
  EXPECT_EQ(FloatText(1e300), "1e+300");
  EXPECT_EQ(FloatText(123456789012345683968.0), "123456789012345683968.0");
  EXPECT_EQ(FloatText(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(FloatText(std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(HidePasswordTest, LeavesUserHostAndDatabase) {
  EXPECT_EQ(HidePassword("redis://user:secret@host:6379/2"), "redis://user:***@host:6379/2");
  EXPECT_EQ(HidePassword("redis://:secret@host"), "redis://:***@host");
  EXPECT_EQ(HidePassword("unix://user:secret@/run/redis.sock"), "unix://user:***@/run/redis.sock");
  EXPECT_EQ(HidePassword("postgresql://user:secret@host/name?sslmode=require"),
            "postgresql://user:***@host/name?sslmode=require");
}

TEST(HidePasswordTest, HidesTheParameterOfAPostgresqlUrl) {
  EXPECT_EQ(HidePassword("postgresql://user@host/name?password=secret"),
            "postgresql://***@host/name?password=***");
  EXPECT_EQ(HidePassword("postgresql:///name?user=u&password=secret"),
            "postgresql:///name?user=u&password=***");
  EXPECT_EQ(HidePassword("postgresql://user:secret@host/name?sslpassword=secret"),
            "postgresql://user:***@host/name?sslpassword=***");
  EXPECT_EQ(Shown("postgresql:/name?password=secret"), "\"postgresql:/name?password=***\"");
}

TEST(HidePasswordTest, LeavesAUrlWithoutOneAsItIs) {
  for (const char* url :
       {"redis://127.0.0.1:6379/1", "redis://[::1]:6379", "unix:///run/a@b:c",
        "unix:///run/redis.sock", "sqlite:a@b:c", "sqlite:///a@b/c.db", "nonsense", ""}) {
    EXPECT_EQ(HidePassword(url), url);
  }
}

TEST(HidePasswordTest, HidesItInAUrlThatIsWrong) {
  for (const char* url :
       {"redis://secret@host", "redis://user:se@cret@host", "redis://user:secret/secret@host",
        "redis:user:secret@host", "user:secret@host:6379", "secret@host", "redis:///:secret@host",
        "--redsi=redis://:secret@host", "redis://user:secret://@host",
        "postgresql:///name?password=se@cret", "postgresql:///name?password=se&cret",
        "postgresql://user:x?password=secret@host", "postgresql://u:secret@h/n?password=se@cret"}) {
    EXPECT_EQ(HidePassword(url).find("cret"), std::string::npos) << HidePassword(url);
  }
}

}  // namespace
}  // namespace sluice
