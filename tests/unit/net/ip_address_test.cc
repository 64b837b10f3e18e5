#include "sluice/net/ip_address.h"

#include <gtest/gtest.h>

#include "support/addresses.h"

namespace sluice {
namespace {

TEST(IpAddressTest, AV4AddressIsAClientOfItsOwn) {
  EXPECT_TRUE(V4(1).is_v4());
  EXPECT_EQ(V4(1).Client(), V4(1));
  EXPECT_NE(V4(1).Client(), V4(2).Client());
}

TEST(IpAddressTest, AV6ClientIsItsNetwork) {
  EXPECT_FALSE(V6(1, 1).is_v4());
  EXPECT_EQ(V6(1, 1).Client(), V6(1, 2).Client());
  EXPECT_NE(V6(1, 1).Client(), V6(2, 1).Client());
}

}  // namespace
}  // namespace sluice
