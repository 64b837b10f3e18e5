#include "sluice/redis/guard_name.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(GuardNameTest, LiesWhereItsStreamLies) {
  EXPECT_EQ(GuardPrefix("vitals"), "sluice:seen:{vitals}:");
  EXPECT_EQ(GuardPrefix("{ward}:vitals"), "sluice:seen:{ward}:vitals:");
  EXPECT_EQ(GuardPrefix("{}vitals"), "sluice:seen:{{}vitals}:");
}

}  // namespace
}  // namespace sluice
