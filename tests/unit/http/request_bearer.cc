// Authorization in a request's head: what is a bearer token, and what is none.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sluice/base/limits.h"
#include "unit/http/parsing.h"

namespace sluice {
namespace {

std::string ParsedBearer(const std::string& fields) {
  const std::string text = Parsed("POST /a HTTP/1.1\r\nHost: g\r\n" + fields + "\r\n");
  constexpr std::string_view kFront = "start, POST /a";
  constexpr std::string_view kBack = ", end";
  if (!text.starts_with(kFront) || !text.ends_with(kBack)) return text;
  return text.substr(kFront.size(), text.size() - kFront.size() - kBack.size());
}

// RFC 9110 section 11.1: the scheme in any case; RFC 6750 section 2.1: b64token.
TEST(RequestBearerTest, IsTheTokenBehindTheScheme) {
  EXPECT_EQ(ParsedBearer("Authorization: Bearer aZ09-._~+/\r\n"), " bearer=aZ09-._~+/");
  EXPECT_EQ(ParsedBearer("Authorization: bEARER abc==\r\n"), " bearer=abc==");
  EXPECT_EQ(ParsedBearer("AUTHORIZATION:Bearer   abc  \r\n"), " bearer=abc");
  const std::string longest(kBearerBytesMax, 'a');
  EXPECT_EQ(ParsedBearer("Authorization: Bearer " + longest + "\r\n"), " bearer=" + longest);
}

TEST(RequestBearerTest, AnotherSchemeIsNoBearersBusiness) {
  for (const char* value :
       {"Basic dXNlcjpwYXNz", "Bearers abc", "Digest a=b", "", "\"Bearer\" a"}) {
    EXPECT_EQ(ParsedBearer("Authorization: " + std::string(value) + "\r\n"), "") << value;
  }
  EXPECT_EQ(ParsedBearer(""), "");
}

TEST(RequestBearerTest, WhatCannotBeATokenIsBad) {
  for (const std::string& value :
       {std::string("Bearer"), std::string("Bearer =="), std::string("Bearer a b"),
        std::string("Bearer a=b"), std::string("Bearer a,b"), std::string("Bearer \"a\""),
        std::string("Bearer \xC3\xA4"), "Bearer " + std::string(kBearerBytesMax + 1, 'a')}) {
    EXPECT_EQ(ParsedBearer("Authorization: " + value + "\r\n"), " bad-bearer") << value;
  }
}

// RFC 9110 section 5.3: no list, so nobody can say which one is meant.
TEST(RequestBearerTest, SeveralFieldsAreBadWhateverTheySay) {
  for (const char* other : {"Bearer abc", "Bearer abd", "Basic dXNlcjpwYXNz", "Bearer a b"}) {
    const std::string another = "Authorization: " + std::string(other) + "\r\n";
    EXPECT_EQ(ParsedBearer("Authorization: Bearer abc\r\n" + another), " bad-bearer") << other;
    EXPECT_EQ(ParsedBearer(another + "X: y\r\nAuthorization: Bearer abc\r\n"), " bad-bearer");
  }
}

TEST(RequestBearerTest, ARequestDoesNotInheritTheLastOnes) {
  Parsing parsing;
  parsing.Feed("POST /a HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer abc\r\n\r\n");
  parsing.Feed("POST /a HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer\r\n\r\n");
  parsing.Feed("POST /a HTTP/1.1\r\nHost: g\r\n\r\n");
  EXPECT_EQ(parsing.text(),
            "start, POST /a bearer=abc, end, start, POST /a bad-bearer, end, start, POST /a, end");
}

}  // namespace
}  // namespace sluice
