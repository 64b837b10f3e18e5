// The relay itself, between one client and a real Redis: what it passes, cuts, keeps and holds
// back.
#include "support/relay.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>

#include "support/loopback.h"
#include "support/redis_server.h"
#include "support/wait.h"

namespace sluice {
namespace {

// A connection through the relay that speaks Redis's inline commands.
class RelayClient {
 public:
  explicit RelayClient(const Relay& relay)
      : fd_(ConnectLoopback(static_cast<uint16_t>(
            std::stoul(relay.url().substr(sizeof "redis://127.0.0.1:" - 1))))) {}
  ~RelayClient() { close(fd_); }

  void Say(std::string_view line) {
    ASSERT_EQ(send(fd_, line.data(), line.size(), MSG_NOSIGNAL), static_cast<ssize_t>(line.size()));
  }
  // What comes until so many bytes are here, or the connection ends.
  std::string Read(size_t bytes) {
    std::string read;
    char byte = 0;
    while (read.size() < bytes && Poll(kWaitBoundMs) && recv(fd_, &byte, 1, 0) == 1) read += byte;
    return read;
  }
  bool IsSilent() const { return !Poll(100); }
  // The bytes that come before the end.
  std::string ReadToEnd() { return Read(SIZE_MAX); }

 private:
  bool Poll(int ms) const {
    pollfd waiting{fd_, POLLIN, 0};
    return poll(&waiting, 1, ms) > 0;
  }
  int fd_;
};

class RelayTest : public testing::Test {
 protected:
  RelayTest() { redis_.Start(); }
  std::string Get(const std::string& key) { return redis_.client().Do({"GET", key}).text; }

