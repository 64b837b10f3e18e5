#include "sluice/journal/segment_scanner.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace sluice {
namespace {

using testing::ElementsAre;

// What a scan yields, as "frame 3 at 30+40" or "damage at 30+40".
class SegmentScannerTest : public testing::Test {
 protected:
  ~SegmentScannerTest() override {
    if (fd_ >= 0) ::close(fd_);
  }

  static std::string Frame(uint64_t sequence, std::string_view payload) {
    Buffer out;
    AppendFrame({.sequence = sequence}, payload, out);
    return std::string(out.view());
  }
  std::vector<std::string> Scan(const std::string& bytes, uint64_t begin = 0) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = ::open(dir_.Write("segment", bytes).c_str(), O_RDONLY);
    SegmentScanner scanner(fd_, begin, bytes.size());
    std::vector<std::string> pieces;
    payloads_.clear();
    for (;;) {
      const SegmentPiece piece = scanner.Next();
      if (piece.kind == SegmentPiece::Kind::kEnd) return pieces;
      const bool is_frame = piece.kind == SegmentPiece::Kind::kFrame;
      pieces.push_back(
          (is_frame ? "frame " + std::to_string(piece.header.sequence) : std::string("damage")) +
          " at " + std::to_string(piece.offset) + "+" + std::to_string(piece.bytes));
      if (is_frame) payloads_.emplace_back(piece.payload);
    }
  }

  TempDir dir_;
  int fd_ = -1;
  std::vector<std::string> payloads_;
};

TEST_F(SegmentScannerTest, YieldsFramesInOrder) {
  EXPECT_THAT(Scan(""), ElementsAre());
  EXPECT_THAT(Scan(Frame(1, "one") + Frame(2, "") + Frame(3, "three")),
              ElementsAre("frame 1 at 0+35", "frame 2 at 35+32", "frame 3 at 67+37"));
  EXPECT_THAT(payloads_, ElementsAre("one", "", "three"));
}

TEST_F(SegmentScannerTest, ReadsTheHeaderFirst) {
  const std::string header = EncodeSegmentHeader("ledger");
  const std::string bytes = header + Frame(1, "one");
  fd_ = ::open(dir_.Write("segment", bytes).c_str(), O_RDONLY);
  SegmentScanner scanner(fd_, 0, bytes.size());
  const auto read = scanner.ReadHeader();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->ledger, "ledger");
  EXPECT_EQ(scanner.Next().offset, header.size());
}

TEST_F(SegmentScannerTest, DamageEndsAtTheNextFrameThatChecksOut) {
  std::string bytes = Frame(1, "one") + Frame(2, "two") + Frame(3, "three");
  bytes[40] ^= 1;
  EXPECT_THAT(Scan(bytes), ElementsAre("frame 1 at 0+35", "damage at 35+35", "frame 3 at 70+37"));
  EXPECT_THAT(Scan("xx" + bytes + "tail"),
              ElementsAre("damage at 0+2", "frame 1 at 2+35", "damage at 37+35", "frame 3 at 72+37",
                          "damage at 109+4"));
}

TEST_F(SegmentScannerTest, AMarkerInAPayloadIsNoFrame) {
  std::string bytes = Frame(1, std::string(kFrameMarker) + std::string(40, '\0')) + Frame(2, "two");
  EXPECT_THAT(Scan(bytes), ElementsAre("frame 1 at 0+76", "frame 2 at 76+35"));
  bytes[0] = 'x';
  EXPECT_THAT(Scan(bytes), ElementsAre("damage at 0+76", "frame 2 at 76+35"));
}

TEST_F(SegmentScannerTest, ADamagedLengthHidesNoFrameBehindIt) {
  for (const size_t byte : {4, 5, 6, 7}) {
    std::string bytes = Frame(1, "one") + Frame(2, "two") + Frame(3, "three");
    bytes[35 + byte] = '\x7F';
    EXPECT_THAT(Scan(bytes), ElementsAre("frame 1 at 0+35", "damage at 35+35", "frame 3 at 70+37"));
  }
}

TEST_F(SegmentScannerTest, FramesAndDamageMayBeLargerThanOneRead) {
  const std::string large(1'000'000, 'x');
  const std::string head = Frame(1, large);
  for (const size_t extra : {size_t{0}, size_t{1}, size_t{2}, size_t{3}, size_t{262'141}}) {
    const std::string damage(700'000 + extra, 'y');
    EXPECT_THAT(
        Scan(head + damage + Frame(2, "two")),
        ElementsAre("frame 1 at 0+1000032", "damage at 1000032+" + std::to_string(damage.size()),
                    "frame 2 at " + std::to_string(1'000'032 + damage.size()) + "+35"));
    EXPECT_EQ(payloads_.at(0), large);
  }
}

TEST_F(SegmentScannerTest, BeginsWhereItIsTold) {
  EXPECT_THAT(Scan(Frame(1, "one") + Frame(2, "two"), 35), ElementsAre("frame 2 at 35+35"));
}

TEST_F(SegmentScannerTest, AFileThatCannotBeReadIsAnError) {
  SegmentScanner scanner(-1, 0, 100);
  EXPECT_EQ(scanner.Next().kind, SegmentPiece::Kind::kError);
  EXPECT_EQ(scanner.error(), EBADF);
  EXPECT_EQ(scanner.Next().kind, SegmentPiece::Kind::kError);
}

TEST_F(SegmentScannerTest, WhatWasCutMeanwhileIsDamage) {
  const std::string bytes = Frame(1, "one") + Frame(2, "two");
  fd_ = ::open(dir_.Write("segment", bytes).c_str(), O_RDONLY);
  SegmentScanner scanner(fd_, 0, bytes.size() + 100);
  EXPECT_EQ(scanner.Next().header.sequence, 1u);
  EXPECT_EQ(scanner.Next().header.sequence, 2u);
  EXPECT_EQ(scanner.Next().kind, SegmentPiece::Kind::kDamage);
  EXPECT_EQ(scanner.Next().kind, SegmentPiece::Kind::kEnd);
}

}  // namespace
}  // namespace sluice
