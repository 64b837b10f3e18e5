#include "sluice/hash/digest.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace sluice {
namespace {

std::string HexOf(Digester& digester, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) digester.Add(part);
  const HexDigest hex = Hex(digester.Finish());
  return {hex.data(), hex.size()};
}

// The expected ones were computed by another implementation: Python's hashlib, over each part
// behind its length in eight bytes, little-endian.
TEST(Digester, IsTheFirstHalfOfSha256) {
  Digester digester;
  EXPECT_EQ(HexOf(digester, {}), "e3b0c44298fc1c149afbf4c8996fb924");
  EXPECT_EQ(HexOf(digester, {""}), "af5570f5a1810b7af78caf4bc70a660f");
}

TEST(Digester, PartsThatAreCutElsewhereDiffer) {
  Digester digester;
  EXPECT_EQ(HexOf(digester, {"ab", "c"}), "43ee655579de01ca739b3f95c1c2d3f4");
  EXPECT_EQ(HexOf(digester, {"a", "bc"}), "9a8acca1b6c6c0befd3fbc756aed625d");
}

TEST(Digester, NothingOfADigestIsLeftForTheNext) {
  Digester digester;
  digester.Add("left over");
  digester.Finish();
  EXPECT_EQ(HexOf(digester, {"ab", "c"}), "43ee655579de01ca739b3f95c1c2d3f4");
}

TEST(Digester, APartMayHoldAnyByte) {
  Digester digester;
  const std::string zeros(3, '\0');
  EXPECT_NE(HexOf(digester, {zeros}), HexOf(digester, {std::string_view(zeros).substr(1)}));
  EXPECT_NE(HexOf(digester, {"\xFF"}), HexOf(digester, {"\x7F"}));
}

}  // namespace
}  // namespace sluice
