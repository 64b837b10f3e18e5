#include "sluice/base/percent.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

TEST(Percent, BytesAreDecodedAndTheRestIsLeft) {
  EXPECT_EQ(PercentDecode(""), "");
  EXPECT_EQ(PercentDecode("plain+text"), "plain+text");
  EXPECT_EQ(PercentDecode("a%20b%2Fc%2f%25"), "a b/c/%");
  EXPECT_EQ(PercentDecode("%00%ff"), std::string("\0\xff", 2));
}

TEST(Percent, APercentNeedsTwoHexDigits) {
  for (const char* const text : {"%", "%2", "a%g0", "%0g", "%%20", "%2%"}) {
    EXPECT_EQ(PercentDecode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice
