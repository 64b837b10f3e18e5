#include "sluice/http/gzip_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sluice/base/limits.h"
#include "support/gzip.h"

namespace sluice {
namespace {

using Step = GzipReader::Step;

// A reader, what it has made, and its last word.
struct Inflating {
  GzipReader reader;
  Buffer out;
  Step step = Step::kAllTaken;
  uint64_t steps = 0;

  // The bytes lie alone, so that a sanitizer sees any look beyond.
  void Feed(std::string_view piece) {
    const std::string alone(piece);
    std::string_view rest = alone;
    do {
      step = reader.Inflate(rest, out);
      ++steps;
    } while (step == Step::kMore);
    EXPECT_TRUE(step != Step::kAllTaken || rest.empty());
  }
  bool failed() const { return step == Step::kMalformed || step == Step::kBomb; }
  // Whole and sound.
  bool done() const { return step == Step::kAllTaken && reader.whole(); }
};

// Readings that differ, some thousands of bytes of them.
std::string Readings(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += R"({"device_id":"dev-)" + std::to_string(i * 7'919 % 1'000) + R"(","heart_rate":)" +
            std::to_string(40 + i * 31 % 100) + "}\n";
  }
  return text;
}

// ---- Sound streams -----------------------------------------------------------------------------

TEST(GzipReaderTest, InflatesWhatWasDeflatedFromAnyCut) {
  const std::string text = Readings(40);
  const std::string gzip = Gzip(text);
  for (size_t cut = 0; cut <= gzip.size(); ++cut) {
    Inflating inflating;
    inflating.Feed(std::string_view(gzip).substr(0, cut));
    EXPECT_EQ(inflating.reader.whole(), cut == gzip.size()) << "cut at " << cut;
    inflating.Feed(std::string_view(gzip).substr(cut));
    ASSERT_TRUE(inflating.done()) << "cut at " << cut;
    ASSERT_EQ(inflating.out.view(), text) << "cut at " << cut;
  }
}

TEST(GzipReaderTest, InflatesOneByteAtATime) {
  const std::string text = Readings(2'000);
  Inflating inflating;
  for (const char byte : Gzip(text)) inflating.Feed({&byte, 1});
  EXPECT_TRUE(inflating.done());
  EXPECT_EQ(inflating.out.view(), text);
  EXPECT_EQ(inflating.reader.inflated_bytes(), text.size());
}

TEST(GzipReaderTest, InflatesInStepsOfABoundedSize) {
  const std::string text = Readings(3'000);
  const std::string gzip = Gzip(text);
  GzipReader reader;
  Buffer out;
  std::string_view rest = gzip;
  size_t before = 0;
  uint64_t steps = 0;
  while (reader.Inflate(rest, out) == Step::kMore) {
    EXPECT_LE(out.size() - before, kGzipStepBytes);
    before = out.size();
    ++steps;
  }
  EXPECT_GE(steps, text.size() / kGzipStepBytes);
  EXPECT_EQ(out.view(), text);
}

TEST(GzipReaderTest, AStreamOfNothingIsWholeAndNothingIsNoStream) {
  Inflating empty;
  empty.Feed(Gzip(""));
  EXPECT_TRUE(empty.done());
  EXPECT_TRUE(empty.out.empty());
  Inflating nothing;
  nothing.Feed("");
  EXPECT_FALSE(nothing.reader.whole());
}

TEST(GzipReaderTest, MembersAreOneStreamHoweverTheyAreCut) {
  const std::string gzip = Gzip("one,") + Gzip("") + Gzip("three");
  for (size_t cut = 0; cut <= gzip.size(); ++cut) {
    Inflating inflating;
    inflating.Feed(std::string_view(gzip).substr(0, cut));
    inflating.Feed(std::string_view(gzip).substr(cut));
    ASSERT_TRUE(inflating.done()) << "cut at " << cut;
    ASSERT_EQ(inflating.out.view(), "one,three") << "cut at " << cut;
  }
}

TEST(GzipReaderTest, AHeaderMayCarryMore) {
  // RFC 1952 section 2.3: FHCRC is left out; FEXTRA, FNAME and FCOMMENT stand behind the header.
  using namespace std::string_literals;
  const std::string plain = Gzip("content");
  const std::string gzip = plain.substr(0, 3) + "\x1C"s + plain.substr(4, 6) + "\x03\0abc"s +
                           "name\0"s + "comment\0"s + plain.substr(10);
  Inflating inflating;
  for (const char byte : gzip) inflating.Feed({&byte, 1});
  EXPECT_TRUE(inflating.done());
  EXPECT_EQ(inflating.out.view(), "content");
}

TEST(GzipReaderTest, ResetItIsAsGoodAsNew) {
  Inflating inflating;
  inflating.Feed(Gzip(Readings(1'000)).substr(0, 2'000));
  inflating.reader.Reset();
  inflating.Feed("not gzip");
  EXPECT_EQ(inflating.step, Step::kMalformed);
  inflating.reader.Reset();
  inflating.out.Clear();
  EXPECT_FALSE(inflating.reader.whole());
  inflating.Feed(Gzip("good"));
  EXPECT_TRUE(inflating.done());
  EXPECT_EQ(inflating.out.view(), "good");
}

// ---- Unsound ones ------------------------------------------------------------------------------

TEST(GzipReaderTest, AStreamThatBreaksOffIsNotWhole) {
  const std::string gzip = Gzip(Readings(30));
  for (size_t length = 0; length < gzip.size(); ++length) {
    Inflating inflating;
    inflating.Feed(std::string_view(gzip).substr(0, length));
    EXPECT_FALSE(inflating.reader.whole()) << length;
    EXPECT_FALSE(inflating.failed()) << length;
  }
}

TEST(GzipReaderTest, AMemberThatBreaksOffIsNotWhole) {
  Inflating inflating;
  inflating.Feed(Gzip("one") + Gzip("two").substr(0, 5));
  EXPECT_FALSE(inflating.reader.whole());
  EXPECT_FALSE(inflating.failed());
}

TEST(GzipReaderTest, AWrongChecksumOrLengthIsMalformed) {
  const std::string gzip = Gzip("the content");
  for (size_t back = 1; back <= 8; ++back) {  // CRC32, then ISIZE
    std::string wrong = gzip;
    wrong[wrong.size() - back] = static_cast<char>(wrong[wrong.size() - back] ^ 1);
    Inflating inflating;
    inflating.Feed(wrong);
    EXPECT_EQ(inflating.step, Step::kMalformed) << back << " bytes before the end";
  }
}

TEST(GzipReaderTest, WhatStandsBehindAMemberIsAnotherOrTheStreamIsNotSound) {
  using namespace std::string_literals;
  for (const std::string& behind : {"garbage"s, "\0"s, "\x1F"s + "x"s}) {
    Inflating at_once;
    at_once.Feed(Gzip("content") + behind);
    EXPECT_FALSE(at_once.done());
    Inflating later;
    later.Feed(Gzip("content"));
    EXPECT_TRUE(later.done());
    later.Feed(behind);
    EXPECT_FALSE(later.done());
  }
}

TEST(GzipReaderTest, WhatIsNotGzipIsMalformed) {
  using namespace std::string_literals;
  const std::string gzip = Gzip("content");
  const std::string zlib_header = "\x78\x9C"s + gzip.substr(10);
  const std::string other_method = gzip.substr(0, 2) + "\x07"s + gzip.substr(3);
  const std::string reserved_block = gzip.substr(0, 10) + "\x07"s + gzip.substr(11);
  for (const std::string& bytes :
       {"{\"device_id\":\"d\"}"s, zlib_header, other_method, reserved_block, gzip.substr(10)}) {
    Inflating inflating;
    inflating.Feed(bytes);
    EXPECT_EQ(inflating.step, Step::kMalformed);
  }
}

// ---- Bombs -------------------------------------------------------------------------------------

TEST(GzipReaderTest, AGibibyteOfZerosIsRefusedWhileItIsSmall) {
  const std::string mebibyte = Gzip(std::string(kMiB, '\0'));
  std::string bomb;
  for (int i = 0; i < 1'024; ++i) bomb += mebibyte;
  Inflating inflating;
  inflating.Feed(bomb);
  EXPECT_EQ(inflating.step, Step::kBomb);
  EXPECT_LE(inflating.out.size(), kGzipFreeBytes + kGzipStepBytes);
  EXPECT_LE(inflating.steps, kGzipFreeBytes / kGzipStepBytes + 1);
}

TEST(GzipReaderTest, ABombBehindHonestBytesIsRefusedOnceTheRatioIsPassed) {
  const std::string honest = Gzip(Readings(2'000));
  Inflating inflating;
  inflating.Feed(honest + Gzip(std::string(8 * kMiB, '\0')));
  EXPECT_EQ(inflating.step, Step::kBomb);
  EXPECT_LE(inflating.out.size(), kGzipRatioMax * (honest.size() + 4 * kKiB) + 10 * kGzipStepBytes);
}

TEST(GzipReaderTest, AShortBodyMayBeAsEvenAsItLikes) {
  Inflating inflating;
  inflating.Feed(Gzip(std::string(kGzipFreeBytes, ' ')));
  EXPECT_TRUE(inflating.done());
  EXPECT_EQ(inflating.out.size(), kGzipFreeBytes);
}

TEST(GzipReaderTest, ReadingsThatDifferInLittleButTheirTimePass) {
  std::string text = "[";
  for (int i = 0; text.size() < kBodyBytesMax - 200; ++i) {
    text += (i == 0 ? "" : ",") + std::string(R"({"device_id":"dev-1","timestamp":)") +
            std::to_string(1'767'225'600'000 + 1'000 * i) +
            R"(,"heart_rate":72,"blood_oxygen":98})";
  }
  const std::string gzip = Gzip(text + "]");
  Inflating inflating;
  inflating.Feed(gzip);
  EXPECT_TRUE(inflating.done()) << text.size() / gzip.size() << " times its bytes";
  EXPECT_LT(text.size() / gzip.size(), kGzipRatioMax);
}

}  // namespace
}  // namespace sluice
