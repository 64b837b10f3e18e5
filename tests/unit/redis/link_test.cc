#include "sluice/redis/link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sluice/base/limits.h"
#include "sluice/net/listener.h"
#include "sluice/net/loop.h"
#include "sluice/net/uv_stream.h"
#include "unit/redis/link_fixture.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Not;
using testing::SizeIs;

// ---- Greeting ----------------------------------------------------------------------------------

TEST_F(LinkTest, AsksWhetherCommandsAreTakenBeforeItIsReady) {
  Start();
  EXPECT_EQ(wire().sent, "");
  wire().Connect();
  EXPECT_EQ(wire().sent, kGreeting);
  EXPECT_FALSE(link().ready());
  wire().Say(kWhoAmI);
  wire().Say("+PON");
  EXPECT_FALSE(link().ready());
  wire().Say("G\r\n");
  EXPECT_TRUE(link().ready());
  EXPECT_THAT(heard, ElementsAre("ready"));
}

TEST_F(LinkTest, SaysWhoItIsAndPicksTheDatabase) {
  url.user = "gate";
  url.password = "s3cret";
  url.db = 12;
  Start();
  wire().Connect();
  EXPECT_EQ(wire().sent, std::string("*3\r\n$4\r\nAUTH\r\n$4\r\ngate\r\n$6\r\ns3cret\r\n") +
                             "*2\r\n$6\r\nSELECT\r\n$2\r\n12\r\n" + kGreeting);
  wire().Say("+OK\r\n+OK\r\n" + kWhoAmI);
  EXPECT_FALSE(link().ready());
  wire().Say("+PONG\r\n");
  EXPECT_TRUE(link().ready());
}

TEST_F(LinkTest, APasswordAloneIsTheDefaultUsers) {
  url.password = "s3cret";
  Start();
  wire().Connect();
  EXPECT_EQ(wire().sent, "*2\r\n$4\r\nAUTH\r\n$6\r\ns3cret\r\n" + kGreeting);
}

TEST_F(LinkTest, AGreetingTheSocketTakesInPartsArrivesWhole) {
  Start();
  wire().room = 5;
  wire().Connect();
  EXPECT_EQ(wire().sent, "*2\r\n$");
  wire().TakeWaiting();
  EXPECT_EQ(wire().sent, kGreeting);
}

TEST_F(LinkTest, ARefusedPasswordIsTheReasonOfTheFallAndNotInIt) {
  url.password = "s3cret";
  Start();
  wire().Connect();
  wire().Say("-WRONGPASS invalid username-password pair or user is disabled.\r\n-NOAUTH no\r\n");
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
  ASSERT_THAT(heard, SizeIs(1));
  EXPECT_THAT(heard.front(), AllOf(HasSubstr("WRONGPASS"), Not(HasSubstr("s3cret"))));
  EXPECT_FALSE(link().ready());
}

TEST_F(LinkTest, ARedisThatIsStillLoadingIsTriedAgain) {
  Start();
  wire().Connect();
  wire().Say("-LOADING Redis is loading the dataset in memory\r\n");
  wire().FinishClose();
  EXPECT_THAT(heard, ElementsAre(HasSubstr("LOADING")));
  Pass(kBackoffMinMs);
  wire().Connect();
  wire().Say(kWhoAmI + "+PONG\r\n");
  EXPECT_TRUE(link().ready());
}

// ---- Attempts ----------------------------------------------------------------------------------

TEST_F(LinkTest, AnAttemptEndsAfterConnectMsGreetingIncluded) {
  Start();
  Pass(kConnectAfterMs - 1);
  EXPECT_FALSE(wire().closing);
  wire().Connect();
  Pass(1);
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
  EXPECT_THAT(heard, ElementsAre("down: no connection within redis.connect_ms"));
}

TEST_F(LinkTest, AReadyLinkHasNoTimeLimit) {
  StartReady();
  Pass(100 * kConnectAfterMs);
  EXPECT_TRUE(link().ready());
  EXPECT_FALSE(wire().closing);
}

TEST_F(LinkTest, WaitsLongerAfterEachFailedAttemptUpToABound) {
  Start();
  uint64_t longest_ms = kBackoffMinMs;
  for (int attempt = 0; attempt < 12; ++attempt) {
    EXPECT_THAT(MeasureBackoffMs(), AllOf(Ge(longest_ms / 2), Le(longest_ms))) << attempt;
    longest_ms = std::min(longest_ms * 2, kBackoffMaxMs);
  }
  EXPECT_EQ(longest_ms, kBackoffMaxMs);
}

TEST_F(LinkTest, WaitsShortlyAgainOnceItWasReady) {
  Start();
  for (int attempt = 0; attempt < 8; ++attempt) MeasureBackoffMs();
  wire().Connect();
  wire().Say(kWhoAmI + "+PONG\r\n");
  EXPECT_LE(MeasureBackoffMs(), kBackoffMinMs);
}

TEST_F(LinkTest, WaitsAsItDidOnceItWasReady) {
  Start();
  const auto waits = [this] {
    std::vector<uint64_t> ms;
    for (int attempt = 0; attempt < 4; ++attempt) ms.push_back(MeasureBackoffMs());
    return ms;
  };
  const std::vector<uint64_t> first = waits();
  wire().Connect();
  wire().Say(kWhoAmI + "+PONG\r\n");
  EXPECT_EQ(waits(), first) << "whatever became of another link of the same seed";
}

