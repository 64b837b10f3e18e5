#include "sluice/redis/redirect.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Redirect, NamesTheNodeThatHasTheSlot) {
  const auto moved = Redirect::Parse("MOVED 3999 127.0.0.1:6381");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->kind, Redirect::Kind::kMoved);
  EXPECT_EQ(moved->address, "127.0.0.1:6381");
  const auto ask = Redirect::Parse("ASK 3999 :6381");
  ASSERT_TRUE(ask);
  EXPECT_EQ(ask->kind, Redirect::Kind::kAsk);
  EXPECT_EQ(ask->address, ":6381");
}

TEST(Redirect, LeadsToAnAddressOfAnyKind) {
  const Address from{.host = "10.0.0.9", .port = 7000, .path = ""};
  const auto target = [&from](const char* error) {
    const auto to = Redirect::Parse(error)->Target(from);
    return to ? to->ToString() : "nowhere";
  };
  EXPECT_EQ(target("MOVED 1 10.0.0.1:7001"), "10.0.0.1:7001");
  EXPECT_EQ(target("ASK 1 fd00::2:6379"), "[fd00::2]:6379");
  EXPECT_EQ(target("MOVED 1 :7001"), "10.0.0.9:7001");
  for (const char* error : {"MOVED 1 ?:7001", "MOVED 1 a:0", "MOVED 1 a:65536", "MOVED 1 a:1x",
                            "MOVED 1 a", "CLUSTERDOWN The cluster is down"}) {
    EXPECT_EQ(target(error), "nowhere") << error;
  }
}

TEST(Redirect, WaitsWhereNobodyTakesTheKeyForNow) {
  for (const char* error :
       {"TRYAGAIN Multiple keys request during rehashing of slot",
        "CLUSTERDOWN The cluster is down", "READONLY You can't write against a read only replica.",
        "LOADING Redis is loading", "MASTERDOWN Link with MASTER is down"}) {
    const auto wait = Redirect::Parse(error);
    ASSERT_TRUE(wait) << error;
    EXPECT_EQ(wait->kind, Redirect::Kind::kWait) << error;
    EXPECT_EQ(wait->address, "") << error;
  }
}

TEST(Redirect, IsNoOtherError) {
  for (const char* error :
       {"", "MOVED", "ASK", "MOVED 3999", "MOVEDX 3999 a:1", "OOM command not allowed",
        "EXECABORT Transaction discarded because of previous errors.", "ERR ASK 1 a:1"}) {
    EXPECT_FALSE(Redirect::Parse(error)) << error;
  }
}

}  // namespace
}  // namespace sluice
