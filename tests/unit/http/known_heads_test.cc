#include "sluice/http/known_heads.h"

#include <gtest/gtest.h>

#include <string>

#include "sluice/base/random.h"
#include "unit/http/parsing.h"

namespace sluice {
namespace {

using namespace std::string_view_literals;

const std::string kBefore = "POST /a HTTP/1.1\r\nHost: gate\r\nContent-Length: ";
const std::string kBehind = "\r\nX: y\r\n\r\n";

std::string Head(const std::string& length) { return kBefore + length + kBehind; }

KnownHeads::Hint Learn(KnownHeads& known, const std::string& text, size_t length_bytes,
                       RequestHead head = {}) {
  head.path = std::string_view(text).substr(5, 2);
  return known.Learn(text, std::string_view(text).substr(kBefore.size(), length_bytes), head);
}

TEST(KnownHeadsTest, NothingIsKnownAtFirst) {
  KnownHeads known;
  EXPECT_EQ(known.Find(0, Head("5")).head, nullptr);
  EXPECT_EQ(known.Find(0, "").head, nullptr);
}

TEST(KnownHeadsTest, AHeadIsKnownWhateverItsLength) {
  KnownHeads known;
  RequestHead head;
  head.format = BodyFormat::kNdjson;
  KnownHeads::Hint hint;
  {
    const std::string gone = Head("5");
    hint = Learn(known, gone, 1, head);
  }
  for (const uint64_t length : {0u, 5u, 42u, 1'048'576u}) {
    const std::string text = Head(std::to_string(length));
    const KnownHeads::Found found = known.Find(hint, text + "body");
    ASSERT_NE(found.head, nullptr) << length;
    EXPECT_EQ(found.bytes, text.size());
    EXPECT_EQ(found.head->content_length, length);
    EXPECT_EQ(found.head->path, "/a");
    EXPECT_EQ(found.head->format, BodyFormat::kNdjson);
  }
}

TEST(KnownHeadsTest, ADifferentByteIsADifferentHead) {
  KnownHeads known;
  const std::string text = Head("5");
  const KnownHeads::Hint hint = Learn(known, text, 1);
  for (size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    ++other[i];
    const bool in_length = i == kBefore.size();
    EXPECT_EQ(known.Find(hint, other).head != nullptr, in_length) << i;
    EXPECT_EQ(known.Find(hint, std::string_view(text).substr(0, i)).head, nullptr) << i;
  }
  for (const char* length : {"", "+5", "-5", " 5", "5 ", "0x5", "5,5", "1000000000000"}) {
    EXPECT_EQ(known.Find(hint, Head(length)).head, nullptr) << "'" << length << "'";
  }
}

TEST(KnownHeadsTest, AHeadThatIsTooLongIsNotKept) {
  KnownHeads known;
  const std::string filler(kKnownHeadBytesMax - kBefore.size() - kBehind.size(), 'f');
  for (const bool fits : {true, false}) {
    const std::string text = kBefore + "5\r\nX: y" + filler + (fits ? "" : "f") + "\r\n\r\n";
    const KnownHeads::Hint hint = Learn(known, text, 1);
    EXPECT_EQ(known.Find(hint, text).head != nullptr, fits);
  }
}

TEST(KnownHeadsTest, TheLastHeadOfAPlaceWins) {
  KnownHeads known;
  std::string first_text;
  KnownHeads::Hint first = 0;
  for (uint32_t i = 0; i <= kKnownHeadsMax; ++i) {
    const std::string text = kBefore + "5\r\nX: " + std::to_string(i) + "\r\n\r\n";
    const KnownHeads::Hint hint = Learn(known, text, 1);
    ASSERT_NE(known.Find(hint, text).head, nullptr);
    if (i == 0) {
      first = hint;
      first_text = text;
    } else if (hint == first) {
      EXPECT_EQ(known.Find(first, first_text).head, nullptr);
      return;
    }
  }
  FAIL() << "more heads than places, and none was taken twice";
}

// ---- In the parser -----------------------------------------------------------------------------

std::string Post(const std::string& fields, const std::string& body) {
  return "POST /a HTTP/1.1\r\nHost: gate\r\n" + fields + "\r\n" + body;
}

bool Knows(const std::string& request, const std::string& again) {
  ParserRoom room;
  EventText events;
  RequestParser parser(Parsing::kUsual, room, events);
  parser.Feed(request);
  for (uint32_t hint = 0; hint < kKnownHeadsMax; ++hint) {
    if (room.known.Find(static_cast<KnownHeads::Hint>(hint), again).head != nullptr) return true;
  }
  return false;
}

TEST(KnownHeadsTest, OnlyHeadsThatChangeNothingBehindThemAreLearnt) {
  const std::string plain = Post("Content-Length: 2\r\n", "ab");
  EXPECT_TRUE(Knows(plain, plain));
  EXPECT_TRUE(Knows(plain, Post("Content-Length: 40\r\n", "")));
  for (const std::string& other :
       {"GET" + plain.substr(4), Post("Content-Length: 2\r\nConnection: close\r\n", "ab"),
        Post("Content-Length: 2\r\nExpect: 100-continue\r\n", "ab"),
        Post("Content-Length: 2\r\nExpect: x\r\n", "ab"),
        Post("Content-Length: 2\r\nIdempotency-Key: \"a\"\r\n", "ab"),
        Post("Content-Length: 2\r\nIdempotency-Key: a\r\n", "ab"),
        Post("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n"), Post("", ""),
        "POST /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nab" +
            std::string()}) {
    EXPECT_FALSE(Knows(other, other)) << other;
  }
}

// RFC 9112 section 3.2.2: its path is "/", and that stands nowhere behind the authority.
TEST(KnownHeadsTest, AnAbsoluteFormWithoutAPathIsKnownByItsPath) {
  for (const std::string target : {"http://gate", "http://gate?b/c"}) {
    const std::string request =
        "POST " + target + " HTTP/1.1\r\nHost: gate\r\nContent-Length: 2\r\n\r\nab";
    Parsing parsing;
    parsing.Feed(request);
    parsing.Feed(request);
    EXPECT_EQ(parsing.text(),
              "start, POST / length=2, body ab, end, start, POST / length=2, body ab, end")
        << target;
  }
}

// A device's head is the same each time, token and all, wherever the token stands in it.
TEST(KnownHeadsTest, AHeadWithATokenIsKnownWithIt) {
  const std::string token = "Authorization: Bearer abc-DEF.123==\r\n";
  for (const std::string& fields :
       {token + "Content-Length: 2\r\n", "Content-Length: 2\r\n" + token,
        std::string("Content-Length: 2 \r\nauthorization:bearer  abc-DEF.123==  \r\nX: y\r\n")}) {
    const std::string request = Post(fields, "ab");
    EXPECT_TRUE(Knows(request, request)) << fields;
    Parsing parsing;
    parsing.Feed(request);
    parsing.ForgetText();
    parsing.Feed(request);
    EXPECT_EQ(parsing.text(), "start, POST /a length=2 bearer=abc-DEF.123==, body ab, end");
    parsing.ForgetText();
    std::string longer = request;
    longer.replace(longer.find(": 2") + 2, 1, "0010").append("cdefghij");
    parsing.Feed(longer);
    EXPECT_EQ(parsing.text(),
              "start, POST /a length=10 bearer=abc-DEF.123==, body abcdefghij, end");
  }
}

TEST(KnownHeadsTest, AnotherTokenIsAnotherHead) {
  const std::string request = Post("Authorization: Bearer abc\r\nContent-Length: 2\r\n", "ab");
  EXPECT_FALSE(Knows(request, Post("Authorization: Bearer abd\r\nContent-Length: 2\r\n", "ab")));
  EXPECT_FALSE(Knows(request, Post("Content-Length: 2\r\n", "ab")));
}

TEST(KnownHeadsTest, AHeadThatAReadCutIsNotLearnt) {
  const std::string request = Post("Content-Length: 2\r\n", "ab");
  for (size_t cut = 1; cut + 2 < request.size(); ++cut) {
    ParserRoom room;
    Parsing parsing(Parsing::kUsual, &room);
    parsing.Feed(request.substr(0, cut));
    parsing.Feed(request.substr(cut));
    for (uint32_t hint = 0; hint < kKnownHeadsMax; ++hint) {
      ASSERT_EQ(room.known.Find(static_cast<KnownHeads::Hint>(hint), request).head, nullptr) << cut;
    }
  }
}

// The head's limit holds for a known head that a longer length makes longer.
TEST(KnownHeadsTest, AKnownHeadMayBecomeTooLarge) {
  const std::string request = Post("Content-Length: 2\r\n", "ab");
  ParserRoom room;
  Parsing parsing({request.size() - 2, kHeaderCountMax}, &room);
  parsing.Feed(request + request + Post("Content-Length: 10\r\n", "0123456789"));
  EXPECT_EQ(parsing.text(),
            "start, POST /a length=2, body ab, end, start, POST /a length=2, body ab, end, "
            "start, 431 head");
}

TEST(KnownHeadsTest, APauseStopsBehindAKnownRequest) {
  const std::string request = Post("Content-Length: 2\r\n", "ab");
  Parsing parsing;
  parsing.Feed(request);
  parsing.PauseAtEachEnd();
  EXPECT_EQ(parsing.Feed(request + request), request.size());
  parsing.PauseNoMore();
  EXPECT_EQ(parsing.Feed(request + request.substr(0, 30)), request.size() + 30);
  EXPECT_EQ(parsing.Feed(request.substr(30)), request.size() - 30);
  parsing.ForgetText();
  parsing.Feed("GET /b HTTP/1.1\r\n\r\n");
  EXPECT_EQ(parsing.text(), "start, 400 host");
}

// Whatever follows a head that is known is read as if nothing were.
TEST(KnownHeadsTest, MutatedRequestsAreReadAsIfNothingWereKnown) {
  const std::string seeds[] = {
      Post("Content-Type: application/json\r\nContent-Length: 5\r\n", "hello"),
      Post("Content-Length: 5 \r\nX: y\r\n", "hello"),
      "POST http://gate/a?b HTTP/1.1\r\ncontent-length:5\r\nHost: gate\r\n\r\nhello",
      Post("Authorization: Bearer a=\r\nContent-Length: 5\r\n", "hello"),
      Post("Content-Length: 5\r\nAuthorization: Bearer a=\r\n", "hello")};
  static constexpr std::string_view kBytes = "\r\n :,;\t\0/0159aZ\x7F\xFF"sv;
  Random random(2027);
  ParserRoom room;
  uint32_t met = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string& seed = seeds[random.Below(std::size(seeds))];
    std::string raw = seed + seed + seed;
    for (uint64_t edits = random.Below(3); edits > 0; --edits) {
      const auto at = seed.size() + static_cast<size_t>(random.Below(2 * seed.size()));
      const char byte = kBytes[random.Below(kBytes.size())];
      if (random.Below(2) == 0) {
        raw[std::min(at, raw.size() - 1)] = byte;
      } else {
        raw.insert(std::min(at, raw.size()), 1, byte);
      }
    }
    Parsing knows(Parsing::kUsual, &room);
    knows.Feed(raw.substr(0, seed.size()));
    const auto cut = seed.size() + static_cast<size_t>(random.Below(raw.size() - seed.size()));
    knows.Feed(raw.substr(seed.size(), cut - seed.size()));
    knows.Feed(raw.substr(cut));
    // Byte by byte no request is whole, so that nothing is ever known.
    ASSERT_EQ(knows.text(), ParsedInPieces(raw, 1)) << testing::PrintToString(raw);
    if (raw == seed + seed + seed) ++met;
  }
  EXPECT_GT(met, 1'000u);
}

}  // namespace
}  // namespace sluice
