#include "record/json_locator.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice {
namespace {

using namespace std::string_view_literals;

std::string Located(std::string_view text) {
  const RecordError error = LocateJsonFault(text);
  EXPECT_FALSE(error.detail.empty());
  std::string place = std::string(FaultCode(error.fault)) + " " + std::to_string(error.index);
  return error.pointer.empty() ? place : place + " " + error.pointer;
}

TEST(JsonLocatorTest, FindsBadUtf8WhereverItStands) {
  EXPECT_EQ(Located("\xFF"sv), "utf8 0");
  EXPECT_EQ(Located("{\"a\":\"\xFF\"}"sv), "utf8 0 /a");
  EXPECT_EQ(Located("{\"a\":\"\xC3\"}"sv), "utf8 0 /a") << "cut short by the quote";
  EXPECT_EQ(Located("{\"a\":{\"b\":[1,\"\xED\xA0\x80\"]}}"sv), "utf8 0 /a/b/1");
  EXPECT_EQ(Located("{\"a\":1,\"\xFF\":2}"sv), "utf8 0") << "in a name";
  EXPECT_EQ(Located("{\"a\":1}\xFF"sv), "utf8 0");
  EXPECT_EQ(Located("{\"a\":\"\\\xFF\"}"sv), "utf8 0 /a") << "behind a backslash";
}

TEST(JsonLocatorTest, FindsControlCharactersInStrings) {
  EXPECT_EQ(Located("{\"a\":\"x\ny\"}"sv), "json 0 /a");
  EXPECT_EQ(Located("[{\"a\":1},{\"b\":\"\0\"}]"sv), "json 1 /1/b");
  EXPECT_EQ(Located("[{\"a\":1},{\"b\":\"\\\n\"},{}]"sv), "json 1 /1/b");
}

TEST(JsonLocatorTest, FindsWhereATextEndsTooEarly) {
  EXPECT_EQ(Located("{\"a\":\"x"), "json 0 /a");
  EXPECT_EQ(Located("{\"a\":1"), "json 0 /a");
  EXPECT_EQ(Located("{\"a\":{\"b\":"), "json 0 /a/b");
  EXPECT_EQ(Located("[{\"a\":1},"), "json 1 /1");
  EXPECT_EQ(Located("[1,2,[3,"), "json 2 /2/1");
  EXPECT_EQ(Located("{\"a\":\"\\"), "json 0 /a");
}

TEST(JsonLocatorTest, FindsWhatStandsBehindTheText) {
  EXPECT_EQ(Located("{\"a\":1} x"), "trailing 0");
  EXPECT_EQ(Located("{\"a\":1}{}"), "trailing 0");
  EXPECT_EQ(Located("[]]"), "trailing 0");
  EXPECT_EQ(Located("\"a\" 1"), "trailing 0");
}

TEST(JsonLocatorTest, FindsABracketThatClosesNothing) {
  EXPECT_EQ(Located("}"), "json 0");
  EXPECT_EQ(Located("],"), "json 0");
  EXPECT_EQ(Located(", {"), "json 0");
}

TEST(JsonLocatorTest, CountsTheRecordsBeforeTheFault) {
  EXPECT_EQ(Located("[{\"a\":[1,2,3]},{\"a\":{\"b\":[{},{\"\xFF"sv), "utf8 1 /1/a/b/1");
  EXPECT_EQ(Located("{\"data\":[{\"a\":1},{\"a\":2},{\"a\":\"\xFF\"}]}"sv), "utf8 2 /data/2/a");
  EXPECT_EQ(Located("{\"dat\":[{},{\"a\":\"\xFF\"}]}"sv), "utf8 0 /dat/1/a")
      << "another array than that of the records";
}

TEST(JsonLocatorTest, BracketsAndCommasInStringsAreText) {
  EXPECT_EQ(Located("[\"],[\\\"}{\",{\"a,b\":\"\xFF\"}]"sv), "utf8 1 /1/a,b");
}

TEST(JsonLocatorTest, ItsPointerIsEscapedAndBounded) {
  EXPECT_EQ(Located("{\"a/b~c\":\"\xFF\"}"sv), "utf8 0 /a~1b~0c");
  std::string deep;
  for (int i = 0; i < 1'000; ++i) deep += "{\"k\":";
  EXPECT_EQ(Located(deep + "\xFF"), "utf8 0 /k/k/k/k/k/k/k/k");
}

}  // namespace
}  // namespace sluice