  RedisServer redis_;
  Relay relay_{redis_.socket_path()};
};

TEST_F(RelayTest, PassesWhatIsSaidAndAnswered) {
  RelayClient client(relay_);
  client.Say("SET k v\r\n");
  EXPECT_EQ(client.Read(5), "+OK\r\n");
  EXPECT_EQ(Get("k"), "v");
  EXPECT_EQ(relay_.accepted_count(), 1u);
  EXPECT_EQ(relay_.open_count(), 1u);
  EXPECT_EQ(relay_.cut_count(), 0u);
}

TEST_F(RelayTest, CutsBehindAByteTowardsRedis) {
  RelayClient client(relay_);
  relay_.CutAfter(RelayDirection::kToRedis, 14, RelayEnd::kClose);
  client.Say("SET k whole\r\nSET k cut\r\n");
  EXPECT_TRUE(WaitFor([this] { return relay_.cut_count() == 1; }, "the cut"));
  (void)client.ReadToEnd();
  EXPECT_TRUE(WaitFor([this] { return Get("k") == "whole"; }, "the whole command to be run"));
  EXPECT_EQ(relay_.open_count(), 0u);
}

TEST_F(RelayTest, CutsBehindAByteOfTheReplies) {
  RelayClient client(relay_);
  relay_.CutAfter(RelayDirection::kFromRedis, 7, RelayEnd::kClose);
  client.Say("PING\r\nPING\r\n");
  EXPECT_LE(client.ReadToEnd().size(), 7u);
  EXPECT_EQ(relay_.cut_count(), 1u);
}

TEST_F(RelayTest, CutsBetweenExecAndItsReply) {
  RelayClient client(relay_);
  client.Say("PING\r\n");
  EXPECT_EQ(client.Read(7), "+PONG\r\n");
  relay_.CutBeforeExecReply(RelayEnd::kReset);
  client.Say("MULTI\r\nSET k v\r\n");
  EXPECT_TRUE(client.IsSilent());
  EXPECT_EQ(relay_.cut_count(), 0u);
  client.Say("EXEC\r\n");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(relay_.cut_count(), 1u);
  EXPECT_EQ(Get("k"), "v");
  RelayClient next(relay_);
  next.Say("MULTI\r\nEXEC\r\n");
  EXPECT_EQ(next.Read(9), "+OK\r\n*0\r\n") << "one cut was asked for";
}

TEST_F(RelayTest, FreezesEitherDirection) {
  RelayClient client(relay_);
  relay_.Freeze(RelayDirection::kFromRedis);
  client.Say("SET k v\r\n");
  EXPECT_TRUE(WaitFor([this] { return Get("k") == "v"; }, "the command to be run"));
  EXPECT_TRUE(client.IsSilent());
  relay_.Pass();
  EXPECT_EQ(client.Read(5), "+OK\r\n");
  relay_.Freeze(RelayDirection::kToRedis);
  client.Say("SET k w\r\n");
  EXPECT_TRUE(client.IsSilent());
  EXPECT_EQ(Get("k"), "v");
  relay_.Pass();
  EXPECT_EQ(client.Read(5), "+OK\r\n");
}

TEST_F(RelayTest, FreezesOnlyThoseThatHaveNotSaidAWord) {
  relay_.Mark(":urgent");
  relay_.Freeze(RelayDirection::kFromRedis, RelayLinks::kUnmarked);
  RelayClient plain(relay_);
  plain.Say("SET k v\r\n");
  RelayClient spared(relay_);
  spared.Say("SET w0:ur");
  EXPECT_TRUE(WaitFor([this] { return relay_.passed_bytes() == 18; }, "half of the word to pass"));
  EXPECT_EQ(relay_.open_count(RelayLinks::kMarked), 0u);
  spared.Say("gent w\r\n");
  EXPECT_EQ(spared.Read(5), "+OK\r\n") << "the very command that says it is answered";
  EXPECT_EQ(relay_.open_count(RelayLinks::kMarked), 1u);
  EXPECT_EQ(relay_.open_count(RelayLinks::kUnmarked), 1u);
  EXPECT_EQ(Get("k"), "v");
  EXPECT_TRUE(plain.IsSilent());
  relay_.Pass();
  EXPECT_EQ(plain.Read(5), "+OK\r\n");
}

TEST_F(RelayTest, FreezesAndCutsOnlyThoseThatHaveSaidAWord) {
  relay_.Mark(":urgent");
  RelayClient plain(relay_);
  RelayClient marked(relay_);
  marked.Say("SET w0:urgent w\r\n");
  EXPECT_EQ(marked.Read(5), "+OK\r\n");
  relay_.Freeze(RelayDirection::kToRedis, RelayLinks::kMarked);
  marked.Say("SET k frozen\r\n");
  plain.Say("PING\r\n");
  EXPECT_EQ(plain.Read(7), "+PONG\r\n");
  EXPECT_TRUE(marked.IsSilent());
  relay_.Pass();
  EXPECT_EQ(marked.Read(5), "+OK\r\n") << "marked stays marked";
  relay_.CutBeforeExecReply(RelayEnd::kClose, RelayLinks::kMarked);
  plain.Say("MULTI\r\nEXEC\r\n");
  EXPECT_EQ(plain.Read(9), "+OK\r\n*0\r\n");
  marked.Say("MULTI\r\nSET k cut\r\nEXEC\r\n");
  EXPECT_EQ(marked.ReadToEnd(), "");
  EXPECT_EQ(Get("k"), "cut");
  RelayClient next(relay_);
  relay_.CutAfter(RelayDirection::kToRedis, 1, RelayEnd::kClose, RelayLinks::kMarked);
  plain.Say("PING\r\n");
  EXPECT_EQ(plain.Read(7), "+PONG\r\n");
  next.Say("SET w1:urgent w\r\n");
  EXPECT_EQ(next.ReadToEnd(), "");
  EXPECT_EQ(relay_.cut_count(), 2u);
  relay_.CutAll(RelayEnd::kClose, RelayLinks::kMarked);
  EXPECT_EQ(relay_.cut_count(), 2u) << "there is none left";
  plain.Say("PING\r\n");
  EXPECT_EQ(plain.Read(7), "+PONG\r\n");
}

TEST_F(RelayTest, KeepsBytesAndDeliversThemAfterTheirClientHasGone) {
  RelayClient old(relay_);
  old.Say("PING\r\n");
  EXPECT_EQ(old.Read(7), "+PONG\r\n");
  relay_.Hold();
  old.Say("SET k held\r\n");
  ASSERT_TRUE(WaitFor([this] { return relay_.held_bytes() == 12; }, "the bytes to be kept"));
  relay_.DropHeld();
  EXPECT_EQ(old.ReadToEnd(), "");
  RelayClient next(relay_);
  next.Say("SET k new\r\n");
  EXPECT_EQ(next.Read(5), "+OK\r\n") << "new connections pass";
  EXPECT_EQ(Get("k"), "new");
  EXPECT_EQ(relay_.open_count(), 2u);
  relay_.DeliverHeld();
  ASSERT_TRUE(WaitFor([this] { return relay_.open_count() == 1; }, "the old connection to end"));
  EXPECT_EQ(Get("k"), "held");
}

TEST_F(RelayTest, DeliversNothingOnAConnectionThatRedisKilled) {
  RelayClient old(relay_);
  old.Say("CLIENT ID\r\n");
  std::string id = old.Read(4);
  while (!id.ends_with("\r\n")) id += old.Read(1);
  id = id.substr(1, id.size() - 3);
  relay_.Hold();
  old.Say("SET k held\r\n");
  ASSERT_TRUE(WaitFor([this] { return relay_.held_bytes() == 12; }, "the bytes to be kept"));
  relay_.DropHeld();
  EXPECT_EQ(redis_.client().Do({"CLIENT", "KILL", "ID", id}).integer, 1);
  ASSERT_TRUE(WaitFor([this] { return relay_.open_count() == 0; }, "the old connection to end"));
  relay_.DeliverHeld();
  EXPECT_EQ(redis_.client().Do({"EXISTS", "k"}).integer, 0);
}

TEST_F(RelayTest, ABlackholeAcceptsAndNeverAnswers) {
  RelayClient before(relay_);
  before.Say("PING\r\n");
  EXPECT_EQ(before.Read(7), "+PONG\r\n");
  relay_.Blackhole();
  EXPECT_EQ(before.ReadToEnd(), "");
  RelayClient inside(relay_);
  inside.Say("PING\r\n");
  EXPECT_TRUE(inside.IsSilent());
  relay_.Pass();
  EXPECT_EQ(inside.ReadToEnd(), "");
  RelayClient after(relay_);
  after.Say("PING\r\n");
  EXPECT_EQ(after.Read(7), "+PONG\r\n");
}

TEST_F(RelayTest, ThrottlesWhatGoesToRedis) {
  relay_.Throttle(100'000);
  RelayClient client(relay_);
  const auto begin = std::chrono::steady_clock::now();
  client.Say("SET k " + std::string(50'000, 'x') + "\r\n");
  EXPECT_EQ(client.Read(5), "+OK\r\n");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(300));
}

TEST_F(RelayTest, AThrottledConnectionLeavesRoomForAnother) {
  relay_.Throttle(10'000);
  RelayClient busy(relay_);
  RelayClient other(relay_);
  busy.Say("SET k " + std::string(50'000, 'x') + "\r\n");
  other.Say("PING\r\n");
  EXPECT_EQ(other.Read(7), "+PONG\r\n");
  EXPECT_EQ(Get("k"), "") << "the busy one is not through";
  relay_.Pass();
  EXPECT_EQ(busy.Read(5), "+OK\r\n");
}

TEST_F(RelayTest, ARedisThatIsAwayCostsTheConnection) {
  redis_.Kill();
  RelayClient client(relay_);
  EXPECT_EQ(client.ReadToEnd(), "");
}

}  // namespace
}  // namespace sluice
