// What a link does about the connection before it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sluice/base/limits.h"
#include "unit/redis/link_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;

TEST_F(LinkTest, KillsItsLastConnectionWhereTheServerIsTheSameBeforeItIsReady) {
  StartReady();
  const std::string first = link().name();
  wire().FinishClose("connection reset by peer");
  Pass(kBackoffMinMs);
  wire().Connect();
  wire().sent.clear();
  wire().Say(WhoAmI("run", 12) + "+PONG\r\n");
  EXPECT_FALSE(link().ready());
  EXPECT_EQ(wire().sent, "*4\r\n$6\r\nCLIENT\r\n$4\r\nKILL\r\n$2\r\nID\r\n$1\r\n7\r\n");
  wire().Say(":0\r\n");
  EXPECT_TRUE(link().ready());
  EXPECT_EQ(first, "run 7");
  EXPECT_EQ(link().name(), "run 12");
}

TEST_F(LinkTest, KillsTheLastConnectionThatWasReadyHoweverManyAttemptsCameBetween) {
  StartReady();
  wire().FinishClose("connection reset by peer");
  for (const int id : {8, 9}) {
    Pass(kBackoffMaxMs);
    wire().Connect();
    wire().Say(WhoAmI("run", id) + "+PONG\r\n");
    EXPECT_THAT(wire().sent, HasSubstr("KILL\r\n$2\r\nID\r\n$1\r\n7\r\n"));
    wire().FinishClose("connection reset by peer");
  }
}

TEST_F(LinkTest, ARestartedServerHasNothingLeftToFence) {
  StartReady();
  wire().FinishClose("connection reset by peer");
  Pass(kBackoffMinMs);
  wire().Connect();
  wire().Say(WhoAmI("another run", 12) + "+PONG\r\n");
  EXPECT_TRUE(link().ready());
}

TEST_F(LinkTest, IsNotReadyWithoutItsFence) {
  StartReady();
  wire().FinishClose("connection reset by peer");
  Pass(kBackoffMinMs);
  wire().Connect();
  wire().Say(WhoAmI("run", 12) + "+PONG\r\n-NOPERM no\r\n");
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
  EXPECT_THAT(heard.back(), HasSubstr("NOPERM"));
}

}  // namespace
}  // namespace sluice
