// What readers before this one may take for the end of a head or of a body and this one not, or the
// other way round: all of it is refused, however the reads are cut.
#include <gtest/gtest.h>

#include <string>

#include "support/hostile_requests.h"
#include "unit/http/parsing.h"

namespace sluice {
namespace {

using namespace std::string_literals;

std::string Get(const std::string& fields) {
  return "GET /a HTTP/1.1\r\nHost: gate\r\n" + fields + "\r\n";
}
std::string Chunked(const std::string& chunks) {
  return "POST /a HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

// RFC 9112 section 2.2 lets a server take a bare LF for a line's end, and so lets others not.
TEST(RequestSmugglingTest, ABareLfEndsNoLine) {
  for (const std::string& request :
       {"GET /a HTTP/1.1\nHost: gate\r\n\r\n"s, "GET /a HTTP/1.1\r\nHost: gate\n\r\n"s,
        "GET /a HTTP/1.1\r\nHost: gate\r\n\n"s, "GET /a HTTP/1.1\nHost: gate\n\n"s,
        "GET /a HTTP/1.1\r\nX:\nHost: gate\r\n\r\n"s,
        "GET /a HTTP/1.1\r\nHost: gate\r\nContent-Length: 5\n\r\nhello"s}) {
    const std::string text = Parsed(request);
    EXPECT_TRUE(text == "start, 400 malformed" || text == "start, 400 length")
        << testing::PrintToString(request) << text;
  }
}

TEST(RequestSmugglingTest, ABareLfEndsNoChunkedBody) {
  const std::string head = "start, POST /a chunked, ";
  EXPECT_EQ(Parsed(Chunked("0\r\n\n") + Get("")), head + "400 malformed");
  EXPECT_EQ(Parsed(Chunked("1\r\nx\r\n0\r\n\n")), head + "body x, 400 malformed");
  EXPECT_EQ(Parsed(Chunked("0\r\nX: y\r\n\n")), head + "400 malformed");
  EXPECT_EQ(Parsed(Chunked("0\r\nX: y\n\r\n")), head + "400 malformed");
  EXPECT_EQ(Parsed(Chunked("0\n\r\n")), head + "400 malformed");
}

TEST(RequestSmugglingTest, ATrailerNamesNoLengthOfItsOwn) {
  const std::string read = "start, POST /a chunked, body x, end, start, GET /a, end";
  for (const char* trailer : {"Content-Length: 40\r\n", "Host: b\r\nHost: c\r\n",
                              "Connection: upgrade\r\nUpgrade: h2c\r\n", "Expect: tea\r\n"}) {
    EXPECT_EQ(Parsed(Chunked("1\r\nx\r\n0\r\n"s + trailer + "\r\n") + Get("")), read) << trailer;
  }
}

// RFC 9112 section 7.1.1.
TEST(RequestSmugglingTest, ChunkLinesMayTakeAsMuchAsAHead) {
  const ParserLimits limits{200, kHeaderCountMax};
  constexpr size_t kLine = 200 + kChunkLineBytesFree;
  const std::string head = "start, POST /a chunked, ";
  for (const size_t over : {0u, 1u}) {
    const std::string extension = "1;" + std::string(kLine - 4 + over, 'e') + "\r\n";
    EXPECT_EQ(Parsed(Chunked(extension + "x\r\n0\r\n\r\n"), limits),
              head + (over == 0 ? "body x, end" : "413 chunks"));
    const std::string zeros = std::string(kLine - 3 + over, '0') + "1\r\n";
    EXPECT_EQ(Parsed(Chunked(zeros + "x\r\n0\r\n\r\n"), limits),
              head + (over == 0 ? "body x, end" : "413 chunks"));
    const std::string trailer = "0\r\nT: " + std::string(kLine - 10 + over, 't') + "\r\n\r\n";
    EXPECT_EQ(Parsed(Chunked(trailer), limits), head + (over == 0 ? "end" : "413 chunks"));
  }
}

TEST(RequestSmugglingTest, ChunkLinesAddUp) {
  const ParserLimits limits{200, kHeaderCountMax};
  std::string chunks;
  for (int i = 0; i < 60; ++i) chunks += "1;extension=twenty\r\nx\r\n";
  EXPECT_TRUE(ParsedInPieces(Chunked(chunks), 7, limits).ends_with("x, 413 chunks"));
  std::string small;
  for (int i = 0; i < 500; ++i) small += "1\r\nx\r\n";
  EXPECT_TRUE(ParsedInPieces(Chunked(small + "0\r\n\r\n"), 7, limits).ends_with("x, end"));
}

TEST(RequestSmugglingTest, TrailersAreNoPlaceToHideIn) {
  const ParserLimits limits{200, kHeaderCountMax};
  std::string trailers = "0\r\n";
  for (int i = 0; i < 100; ++i) trailers += "T: u\r\n";
  EXPECT_EQ(Parsed(Chunked(trailers), limits), "start, POST /a chunked, 413 chunks");
}

TEST(RequestSmugglingTest, EachBodyHasABoundOfItsOwn) {
  const ParserLimits limits{200, kHeaderCountMax};
  const std::string request = Chunked("1;" + std::string(150, 'e') + "\r\nx\r\n0\r\n\r\n");
  const std::string read = "start, POST /a chunked, body x, end";
  EXPECT_EQ(Parsed(request + request + request, limits), read + ", " + read + ", " + read);
}

TEST(RequestSmugglingTest, AHostileRequestIsTheSameHoweverItIsCut) {
  ParserRoom room;  // a known head changes nothing either
  for (const HostileRequest& each : AllHostileRequests()) {
    const std::string bytes = each.bytes + Get("");
    const std::string whole = ParsedInPieces(bytes, bytes.size());
    for (size_t cut = bytes.size() > 1'000 ? bytes.size() : 0; cut <= bytes.size(); ++cut) {
      Parsing parsing(Parsing::kUsual, &room);
      parsing.Feed(std::string_view(bytes).substr(0, cut));
      parsing.Feed(std::string_view(bytes).substr(cut));
      ASSERT_EQ(parsing.text(), whole) << each.name << " cut at " << cut;
    }
    const bool went_on = whole.ends_with(", start, GET /a, end");
    const bool refused = whole.find(", " + std::to_string(each.status) + " ") != whole.npos;
    if (each.after == HostileRequest::After::kGoesOn) {
      EXPECT_TRUE(went_on) << each.name << ": " << whole;
    } else {  // or the handler's refusal, which the session sees to
      EXPECT_TRUE(refused || went_on || each.status == 413) << each.name << ": " << whole;
    }
  }
}

}  // namespace
}  // namespace sluice
