#include "sluice/redis/redis_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A good URL as what was understood of it: address, user, password, db.
struct Understood {
  const char* url;
  const char* address;
  const char* user;
  const char* password;
  uint32_t db;
};

class RedisUrlFormTest : public testing::TestWithParam<Understood> {};

TEST_P(RedisUrlFormTest, IsUnderstood) {
  const auto url = RedisUrl::Parse(GetParam().url);
  ASSERT_TRUE(url.ok()) << GetParam().url << ": " << url.error();
  EXPECT_EQ(url.value().address.ToString(), GetParam().address);
  EXPECT_EQ(url.value().user, GetParam().user);
  EXPECT_EQ(url.value().password, GetParam().password);
  EXPECT_EQ(url.value().db, GetParam().db);
}

INSTANTIATE_TEST_SUITE_P(
    , RedisUrlFormTest,
    testing::Values(Understood{"redis://redis.local", "redis.local:6379", "", "", 0},
                    Understood{"redis://10.0.0.1:7000", "10.0.0.1:7000", "", "", 0},
                    Understood{"redis://10.0.0.1:7000/", "10.0.0.1:7000", "", "", 0},
                    Understood{"redis://10.0.0.1/15", "10.0.0.1:6379", "", "", 15},
                    Understood{"redis://[::1]", "[::1]:6379", "", "", 0},
                    Understood{"redis://[::1]:7000/2", "[::1]:7000", "", "", 2},
                    Understood{"redis://:pw@host", "host:6379", "", "pw", 0},
                    Understood{"redis://gate:pw@host:1/3", "host:1", "gate", "pw", 3},
                    Understood{"redis://g%40te:p%2Fw%3a%25@host", "host:6379", "g@te", "p/w:%", 0},
                    Understood{"redis://gate:p:w@host", "host:6379", "gate", "p:w", 0},
                    Understood{"redis://gate:p@w@host", "host:6379", "gate", "p@w", 0},
                    Understood{"redis://gate:pw@[fe80::1]:1", "[fe80::1]:1", "gate", "pw", 0},
                    Understood{"unix:///run/redis.sock", "unix:///run/redis.sock", "", "", 0},
                    Understood{"unix:///run/redis.sock?db=4", "unix:///run/redis.sock", "", "", 4},
                    Understood{"unix:///run/with@sign:1", "unix:///run/with@sign:1", "", "", 0},
                    Understood{"unix://gate:pw@/run/r", "unix:///run/r", "gate", "pw", 0},
                    Understood{"unix://:pw@/run/r?db=1", "unix:///run/r", "", "pw", 1}));

struct Refused {
  const char* url;
  const char* why;
};

class RedisUrlErrorTest : public testing::TestWithParam<Refused> {};

TEST_P(RedisUrlErrorTest, SaysWhatIsWrongAndNeverThePassword) {
  const auto url = RedisUrl::Parse(GetParam().url);
  ASSERT_FALSE(url.ok()) << GetParam().url;
  EXPECT_THAT(url.error(), AllOf(HasSubstr(GetParam().why), Not(HasSubstr("s3cret"))))
      << GetParam().url;
}

constexpr const char* kNoForm =
    "give redis://[user:password@]host:port[/db], redis+cluster://host:port,host:port, "
    "redis+sentinel://host:port,host:port/name, each with rediss for TLS, or unix:///path";
constexpr const char* kHost = "the host is empty";
constexpr const char* kPort = "the port is not a number from 0 to 65535";
constexpr const char* kDb = "the database is not a number";
constexpr const char* kHex = "a % in the user or password needs two hex digits";

