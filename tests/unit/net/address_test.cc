#include "sluice/net/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

using testing::HasSubstr;

TEST(Address, IsAHostAndAPort) {
  const auto address = Address::Parse("gate.example:8080");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address.value().host, "gate.example");
  EXPECT_EQ(address.value().port, 8080);
  EXPECT_FALSE(address.value().is_unix());
}

TEST(Address, IsAnIpv6AddressInBracketsAndAPort) {
  const auto address = Address::Parse("[fe80::1]:65535");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address.value().host, "fe80::1");
  EXPECT_EQ(address.value().port, 65535);
}

TEST(Address, IsAUnixSocketsPath) {
  const auto address = Address::Parse("unix:///run/a b:1");
  ASSERT_TRUE(address.ok());
  EXPECT_TRUE(address.value().is_unix());
  EXPECT_EQ(address.value().path, "/run/a b:1");
  EXPECT_EQ(address.value().host, "");
}

TEST(Address, IsWrittenAsItIsRead) {
  for (const char* text : {"127.0.0.1:0", "name:1", "[::]:8080", "[::1]:80", "unix:///x"}) {
    const auto address = Address::Parse(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address.value().ToString(), text);
  }
}

struct BadAddress {
  const char* text;
  const char* why;
};

class BadAddressTest : public testing::TestWithParam<BadAddress> {};

TEST_P(BadAddressTest, IsRefusedWithTheReason) {
  const auto address = Address::Parse(GetParam().text);
  ASSERT_FALSE(address.ok()) << GetParam().text;
  EXPECT_THAT(address.error(), HasSubstr(GetParam().why)) << GetParam().text;
}

constexpr const char* kPort = "the port is not a number from 0 to 65535";

INSTANTIATE_TEST_SUITE_P(
    , BadAddressTest,
    testing::Values(BadAddress{"", "expected host:port"}, BadAddress{"host", "expected host:port"},
                    BadAddress{":80", "the host is empty"},
                    BadAddress{"[]:80", "the host is empty"}, BadAddress{"host:", kPort},
                    BadAddress{"host:80x", kPort}, BadAddress{"host:65536", kPort},
                    BadAddress{"host:-1", kPort}, BadAddress{"host: 80", kPort},
                    BadAddress{"[::1]", "needs brackets"}, BadAddress{"::1:80", "needs brackets"},
                    BadAddress{"unix://", "absolute path"},
                    BadAddress{"unix://r", "absolute path"}));

TEST(Address, LoopbackAndUnixSocketsAreLocal) {
  for (const char* local :
       {"127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "localhost:80", "unix:///run/a.sock"}) {
    EXPECT_TRUE(Address::Parse(local).value().is_local()) << local;
  }
  for (const char* other : {"0.0.0.0:80", "[::]:80", "128.0.0.1:80", "10.127.0.1:80", "gate:80",
                            "127.example:80", "[2001:db8::1]:80"}) {
    EXPECT_FALSE(Address::Parse(other).value().is_local()) << other;
  }
}

TEST(Address, AUnixPathFitsItsSocketAddress) {
  EXPECT_TRUE(Address::Parse("unix:///" + std::string(106, 'p')).ok());
  const auto longer = Address::Parse("unix:///" + std::string(107, 'p'));
  ASSERT_FALSE(longer.ok());
  EXPECT_THAT(longer.error(), HasSubstr("longer than 107 bytes"));
}

}  // namespace
}  // namespace sluice
