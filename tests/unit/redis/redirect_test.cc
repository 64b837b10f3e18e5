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
