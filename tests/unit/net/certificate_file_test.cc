#include "sluice/net/certificate_file.h"

#include <gtest/gtest.h>

#include <ctime>
#include <fstream>
#include <iterator>

#include "support/certificates.h"

namespace sluice {
namespace {

constexpr int64_t kDaySeconds = 86'400;

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(CertificateFileTest, EachCertificateHasItsEnd) {
  const TempDir dir;
  const CertificateAuthority authority(dir, "authority");
  const CertificateFiles old =
      authority.Issue("old", {.common_names = {"old"}, .from_days = -9, .to_days = -2});
  const auto ends =
      CertificateEnds(dir.Write("chain.pem", Read(authority.file()) + Read(old.certificate)));
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_EQ(ends[0] - ends[1], 367 * kDaySeconds);
}

TEST(CertificateFileTest, WhatIsNoCertificateHasNone) {
  const TempDir dir;
  EXPECT_TRUE(CertificateEnds(dir.File("none.pem")).empty());
  EXPECT_TRUE(CertificateEnds(dir.Write("text.pem", "no certificate")).empty());
}

}  // namespace
}  // namespace sluice
