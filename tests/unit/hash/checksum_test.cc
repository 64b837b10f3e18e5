#include "sluice/hash/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

TEST(ChecksumTest, IsXxh3) {
  EXPECT_EQ(Checksum({}), 0x2D06800538D394C2u);  // as xxhsum -H3 says of an empty file
  EXPECT_EQ(Checksum({"a"}), 0xE6C632B61E964E1Fu);
}

TEST(ChecksumTest, SpansCountAsOneWhereverTheyAreCut) {
  std::string bytes;
  for (int i = 0; i < 1'000; ++i) bytes += static_cast<char>(i * 7);
  const std::string_view whole = bytes;
  for (size_t cut = 0; cut <= bytes.size(); cut += 13) {
    EXPECT_EQ(Checksum({whole.substr(0, cut), whole.substr(cut)}), Checksum({whole})) << cut;
  }
}

TEST(ChecksumTest, EachByteMatters) {
  std::string bytes(300, 'x');
  const uint64_t before = Checksum({bytes});
  for (char& byte : bytes) {
    byte = 'y';
    EXPECT_NE(Checksum({bytes}), before);
    byte = 'x';
  }
}

}  // namespace
}  // namespace sluice
