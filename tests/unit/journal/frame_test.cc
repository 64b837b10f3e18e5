#include "sluice/journal/frame.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

constexpr FrameHeader kHeader = {.sequence = 0x0102030405060708, .records = 9, .commands = 10};

std::string Frame(std::string_view payload) {
  Buffer out;
  AppendFrame(kHeader, payload, out);
  return std::string(out.view());
}

TEST(FrameTest, ReadsBackWhatItWrites) {
  const std::string frame = Frame("payload");
  EXPECT_EQ(frame.size(), 32u + 7u);
  const auto header = ParseFrameHeader(frame);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->payload_bytes, 7u);
  EXPECT_EQ(header->frame_bytes(), frame.size());
  EXPECT_EQ(header->sequence, kHeader.sequence);
  EXPECT_EQ(header->records, 9u);
  EXPECT_EQ(header->commands, 10u);
  EXPECT_TRUE(FrameChecksOut(frame));
}

TEST(FrameTest, IsLittleEndianWhateverTheMachine) {
  EXPECT_EQ(
      Frame("ab").substr(0, 24),
      std::string("\xFFSJ\xFE\x02\0\0\0\x08\x07\x06\x05\x04\x03\x02\x01\x09\0\0\0\x0A\0\0\0", 24));
}

TEST(FrameTest, AChangedByteDoesNotCheckOut) {
  std::string frame = Frame("payload");
  for (char& byte : frame) {
    ++byte;
    EXPECT_FALSE(ParseFrameHeader(frame) && FrameChecksOut(frame)) << &byte - frame.data();
    --byte;
  }
}

TEST(FrameTest, ALengthBeyondTheBoundIsNone) {
  std::string frame = Frame("payload");
  frame[7] = '\x20';  // 512 MiB and 7
  EXPECT_FALSE(ParseFrameHeader(frame));
  frame[4] = 0;  // 512 MiB
  EXPECT_TRUE(ParseFrameHeader(frame));
  EXPECT_FALSE(ParseFrameHeader(std::string_view(frame).substr(0, 31)));
}

TEST(SegmentHeaderTest, ReadsBackItsLedger) {
  for (const std::string& ledger : {std::string(), std::string("sluice:ledger:host:1:2:3"),
                                    std::string(kLedgerBytesMax, 'x')}) {
    const std::string bytes = EncodeSegmentHeader(ledger);
    EXPECT_EQ(bytes.size(), kSegmentHeaderFixedBytes + ledger.size());
    const std::string file = bytes + "frames";
    const auto header = ParseSegmentHeader(file);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->version, kSegmentVersion);
    EXPECT_EQ(header->ledger, ledger);
    EXPECT_EQ(header->bytes, bytes.size());
  }
}

TEST(SegmentHeaderTest, AChangedOrMissingByteDoesNotCheckOut) {
  std::string bytes = EncodeSegmentHeader("ledger");
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseSegmentHeader(bytes.substr(0, size))) << size;
  }
  for (char& byte : bytes) {
    ++byte;
    EXPECT_FALSE(ParseSegmentHeader(bytes)) << &byte - bytes.data();
    --byte;
  }
}

}  // namespace
}  // namespace sluice
