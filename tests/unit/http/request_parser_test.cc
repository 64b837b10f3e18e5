#include "sluice/http/request_parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sluice/base/random.h"
#include "unit/http/parsing.h"

namespace sluice {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string Get(const std::string& fields) {
  return "GET /a HTTP/1.1\r\nHost: gate\r\n" + fields + "\r\n";
}
std::string Post(const std::string& fields, const std::string& body) {
  return "POST /a HTTP/1.1\r\nHost: gate\r\n" + fields + "\r\n" + body;
}
std::string Chunked(const std::string& chunks) {
  return Post("Transfer-Encoding: chunked\r\n", chunks);
}

TEST(RequestParserTest, ABodyIsAsLongAsItsLengthSays) {
  ExpectParsed({
      {Get(""), "start, GET /a, end"},
      {Post("Content-Length: 5\r\n", "hello"), "start, POST /a length=5, body hello, end"},
      {Post("Content-Length: 6\r\n", "hello"), "start, POST /a length=6, body hello"},
      {Post("Content-Length: 0\r\n", ""), "start, POST /a length=0, end"},
      {Post("", ""), "start, POST /a, end"},
  });
}

TEST(RequestParserTest, ABodyMayHoldAnyByte) {
  std::string body;
  for (int byte = 0; byte < 256; ++byte) body += static_cast<char>(byte);
  EXPECT_EQ(Parsed(Post("Content-Length: 256\r\n", body)),
            "start, POST /a length=256, body " + body + ", end");
}

TEST(RequestParserTest, RequestsFollowEachOther) {
  const std::string post = Post("Content-Length: 2\r\n", "ab");
  const std::string read_post = "start, POST /a length=2, body ab, end";
  EXPECT_EQ(Parsed(post + Get("") + post), read_post + ", start, GET /a, end, " + read_post);
  EXPECT_EQ(Parsed("\r\n\r\n" + post + "\r\n" + Chunked("0\r\n\r\n") + post),
            read_post + ", start, POST /a chunked, end, " + read_post)
      << "empty lines between requests are skipped (RFC 9112 section 2.2)";
}

TEST(RequestParserTest, NothingOfARequestIsLeftForTheNext) {
  const std::string rich =
      Post("Content-Type: text/plain\r\nExpect: x\r\nContent-Length: 1\r\n", "a");
  EXPECT_EQ(Parsed(rich + Get("Connection: close\r\n")),
            "start, POST /a length=1 other-type expects-other, body a, end, "
            "start, GET /a close, end");
  EXPECT_EQ(Parsed(Get("") + "GET /a HTTP/1.1\r\n\r\n"), "start, GET /a, end, start, 400 host");
}

TEST(RequestParserTest, NothingMayFollowARequestThatCloses) {
  EXPECT_EQ(Parsed(Get("Connection: close\r\n") + "\r\nG"),
            "start, GET /a close, end, 400 malformed");
}

TEST(RequestParserTest, ChunksAreOneBody) {
  ExpectParsed({
      {Chunked("0\r\n\r\n"), "start, POST /a chunked, end"},
      {Chunked("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
       "start, POST /a chunked, body hello world, end"},
      {Chunked("00A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n"),
       "start, POST /a chunked, body 01234567890123456789, end"},
      {Chunked("1;a;b=c\r\nx\r\n0;last\r\n\r\n"), "start, POST /a chunked, body x, end"},
      {Chunked("1\r\nx\r\n0\r\nA: b\r\nHost: again\r\nContent-Length: 7\r\n\r\n") + Get(""),
       "start, POST /a chunked, body x, end, start, GET /a, end"},
      {Chunked("1\r\nx\r\n0\r\n"), "start, POST /a chunked, body x"},
  });
}

TEST(RequestParserTest, AFaultyChunkIsRefused) {
  for (const std::string& size :
       {""s, " 5"s, "5 "s, "0x5"s, "-5"s, "+5"s, "g"s, "5,"s, "5;"s, "5;a=\0"s, "5;a=\x7F"s,
        "10000000000000000"s, "fffffffffffffffff"s}) {
    EXPECT_EQ(Parsed(Chunked(size + "\r\nhello\r\n0\r\n\r\n")),
              "start, POST /a chunked, 400 malformed")
        << testing::PrintToString(size);
  }
  for (const char* end : {"", "\n", "\r", "x\r\n", "\rx", "\r\r\n"}) {
    EXPECT_EQ(Parsed(Chunked("5\r\nhello"s + end + "0\r\n\r\n")),
              "start, POST /a chunked, body hello, 400 malformed")
        << testing::PrintToString(end);
  }
  EXPECT_EQ(Parsed(Chunked("5\nhello\r\n0\r\n\r\n")), "start, POST /a chunked, 400 malformed");
}

TEST(RequestParserTest, AnUpgradeIsReadPast) {
  const std::string upgrade = "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\n";
  ExpectParsed({
      {Get(upgrade) + Get(""), "start, GET /a, end, start, GET /a, end"},
      {Post(upgrade + "Content-Length: 2\r\n", "ab") + Get(""),
       "start, POST /a length=2, body ab, end, start, GET /a, end"},
      {Chunked("0\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n") + Get(""),
       "start, POST /a chunked, end, start, GET /a, end"},
  });
}

// ---- Stopping between requests -----------------------------------------------------------------

TEST(RequestParserTest, APauseStopsBehindTheRequest) {
  const std::vector<std::string> requests = {Get(""), Post("Content-Length: 2\r\n", "ab"),
                                             Chunked("1\r\nx\r\n0\r\nA: b\r\n\r\n"),
                                             Get("X: y\r\n")};
  std::string raw;
  for (const std::string& request : requests) raw += request;
  Parsing parsing;
  parsing.PauseAtEachEnd();
  for (const std::string& request : requests) {
    ASSERT_EQ(parsing.Feed(raw), request.size());
    raw.erase(0, request.size());
  }
  EXPECT_EQ(parsing.text(),
            "start, GET /a, end, start, POST /a length=2, body ab, end, "
            "start, POST /a chunked, body x, end, start, GET /a, end");
}

TEST(RequestParserTest, APauseLosesNothingHoweverTheReadsAreCut) {
  const std::string raw = Get("") + Post("Content-Length: 2\r\n", "ab") + Get("");
  for (size_t piece = 1; piece <= raw.size(); ++piece) {
    Parsing parsing;
    parsing.PauseAtEachEnd();
    for (size_t at = 0; at < raw.size();) {
      const size_t taken = parsing.Feed(std::string_view(raw).substr(at, piece));
      ASSERT_GT(taken, 0u) << "no progress";
      at += taken;
    }
    ASSERT_EQ(parsing.text(), ParsedInPieces(raw, raw.size())) << "pieces of " << piece;
  }
}

TEST(RequestParserTest, APauseHoldsForOneRequest) {
  Parsing parsing;
  parsing.PauseAtEachEnd();
  ASSERT_EQ(parsing.Feed(Get("")), Get("").size());
  parsing.PauseNoMore();
  parsing.Feed(Get("") + Get(""));
  EXPECT_EQ(parsing.text(), "start, GET /a, end, start, GET /a, end, start, GET /a, end");
}

TEST(RequestParserTest, AnEmptyReadChangesNothing) {
  Parsing parsing;
  for (const char c : Post("Content-Length: 1\r\n", "x")) {
    EXPECT_EQ(parsing.Feed({}), 0u);
    parsing.Feed({&c, 1});
  }
  EXPECT_EQ(parsing.text(), "start, POST /a length=1, body x, end");
}

TEST(RequestParserDeathTest, AFailedParserIsFedNoMore) {
  EventText events;
  ParserRoom room;
  RequestParser parser(Parsing::kUsual, room, events);
  parser.Feed("\x16");
  ASSERT_TRUE(parser.failed());
  EXPECT_DEATH(parser.Feed("GET"), "invariant broken");
}

// ---- Limits ------------------------------------------------------------------------------------

// Heads of exactly `size` bytes, each made long by another part.
std::vector<std::string> HeadsOf(size_t size) {
  const std::vector<std::pair<std::string, std::string>> around = {
      {"GET /a HTTP/1.1\r\nHost: gate\r\nX: ", "x\r\n\r\n"},     // a value
      {"GET /a HTTP/1.1\r\nHost: gate\r\nX:", "\r\n\r\n"},       // and with nothing before it
      {"GET /a HTTP/1.1\r\nHost: gate\r\n", "Name: x\r\n\r\n"},  // a name
      {"GET /", " HTTP/1.1\r\nHost: gate\r\n\r\n"}};             // the target
  std::vector<std::string> heads;
  for (const auto& [before, after] : around) {
    heads.push_back(before + std::string(size - before.size() - after.size(), 'x') + after);
  }
  const auto& [before, after] = around[0];
  const std::string spaces(size - before.size() - after.size(), ' ');
  heads.push_back(before + spaces + after);                                        // before a value
  heads.push_back(before + "x" + spaces.substr(1) + after);                        // inside it
  heads.push_back(before + "x" + spaces + after.substr(1));                        // behind it
  heads.push_back("GET " + spaces + "/a HTTP/1.1\r\nHost: gate\r\nX: x\r\n\r\n");  // in the line
  return heads;
}

TEST(RequestParserLimitsTest, AHeadMayHaveAsManyBytesAsItsLimit) {
  for (const size_t limit : {256u, 1'000u, 4'096u}) {
    const ParserLimits limits{limit, kHeaderCountMax};
    for (size_t over = 0; over <= 2; ++over) {
      for (const std::string& head : HeadsOf(limit + over)) {
        ASSERT_EQ(head.size(), limit + over);
        const std::string whole = ParsedInPieces(head, head.size(), limits);
        EXPECT_TRUE(over == 0 ? whole.ends_with(", end") : whole == "start, 431 head")
            << limit << "+" << over << ": " << whole << "\n"
            << head;
        EXPECT_EQ(ParsedInPieces(head, 1, limits), whole) << head;
        EXPECT_EQ(ParsedInPieces(head, 97, limits), whole) << head;
        for (size_t cut = head.size() - 6; cut < head.size(); ++cut) {
          EXPECT_EQ(ParsedCutAt(head, cut, limits), whole) << head << " cut at " << cut;
        }
      }
    }
  }
}

TEST(RequestParserLimitsTest, AHeadWithoutEndIsRefusedAtItsLimit) {
  const std::string endless = Get("").substr(0, Get("").size() - 2) + std::string(200, 'x');
  const ParserLimits limits{200, kHeaderCountMax};
  EXPECT_EQ(Parsed(endless.substr(0, 200), limits), "start");
  EXPECT_EQ(Parsed(endless.substr(0, 201), limits), "start, 431 head");
}

TEST(RequestParserLimitsTest, WhatFollowsAHeadIsNotOfIt) {
  const std::string head = Post("Content-Length: 70000\r\n", "");
  const std::string body(70'000, 'b');
  for (const size_t over : {0u, 1u}) {
    const ParserLimits limits{head.size() - over, kHeaderCountMax};
    const std::string whole = ParsedInPieces(head + body, 1 << 20, limits);
    EXPECT_EQ(whole, over == 0 ? "start, POST /a length=70000, body " + body + ", end"
                               : "start, 431 head");
    for (const size_t piece : {1u, 1'000u, 65'536u}) {
      EXPECT_EQ(ParsedInPieces(head + body, piece, limits), whole) << piece;
    }
    const std::string pair = Parsed(Get("") + Get(""), {Get("").size() - over, kHeaderCountMax});
    EXPECT_EQ(pair, over == 0 ? "start, GET /a, end, start, GET /a, end" : "start, 431 head");
  }
}

TEST(RequestParserLimitsTest, AHeadMayHaveAsManyFieldsAsItsLimit) {
  const ParserLimits limits{kHeaderBytesMax, 3};
  EXPECT_EQ(Parsed(Get("A: b\r\nC: d\r\n"), limits), "start, GET /a, end");
  EXPECT_EQ(Parsed(Get("A: b\r\nC: d\r\nE: f\r\n"), limits), "start, 431 head");
  EXPECT_EQ(Parsed(Get("A: b\r\nA: b\r\nA: b\r\n"), limits), "start, 431 head");
  EXPECT_EQ(Parsed(Get("A: b\r\nC: d\r\n") + Get("A: b\r\nC: d\r\n"), limits),
            "start, GET /a, end, start, GET /a, end");
  EXPECT_EQ(Parsed(Chunked("0\r\nA: b\r\nC: d\r\nE: f\r\nG: h\r\n\r\n"), limits),
            "start, POST /a chunked, end")
      << "trailers are read past";
}

TEST(RequestParserLimitsTest, ARequestLineThatIsTooLongIs414) {
  const auto request = [](size_t line_bytes) {
    return "GET /" + std::string(line_bytes - 5, 'a') + " HTTP/1.1\r\nHost: gate\r\n\r\n";
  };
  for (const size_t piece : {1u, 1'000u, 100'000u}) {
    EXPECT_EQ(ParsedInPieces(request(kRequestLineBytesMax), piece).substr(0, 11), "start, GET ");
    EXPECT_EQ(ParsedInPieces(request(kRequestLineBytesMax + 1), piece), "start, 414 uri");
    EXPECT_EQ(ParsedInPieces(request(30'000), piece), "start, 414 uri");
    EXPECT_EQ(ParsedInPieces("GET /" + std::string(9'000, 'a') + "\xFF", piece), "start, 414 uri");
    EXPECT_EQ(ParsedInPieces(request(9'000), piece, {4'096, 64}), "start, 431 head")
        << "the head's limit comes first";
  }
}

TEST(RequestParserTest, MutatedRequestsAreReadTheSameHoweverTheyAreCut) {
  const std::string seeds[] = {
      Post("Content-Type: application/json\r\nContent-Length: 5\r\n", "hello") + Get("X:  y \r\n"),
      Chunked("5;a=b\r\nhello\r\n0\r\nT: u\r\n\r\n") + Get("Connection: close, x\r\n"),
      "POST http://gate/a?b HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
      Get("Transfer-Encoding: gzip, chunked\r\nUpgrade: h2c\r\nConnection: upgrade\r\n")};
  static constexpr std::string_view kBytes = "\r\n :,;\t\0/0aZ\x7F\xFF"sv;
  Random random(2026);
  for (int round = 0; round < 6'000; ++round) {
    std::string raw = seeds[random.Below(std::size(seeds))];
    for (uint64_t edits = random.Below(4); edits > 0; --edits) {
      const auto at = static_cast<size_t>(random.Below(raw.size()));
      const auto n = static_cast<size_t>(random.Below(8));
      const char byte = kBytes[random.Below(kBytes.size())];
      switch (random.Below(4)) {
        case 0:
          raw[at] = byte;
          break;
        case 1:
          raw.insert(at, 1 + n / 4, byte);
          break;
        case 2:
          raw.erase(at, n);
          break;
        default:
          raw.insert(at, raw.substr(random.Below(raw.size()), 4 * n));
      }
      if (raw.empty()) raw = "\r";
    }
    const ParserLimits limits{40 + random.Below(200), 1 + static_cast<uint32_t>(random.Below(6))};
    const std::string whole = ParsedInPieces(raw, raw.size(), limits);
    const auto cut = static_cast<size_t>(random.Below(raw.size() + 1));
    ASSERT_EQ(ParsedInPieces(raw, 1, limits), whole) << testing::PrintToString(raw);
    ASSERT_EQ(ParsedCutAt(raw, cut, limits), whole) << cut << " " << testing::PrintToString(raw);
  }
}

}  // namespace
}  // namespace sluice
