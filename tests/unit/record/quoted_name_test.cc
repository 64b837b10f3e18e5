#include "sluice/record/quoted_name.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

TEST(QuotedNameTest, FrontsItselfAndNothingThatDiffersInAByte) {
  std::string name;
  for (size_t length = 1; length <= kFieldNameBytesMax; ++length) {
    name += static_cast<char>('a' + length % 26);
    const QuotedName quoted(name);
    EXPECT_EQ(quoted.size(), length + 1);
    const std::string itself = name + "\"";
    for (const char behind : {':', ' ', '"', 'x'}) {
      EXPECT_TRUE(quoted.Fronts((itself + std::string(8, behind)).data())) << name;
    }
    for (size_t at = 0; at < itself.size(); ++at) {
      std::string other = itself + std::string(8, ':');
      other[at] ^= 1;
      EXPECT_FALSE(quoted.Fronts(other.data())) << other;
    }
  }
}

}  // namespace
}  // namespace sluice
