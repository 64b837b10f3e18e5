#include "sluice/hash/secret_digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace sluice {
namespace {

// FIPS 180-4's own example, as sha256sum prints it: no length or salt goes in beside the secret.
TEST(SecretDigestTest, IsTheSha256ThatEveryToolComputes) {
  EXPECT_EQ(Hex(DigestOfSecret("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(DigestOfSecret("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(SecretDigestTest, ADifferenceInAnyBitIsSeen) {
  const SecretDigest digest = DigestOfSecret("secret");
  EXPECT_TRUE(SameDigest(digest, DigestOfSecret("secret")));
  for (size_t bit = 0; bit < 8 * digest.size(); ++bit) {
    SecretDigest other = digest;
    other[bit / 8] = static_cast<unsigned char>(other[bit / 8] ^ (1u << bit % 8));
    EXPECT_FALSE(SameDigest(digest, other)) << bit;
  }
}

TEST(SecretDigestTest, IsReadFromHexOfEitherCase) {
  const std::string hex = Hex(DigestOfSecret("abc"));
  std::string upper = hex;
  std::transform(hex.begin(), hex.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c); });
  EXPECT_EQ(ParseDigest(hex), DigestOfSecret("abc"));
  EXPECT_EQ(ParseDigest(upper), DigestOfSecret("abc"));
}

TEST(SecretDigestTest, WhatIsNotSixtyFourDigitsIsNone) {
  const std::string hex = Hex(DigestOfSecret("abc"));
  for (const std::string& bad :
       {std::string(), hex.substr(1), hex + "0", "g" + hex.substr(1), hex.substr(1) + "@",
        " " + hex.substr(1), hex.substr(1) + "/", hex.substr(1) + ":", hex.substr(1) + "`"}) {
    EXPECT_FALSE(ParseDigest(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace sluice
