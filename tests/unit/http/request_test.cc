#include "sluice/http/request.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/http/parsing.h"

namespace sluice {
namespace {

using namespace std::string_literals;

std::string Get(const std::string& fields) {
  return "GET /a HTTP/1.1\r\nHost: gate\r\n" + fields + "\r\n";
}
std::string Post(const std::string& fields, const std::string& body) {
  return "POST /a HTTP/1.1\r\nHost: gate\r\n" + fields + "\r\n" + body;
}
// A request with these further fields; its head as the parser tells it, without "start" and "end".
std::string HeadOf(const std::string& fields, const std::string& line = "GET /a HTTP/1.1") {
  const std::string text = Parsed(line + "\r\nHost: gate\r\n" + fields + "\r\n");
  constexpr size_t kBefore = std::string_view("start, ").size();
  constexpr size_t kAround = std::string_view("start, , end").size();
  return text.ends_with(", end") ? text.substr(kBefore, text.size() - kAround) : text;
}

std::string TargetOf(const std::string& target) {
  return HeadOf("", "POST " + target + " HTTP/1.1");
}

TEST(ContentTypeTest, JsonIsApplicationJson) {
  for (const char* value :
       {"application/json", "Application/JSON", "application/json;charset=utf-8",
        "application/json ; charset=\"utf-8\"", "application/json\t;", "application/json;"}) {
    EXPECT_EQ(ParseContentType(value), BodyFormat::kJson) << value;
  }
}

TEST(ContentTypeTest, JsonIsEveryApplicationTypeWithItsSuffix) {
  for (const char* value : {"application/vnd.acme.vitals+json", "application/ld+JSON; profile=x",
                            "APPLICATION/a+json"}) {
    EXPECT_EQ(ParseContentType(value), BodyFormat::kJson) << value;
  }
}

TEST(ContentTypeTest, LinesAreNdjson) {
  for (const char* value :
       {"application/x-ndjson", "application/X-NDJSON", "application/x-ndjson; charset=utf-8"}) {
    EXPECT_EQ(ParseContentType(value), BodyFormat::kNdjson) << value;
  }
}

TEST(ContentTypeTest, EverythingElseIsNeither) {
  for (const char* value :
       {"", ";", "text/plain", "text/json", "application/jsonx", "application/json-seq",
        "application/json+xml", "xapplication/json", "application/+json", "application/json2",
        "application", "application/", "+json", "image/svg+json", "application/x-ndjson+xml",
        "application/json, text/plain", "application/x-www-form-urlencoded",
        "multipart/form-data"}) {
    EXPECT_EQ(ParseContentType(value), BodyFormat::kOther) << value;
  }
}

TEST(RequestHeadTest, SaysTheFormatOfTheBody) {
  EXPECT_EQ(HeadOf(""), "GET /a");
  EXPECT_EQ(HeadOf("Content-Type: application/json; charset=utf-8\r\n"), "GET /a");
  EXPECT_EQ(HeadOf("content-TYPE:\t application/x-ndjson \t\r\n"), "GET /a ndjson");
  EXPECT_EQ(HeadOf("Content-Type: text/plain\r\n"), "GET /a other-type");
  EXPECT_EQ(HeadOf("Content-Type:\r\n"), "GET /a other-type");
  EXPECT_EQ(HeadOf("X-Content-Type: text/plain\r\nContent-Typ: b\r\n"), "GET /a");
}

// ---- Idempotency-Key ---------------------------------------------------------------------------

TEST(IdempotencyKeyTest, IsWhatStandsBetweenItsQuotes) {
  EXPECT_EQ(ParseIdempotencyKey(R"("8e03978e-40d5-43dd")"), "8e03978e-40d5-43dd");
  EXPECT_EQ(ParseIdempotencyKey(R"(" ~")"), " ~");
  EXPECT_EQ(ParseIdempotencyKey(R"("a\"\\b")"), R"(a\"\\b)") << "escapes stay as they are";
}

TEST(IdempotencyKeyTest, HasABound) {
  const std::string longest(kIdempotencyKeyBytesMax, 'k');
  EXPECT_EQ(ParseIdempotencyKey("\"" + longest + "\""), longest);
  EXPECT_EQ(ParseIdempotencyKey("\"" + longest + "k\""), "");
  std::string escapes;
  for (size_t i = 0; i < kIdempotencyKeyBytesMax; ++i) escapes += "\\\\";
  EXPECT_EQ(ParseIdempotencyKey("\"" + escapes + "\""), escapes) << "an escape is one character";
  EXPECT_EQ(ParseIdempotencyKey("\"" + escapes + "k\""), "");
}

TEST(IdempotencyKeyTest, EverythingElseIsNone) {
  for (const std::string& value :
       {""s, "\""s, "\"\""s, "key"s, "'key'"s, "\"key"s, "key\""s, "\"a\"b\""s, "\"a\\\""s,
        "\"a\\b\""s, "\"\\\""s, "\"a\tb\""s, "\"\x7F\""s, "\"\xC3\xA4\""s, "\"a\";p=1"s,
        "\"a\", \"b\""s, ":YQ==:"s, "1"s}) {
    EXPECT_EQ(ParseIdempotencyKey(value), "") << testing::PrintToString(value);
  }
}

TEST(RequestHeadTest, SaysTheIdempotencyKey) {
  EXPECT_EQ(HeadOf(""), "GET /a");
  EXPECT_EQ(HeadOf("Idempotency-Key: \"k 1\"\r\n"), "GET /a key=k 1");
  EXPECT_EQ(HeadOf("idempotency-KEY:\"k\" \t\r\nX: a longer one behind it\r\n"), "GET /a key=k");
  EXPECT_EQ(HeadOf("Idempotency-Key: k\r\n"), "GET /a bad-key");
  EXPECT_EQ(HeadOf("Idempotency-Key:\r\n"), "GET /a bad-key");
}

TEST(RequestHeadTest, AnIdempotencyKeyIsThereOnce) {
  const std::string good = "Idempotency-Key: \"k\"\r\n";
  const std::string bad = "Idempotency-Key: k\r\n";
  for (const std::string& fields : {good + good, good + bad, bad + good}) {
    EXPECT_EQ(HeadOf(fields), "GET /a bad-key") << fields;
  }
  EXPECT_EQ(Parsed(Get(good) + Get("") + Get(bad) + Get(good)),
            "start, GET /a key=k, end, start, GET /a, end, start, GET /a bad-key, end, "
            "start, GET /a key=k, end");
}

TEST(RequestHeadTest, KnowsTheMethodsThatRoutesTake) {
  EXPECT_EQ(HeadOf("", "GET /a HTTP/1.1"), "GET /a");
  EXPECT_EQ(HeadOf("", "HEAD /a HTTP/1.1"), "HEAD /a");
  EXPECT_EQ(HeadOf("", "POST /a HTTP/1.1"), "POST /a");
  for (const char* method : {"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "M-SEARCH"}) {
    EXPECT_EQ(HeadOf("", std::string(method) + " /a HTTP/1.1"), "OTHER /a") << method;
  }
}

TEST(RequestHeadTest, ThePathEndsWhereTheQueryStarts) {
  EXPECT_EQ(TargetOf("/v1/vitals"), "POST /v1/vitals");
  EXPECT_EQ(TargetOf("/v1/vitals?a=/b?c"), "POST /v1/vitals");
  EXPECT_EQ(TargetOf("/v1/vitals#here"), "POST /v1/vitals");
  EXPECT_EQ(TargetOf("/?"), "POST /");
  EXPECT_EQ(TargetOf("//two"), "POST //two");
  EXPECT_EQ(TargetOf("/v1/%76itals"), "POST /v1/%76itals") << "no decoding";
  EXPECT_EQ(TargetOf("/a://b/c"), "POST /a://b/c");
}

// RFC 9112 section 3.2.2; RFC 3986 section 3.2 says where the authority ends.
TEST(RequestHeadTest, AnAbsoluteTargetIsItsPath) {
  EXPECT_EQ(TargetOf("http://gate:80/v1/vitals?q"), "POST /v1/vitals");
  EXPECT_EQ(TargetOf("HTTPS://gate/"), "POST /");
  EXPECT_EQ(TargetOf("http://gate"), "POST /");
  EXPECT_EQ(TargetOf("http://gate?q=/v1/vitals"), "POST /");
  EXPECT_EQ(TargetOf("http://gate?q"), "POST /");
}

TEST(RequestHeadTest, AnAsteriskStaysWhatItIs) {
  EXPECT_EQ(HeadOf("", "OPTIONS * HTTP/1.1"), "OTHER *");
}

// What follows is meant for a tunnel.
TEST(RequestHeadTest, AConnectIsRefused) {
  EXPECT_EQ(Parsed("CONNECT gate:80 HTTP/1.1\r\nHost: gate:80\r\n\r\n" + Get("")),
            "start, 501 method");
}

TEST(RequestHeadTest, SaysWhatIsExpected) {
  EXPECT_EQ(HeadOf("Expect: 100-continue\r\n"), "GET /a continue");
  EXPECT_EQ(HeadOf("expect:100-Continue \r\n"), "GET /a continue");
  EXPECT_EQ(HeadOf("Expect: tea\r\n"), "GET /a expects-other");
  EXPECT_EQ(HeadOf("Expect: 100-continue, tea\r\n"), "GET /a expects-other");
  EXPECT_EQ(HeadOf("Expect: 100-continue\r\nExpect: tea\r\n"), "GET /a continue expects-other");
}

// RFC 9112 section 9.3.
TEST(RequestHeadTest, TheConnectionStaysByVersionAndField) {
  EXPECT_EQ(HeadOf("Connection: close\r\n"), "GET /a close");
  EXPECT_EQ(HeadOf("Connection: x, Close\r\n"), "GET /a close");
  EXPECT_EQ(HeadOf("Connection: keep-alive\r\n"), "GET /a");
  EXPECT_EQ(HeadOf("Connection: closed\r\n"), "GET /a");
  EXPECT_EQ(HeadOf("", "GET /a HTTP/1.0"), "GET /a 1.0 close");
  EXPECT_EQ(HeadOf("Connection: Keep-Alive\r\n", "GET /a HTTP/1.0"), "GET /a 1.0");
}

TEST(RequestHeadTest, SaysTheLengthWhenThereIsOne) {
  EXPECT_EQ(HeadOf("Content-Length: 0\r\n"), "GET /a length=0");
  EXPECT_EQ(HeadOf("Content-Length:  00 \r\n"), "GET /a length=0");
  const std::string head =
      "POST /a HTTP/1.1\r\nHost: gate\r\nContent-Length: 18446744073709551615\r\n\r\n";
  EXPECT_EQ(Parsed(head), "start, POST /a length=18446744073709551615");
}

// ---- Heads that are refused --------------------------------------------------------------------

// Two readers could read its framing in two ways (RFC 9112 sections 6.1 to 6.3).
TEST(RequestHeadTest, AnAmbiguousLengthIsRefused) {
  for (const char* fields :
       {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: gzip\r\n",
        "Content-Length: 3\r\nContent-Length: 3\r\n", "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3, 3\r\n", "Content-Length: 3 3\r\n", "Content-Length: -3\r\n",
        "Content-Length: +3\r\n", "Content-Length: 0x3\r\n", "Content-Length: 3.0\r\n",
        "Content-Length:\r\n", "Content-Length: a\r\n", "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 3\r\n 3\r\n"}) {
    EXPECT_EQ(Parsed(Post(fields, "0\r\n\r\n")), "start, 400 length") << fields;
  }
}

TEST(RequestHeadTest, AnHttp10RequestIsNeverChunked) {
  EXPECT_EQ(Parsed("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            "start, 400 length");
}

TEST(RequestHeadTest, ChunkedIsTheOnlyCodingKnown) {
  for (const char* fields :
       {"Transfer-Encoding: gzip\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n", "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding:\r\n",
        "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: chunked;a=b\r\n",
        "Transfer-Encoding: identity\r\n", "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: chunked\t\r\n"}) {
    EXPECT_EQ(Parsed(Post(fields, "0\r\n\r\n")), "start, 501 coding") << fields;
  }
  for (const char* value : {"chunked", "Chunked", " \tCHUNKED "}) {
    EXPECT_EQ(Parsed(Post("transfer-encoding:"s + value + "\r\n", "0\r\n\r\n")),
              "start, POST /a chunked, end");
  }
}

TEST(RequestHeadTest, AHostIsThereOnce) {
  ExpectParsed({
      {"GET /a HTTP/1.1\r\n\r\n", "start, 400 host"},
      {"GET /a HTTP/1.1\r\nHos: a\r\nHostt: b\r\n\r\n", "start, 400 host"},
      {Get("Host: gate\r\n"), "start, 400 host"},
      {Get("hOST: other\r\n"), "start, 400 host"},
      {"GET /a HTTP/1.1\r\nHost:\r\n\r\n", "start, GET /a, end"},
      {"GET /a HTTP/1.0\r\n\r\n", "start, GET /a 1.0 close, end"},
      {"GET /a HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "start, 400 host"},
      {"GET /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "start, GET /a, end"},
      {"GET /a HTTP/1.1\r\nHost: a b/@:x\r\n\r\n", "start, 400 malformed"},
  });
}

TEST(RequestHeadTest, AnotherVersionIsRefused) {
  for (const char* version : {"HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/1.9", "HTTP/3.0", "HTTP/2",
                              "HTTP/11.1", "HTTP/1.11", "HTTP/1.1 ", "HTTP/1.1\rX: y"}) {
    EXPECT_EQ(Parsed("GET /a "s + version + "\r\nHost: gate\r\n\r\n"), "start, 505 version")
        << version;
  }
  EXPECT_EQ(Parsed("GET /a\r\n\r\n"), "start, 505 version") << "HTTP/0.9";
  EXPECT_EQ(Parsed("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "start, 505 version") << "h2c";
}

TEST(RequestHeadTest, AnUnknownMethodIsNotImplementedAndNoTokenIsMalformed) {
  for (const char* method : {"FOO", "get", "POSTX", "PO", "P-X", "G!", "1GET"}) {
    EXPECT_EQ(Parsed(std::string(method) + " /a HTTP/1.1\r\nHost: gate\r\n\r\n"),
              method == "PO"s ? "start, 400 malformed" : "start, 501 method")
        << method;
  }
  for (const std::string& bytes : {"\x16\x03\x01\x02\x00"s, "\0\0"s, "\x80\xFF"s, "{\"a\":1}"s,
                                   " GET /a"s, "GET\r\n"s, "GE\0 /a"s, "(GET"s, "/a"s}) {
    EXPECT_EQ(Parsed(bytes), "start, 400 malformed") << testing::PrintToString(bytes);
  }
}

TEST(RequestHeadTest, AMalformedLineOrFieldIsRefused) {
  for (const std::string& request : {"GET /a HTTP/1.1\r\n Host: gate\r\n\r\n"s,
                                     "GET /a HTTQ/1.1\r\nHost: gate\r\n\r\n"s,
                                     "GET /\xFF HTTP/1.1\r\nHost: gate\r\n\r\n"s,
                                     "GET /a\0b HTTP/1.1\r\nHost: gate\r\n\r\n"s,
                                     "GET /a\x7F HTTP/1.1\r\n\r\n"s,
                                     "GET /a http/1.1\r\nHost: gate\r\n\r\n"s,
                                     "GET a HTTP/1.1\r\n\r\n"s,
                                     Get("X : a\r\n"),
                                     Get("X\r\n"),
                                     Get(": a\r\n"),
                                     Get("X y: a\r\n"),
                                     Get("X\0: a\r\n"s),
                                     Get("X: a\0b\r\n"s),
                                     Get("X: a\x01\r\n"),
                                     Get("X: a\x7F\r\n"),
                                     Get("X: a\rb\r\n"),
                                     Get("X: a\n"),
                                     Get("\xC3\xA4: a\r\n"),
                                     Get("X(: a\r\n"),
                                     "GET /a HTTP/1.1\r\nHost: gate\r\n\rx"s}) {
    EXPECT_EQ(Parsed(request), "start, 400 malformed") << testing::PrintToString(request);
  }
  EXPECT_EQ(Parsed(Get("X: \xC3\xA4\t\x80\xFF\r\n!#$%&'*+-.^_`|~9aZ: b\r\n")), "start, GET /a, end")
      << "obs-text and every token character are sound";
}

// RFC 9112 section 5.2.
TEST(RequestHeadTest, AFoldedFieldIsRefused) {
  for (const char* fields :
       {"X: a\r\n b\r\n", "X: a\r\n\tb\r\n", "X: a \r\n \r\n c\r\n", "X: a\r\n \r\n",
        "Host2: a\r\n b\r\nY: c\r\n", "Transfer-Encoding: chunked\r\n , gzip\r\n",
        "Content-Type: application/json\r\n ; a=b\r\n", "X:\r\n a\r\n", "X: \r\n\ta\r\n",
        "X:\r\n \r\n", "Transfer-Encoding:\r\n chunked\r\n", "Content-Length:\r\n 5\r\n"}) {
    EXPECT_EQ(Parsed(Get(fields)), "start, 400 malformed") << fields;
  }
}

}  // namespace
}  // namespace sluice