INSTANTIATE_TEST_SUITE_P(
    , RedisUrlErrorTest,
    testing::Values(
        Refused{"", kNoForm}, Refused{"host:6379", kNoForm}, Refused{"redisss://host", kNoForm},
        Refused{"gate:s3cret@host", kNoForm}, Refused{"REDIS://host", kNoForm},
        Refused{"redis://", kHost}, Refused{"redis://:6379", kHost},
        Refused{"redis://:s3cret@", kHost}, Refused{"redis://:s3cret@:1", kHost},
        Refused{"redis://host:", kPort}, Refused{"redis://host:65536", kPort},
        Refused{"redis://host:-1", kPort}, Refused{"redis://gate:s3cret", kPort},
        Refused{"redis://host:0", "the port is 0"}, Refused{"redis://::1", "needs brackets"},
        Refused{"redis://gate:s3cret@host/x", kDb}, Refused{"redis://host/-1", kDb},
        Refused{"redis://host/1x", kDb}, Refused{"redis://host/4294967296", kDb},
        Refused{"redis://gate:s3cret/with-slash@host", kDb},
        Refused{"redis://s3cret@host", "a user needs a password"},
        Refused{"redis://gate:@host", "the password is empty"},
        Refused{"redis://gate:s3cret%2@host", kHex}, Refused{"redis://gate:s3cret%@host", kHex},
        Refused{"redis://gate:s3cret%zz@host", kHex}, Refused{"redis://g%te:s3cret@host", kHex},
        Refused{"redis://a,b", "several hosts are redis+cluster's or redis+sentinel's"},
        Refused{"redis+cluster://", kHost}, Refused{"redis+cluster://a:1,", kHost},
        Refused{"redis+cluster://a:1,b:0", "the port is 0"},
        Refused{"redis+cluster://:s3cret@a:1/1", "a cluster has no numbered databases"},
        Refused{"redis+sentinel://a:1", "the primary's name is missing"},
        Refused{"redis+sentinel://a:1/", "the primary's name is missing"},
        Refused{"redis+sentinel://a:1//1", "the primary's name is missing"},
        Refused{"redis+sentinel://a:1/main/x", kDb}, Refused{"redis+unix:///s", kNoForm},
        Refused{"unix://", "a unix socket needs an absolute path"},
        Refused{"unix://gate:s3cret@", "a unix socket needs an absolute path"},
        Refused{"unix://relative", "a unix socket needs an absolute path"},
        Refused{"unix:///run/r?database=1", "the only option of a unix socket is ?db=N"},
        Refused{"unix://:s3cret@/run/r?db=", kDb}, Refused{"unix:///run/r?db=1&x", kDb}));

TEST(RedisUrl, IsOverTlsWhereItsSchemeSaysSo) {
  const auto url = RedisUrl::Parse("rediss://gate:pw@redis.local:7000/3");
  ASSERT_TRUE(url.ok()) << url.error();
  EXPECT_TRUE(url.value().tls);
  EXPECT_EQ(url.value().address.ToString(), "redis.local:7000");
  EXPECT_EQ(url.value().user, "gate");
  EXPECT_EQ(url.value().password, "pw");
  EXPECT_EQ(url.value().db, 3u);
  EXPECT_EQ(RedisUrl::Parse("rediss://host").value().address.port, 6379);
  EXPECT_FALSE(RedisUrl::Parse("redis://host").value().tls);
  EXPECT_FALSE(RedisUrl::Parse("unix:///s").value().tls);
}

TEST(RedisUrl, NamesSomeNodesOfACluster) {
  const auto url = RedisUrl::Parse("rediss+cluster://gate:p%2cw@a:7000,b,[::1]:7002/");
  ASSERT_TRUE(url.ok()) << url.error();
  EXPECT_EQ(url.value().mode, RedisUrl::Mode::kCluster);
  EXPECT_TRUE(url.value().tls);
  EXPECT_EQ(url.value().user, "gate");
  EXPECT_EQ(url.value().password, "p,w");
  std::string seeds;
  for (const Address& seed : url.value().seeds) seeds += seed.ToString() + " ";
  EXPECT_EQ(seeds, "a:7000 b:6379 [::1]:7002 ");
  EXPECT_EQ(url.value().address.ToString(), "a:7000");
}

TEST(RedisUrl, NamesSentinelsAndWhatTheyCallThePrimary) {
  const auto url = RedisUrl::Parse("redis+sentinel://:pw@s1,s2:26380/my%20main/3");
  ASSERT_TRUE(url.ok()) << url.error();
  EXPECT_EQ(url.value().mode, RedisUrl::Mode::kSentinel);
  EXPECT_EQ(url.value().primary, "my main");
  EXPECT_EQ(url.value().db, 3u);
  ASSERT_EQ(url.value().seeds.size(), 2u);
  EXPECT_EQ(url.value().seeds[0].ToString(), "s1:26379");
  EXPECT_EQ(url.value().seeds[1].ToString(), "s2:26380");
  EXPECT_EQ(RedisUrl::Parse("redis+sentinel://s1/main").value().db, 0u);
}

TEST(RedisUrl, RefusesAUnixPathThatNoSocketCanHave) {
  const auto url = RedisUrl::Parse("unix://:s3cret@/" + std::string(120, 'p'));
  ASSERT_FALSE(url.ok());
  EXPECT_THAT(url.error(), AllOf(HasSubstr("longer than 107 bytes"), Not(HasSubstr("s3cret"))));
}

}  // namespace
}  // namespace sluice