TEST_F(LinkTest, LinksOfDifferentSeedsDoNotDialInStep) {
  std::vector<uint64_t> waits;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    Start(seed);
    for (int attempt = 0; attempt < 7; ++attempt) MeasureBackoffMs();
    const uint64_t wait_ms = MeasureBackoffMs();
    EXPECT_THAT(waits, Not(testing::Contains(wait_ms)));
    waits.push_back(wait_ms);
    link().Close();
    wire().FinishClose();
  }
}

TEST_F(LinkTest, CountsItsAttemptsSoThatEachAddressGetsItsTurn) {
  Start();
  for (int attempt = 0; attempt < 3; ++attempt) MeasureBackoffMs();
  EXPECT_THAT(attempts(), ElementsAre(0, 1, 2, 3));
}

// ---- Carrying ----------------------------------------------------------------------------------

TEST_F(LinkTest, CarriesCommandsAndHandsRepliesUpInOrder) {
  StartReady();
  wire().room = 3;
  const std::string first = "first command";
  const std::string second = "second command";
  link().Send(first);
  link().Send(second);
  EXPECT_EQ(wire().sent, "fir");
  wire().TakeWaiting();
  EXPECT_EQ(wire().sent, "first commandsecond command");
  wire().Say("+one\r\n+two\r\n+th");
  wire().Say("ree\r\n");
  EXPECT_THAT(heard, ElementsAre("reply one", "reply two", "reply three"));
}

TEST_F(LinkTest, WhatIsNotRespCostsTheConnection) {
  StartReady();
  wire().Say("+one\r\n\x01garbage\r\n");
  EXPECT_THAT(heard, ElementsAre("reply one"));
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
  EXPECT_EQ(heard.back(), "down: Redis sent what is not RESP");
}

TEST_F(LinkTest, AServerThatEndsTheConnectionIsLeft) {
  StartReady();
  wire().SayEnd();
  EXPECT_FALSE(link().ready());
  EXPECT_TRUE(wire().closing);
  wire().FinishClose();
  EXPECT_THAT(heard, ElementsAre("down: Redis closed the connection"));
}

TEST_F(LinkTest, DropSaysWhyOnceTheConnectionIsGoneAndDialsAgain) {
  StartReady();
  link().Drop("no reply");
  link().Drop("another reason");
  EXPECT_FALSE(link().ready());
  EXPECT_THAT(heard, IsEmpty()) << "the socket may still hold the lane's bytes";
  wire().FinishClose();
  EXPECT_THAT(heard, ElementsAre("down: no reply"));
  Pass(kBackoffMinMs);
  EXPECT_THAT(attempts(), SizeIs(2));
}

TEST_F(LinkTest, NothingIsHeardOfAConnectionThatWasDropped) {
  StartReady();
  link().Drop("enough");
  wire().handler->OnRead("+late\r\n");
  EXPECT_THAT(heard, IsEmpty());
}

TEST_F(LinkTest, HalfAReplyOfTheLastConnectionIsForgotten) {
  StartReady();
  wire().Say("$100\r\nhalf a re");
  wire().FinishClose("connection reset by peer");
  Pass(kBackoffMinMs);
  wire().Connect();
  wire().Say(WhoAmI("another run", 1) + "+PONG\r\n");
  EXPECT_TRUE(link().ready());
}

TEST_F(LinkTest, CloseIsForGood) {
  StartReady();
  link().Close();
  EXPECT_FALSE(link().closed());
  wire().FinishClose();
  EXPECT_TRUE(link().closed());
  EXPECT_THAT(heard, ElementsAre("down: "));
  Pass(10 * kBackoffMaxMs);
  EXPECT_THAT(attempts(), SizeIs(1));
}

TEST_F(LinkTest, CloseWhileItWaitsToDialIsDoneAtOnce) {
  Start();
  wire().FinishClose("connection refused");
  link().Close();
  EXPECT_TRUE(link().closed());
  Pass(10 * kBackoffMaxMs);
  EXPECT_THAT(attempts(), SizeIs(1));
}

// ---- Over a real socket ------------------------------------------------------------------------

// Runs the loop until the link has fallen once, then closes it.
class FallWatcher final : public LinkHandler, public LoopHandler {
 public:
  explicit FallWatcher(Loop& loop) : loop_(loop) {}
  std::string reason;

  void OnLinkReady() override {}
  void OnLinkReply(const Reply&) override {}
  void OnLinkDown(std::string_view why) override {
    reason = why;
    loop_.Stop();
  }
  void OnTurnEnd() override {}
  void OnSweep() override {
    if (++sweeps_ > 50) loop_.Stop();
  }

 private:
  Loop& loop_;
  int sweeps_ = 0;
};

Address Loopback(uint16_t port) { return {.host = "127.0.0.1", .port = port, .path = {}}; }

// The real stream's reason lives in the stream, which the link destroys when it hears it.
TEST(LinkOverASocket, TellsWhyTheConnectionFailed) {
  const int fd = BindListeningSocket(Loopback(0), PortSharing::kExclusive).value();
  const uint16_t port = BoundPort(fd);
  ::close(fd);
  SystemClock clock;
  Loop loop(clock);
  UvDialer dialer(loop, Loopback(port));
  Link link({.url = {}, .connect_ms = 5'000}, dialer, loop.clock(), 1);
  FallWatcher watcher(loop);
  link.set_handler(watcher);
  link.Start();
  loop.Run(watcher);
  EXPECT_EQ(watcher.reason, "cannot connect: connection refused");
  link.Close();
  EXPECT_TRUE(link.closed());
}

}  // namespace
}  // namespace sluice
