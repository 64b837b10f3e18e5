// Content-Encoding: what its value means, and that a head carries it however it came.
#include <gtest/gtest.h>

#include <string>

#include "unit/http/parsing.h"

namespace sluice {
namespace {

std::string Head(const std::string& fields) {
  return "POST /a HTTP/1.1\r\nHost: g\r\n" + fields + "Content-Length: 3\r\n\r\nabc";
}

TEST(ContentEncodingTest, GzipHasTwoNames) {
  for (const char* value : {"gzip", "x-gzip", "GZip", "X-GZIP", "gzip,", " , gzip"}) {
    EXPECT_EQ(ParseContentEncoding(value), ContentCoding::kGzip) << value;
  }
}

TEST(ContentEncodingTest, IdentityOrNothingIsNoCoding) {
  for (const char* value : {"", "identity", "Identity", ",", " ,, "}) {
    EXPECT_EQ(ParseContentEncoding(value), ContentCoding::kIdentity) << value;
  }
}

TEST(ContentEncodingTest, AnythingElseIsAnother) {
  for (const char* value : {"br", "deflate", "compress", "gzip, gzip", "identity, gzip", "gzip;q=1",
                            "\"gzip\"", "gzi", "gzipp", "*"}) {
    EXPECT_EQ(ParseContentEncoding(value), ContentCoding::kOther) << value;
  }
}

TEST(ContentEncodingTest, AHeadCarriesItFromAnyCut) {
  const std::string bytes = Head("Content-Encoding: x-gzip\r\n");
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    Parsing parsing;
    parsing.Feed(std::string_view(bytes).substr(0, cut));
    parsing.Feed(std::string_view(bytes).substr(cut));
    ASSERT_EQ(parsing.text(), "start, POST /a length=3 gzip, body abc, end") << cut;
  }
}

TEST(ContentEncodingTest, TwoFieldsAreMoreThanOneCoding) {
  Parsing parsing;
  parsing.Feed(Head("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"));
  EXPECT_EQ(parsing.text(), "start, POST /a length=3 other-coding, body abc, end");
}

TEST(ContentEncodingTest, AKnownHeadCarriesIt) {
  ParserRoom room;
  Parsing parsing(Parsing::kUsual, &room);
  const std::string gzip = Head("Content-Encoding: gzip\r\n");
  parsing.Feed(gzip);
  parsing.Feed(gzip);
  const std::string expected = "start, POST /a length=3 gzip, body abc, end";
  EXPECT_EQ(parsing.text(), expected + ", " + expected);
  parsing.ForgetText();
  parsing.Feed(Head(""));
  EXPECT_EQ(parsing.text(), "start, POST /a length=3, body abc, end");
}

}  // namespace
}  // namespace sluice
