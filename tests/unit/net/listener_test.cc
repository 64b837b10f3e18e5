#include "sluice/net/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "sluice/net/socket_file.h"
#include "support/loopback.h"
#include "support/temp_dir.h"
#include "unit/net/fake_hosts.h"
#include "unit/net/loop_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ListenerTest : public LoopTest {};

// ---- Binding -----------------------------------------------------------------------------------

TEST_F(ListenerTest, TheKernelPicksAPortWhereNoneIsGiven) {
  const int fd = BindListeningSocket(Loopback(0), PortSharing::kExclusive).value();
  EXPECT_NE(BoundPort(fd), 0);
  ::close(fd);
}

TEST_F(ListenerTest, APortInUseIsAnError) {
  const TakenPort taken;
  for (const PortSharing sharing : {PortSharing::kExclusive, PortSharing::kShared}) {
    const auto fd = BindListeningSocket(Loopback(taken.port()), sharing);
    ASSERT_FALSE(fd.ok());
    EXPECT_EQ(fd.error(), "Address already in use");
  }
}

TEST_F(ListenerTest, WorkersShareAPortThatAllOfThemShare) {
  const int first = BindListeningSocket(Loopback(0), PortSharing::kShared).value();
  const auto second = BindListeningSocket(Loopback(BoundPort(first)), PortSharing::kShared);
  ASSERT_TRUE(second.ok()) << second.error();
  const auto third = BindListeningSocket(Loopback(BoundPort(first)), PortSharing::kExclusive);
  EXPECT_FALSE(third.ok());
  ::close(first);
  ::close(second.value());
}

TEST_F(ListenerTest, AHostThatCannotBeResolvedIsAnError) {
  const auto fd =
      BindListeningSocket({.host = kNoSuchHost, .port = 0, .path = {}}, PortSharing::kExclusive);
  ASSERT_FALSE(fd.ok());
  EXPECT_THAT(fd.error(), HasSubstr("cannot resolve"));
}

TEST_F(ListenerTest, AnAddressThatIsNotThisMachinesIsAnError) {
  const auto fd =
      BindListeningSocket({.host = "192.0.2.1", .port = 0, .path = {}}, PortSharing::kExclusive);
  ASSERT_FALSE(fd.ok());
  EXPECT_EQ(fd.error(), "Cannot assign requested address");
}

TEST_F(ListenerTest, AUnixSocketIsNotBoundHere) {
  EXPECT_FALSE(
      BindListeningSocket({.host = {}, .port = 0, .path = "/tmp/x"}, PortSharing::kExclusive).ok());
}

// ---- Accepting ---------------------------------------------------------------------------------

TEST_F(ListenerTest, AcceptsEveryConnection) {
  const uint16_t port = Listen();
  std::vector<Peer*> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(&Dial(Loopback(port)));
  RunUntil([&] {
    size_t connected = 0;
    for (const Peer* client : clients) connected += client->connected ? 1 : 0;
    return connected == clients.size() && accepted.size() == clients.size();
  });
}

TEST_F(ListenerTest, CloseAcceptsWhatTheKernelHasQueuedAndNothingAfter) {
  const uint16_t port = Listen();
  std::vector<int> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(ConnectLoopback(port));
  EXPECT_THAT(accepted, IsEmpty());
  EXPECT_TRUE(listener().Close());
  EXPECT_TRUE(listener().closed());
  ASSERT_THAT(accepted, SizeIs(3));
  const std::string hello = "hello";
  for (const auto& peer : accepted) EXPECT_EQ(peer->stream->TryWrite(hello), hello.size());
  for (const int client : clients) {
    char bytes[8];
    EXPECT_EQ(::read(client, bytes, sizeof bytes), static_cast<ssize_t>(hello.size()));
    ::close(client);
  }
  EXPECT_TRUE(listener().Close());
  RunUntil([turns = 0]() mutable { return ++turns > 1; });  // the socket is closed by the loop
  EXPECT_EQ(ConnectLoopback(port), -1);
}

TEST_F(ListenerTest, CloseLeavesWhatWaitsOnASharedSocketToTheOthers) {
  const int kept = BindListeningSocket(Loopback(0), PortSharing::kExclusive).value();
  Listener listener(loop(), ::dup(kept), *this, WaitingPeers::kLeft);
  const int client = ConnectLoopback(BoundPort(kept));
  EXPECT_TRUE(listener.Close());
  EXPECT_THAT(accepted, IsEmpty());
  RunUntil([turns = 0]() mutable { return ++turns > 1; });
  const int late = ConnectLoopback(BoundPort(kept));
  EXPECT_NE(late, -1) << "the socket itself stays";
  for (const int waiting : {client, late}) {
    const int taken = ::accept(kept, nullptr, nullptr);
    EXPECT_NE(taken, -1);
    ::close(taken);
    ::close(waiting);
  }
  ::close(kept);
}

TEST_F(ListenerTest, WithoutADescriptorForWhatWaitsItStaysOpenUntilThereIsOne) {
  const uint16_t port = Listen();
  const int client = ConnectLoopback(port);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{.rlim_cur = static_cast<rlim_t>(client), .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_FALSE(listener().Close());
  EXPECT_FALSE(listener().closed());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_TRUE(listener().Close());
  EXPECT_THAT(accepted, SizeIs(1));
  ::close(client);
}

TEST_F(ListenerTest, AcceptsOnAUnixSocketAndWhatWaitsThereWhenItCloses) {
  const TempDir dir;
  const std::string path = dir.File("s");
  const auto file = SocketFile::Listen(path, SocketFile::Taking::kFree);
  ASSERT_TRUE(file.ok()) << file.error();
  const int fd = file.value()->TakeSocket();
  EXPECT_EQ(BoundAddress(fd).ToString(), "unix://" + path);
  Listener listener(loop(), fd, *this);
  Peer& client = Dial({.host = {}, .port = 0, .path = path});
  RunUntil([&] { return client.connected && accepted.size() == 1; });
  client.stream->StartRead();
  EXPECT_EQ(accepted[0]->stream->TryWrite("hello"), 5u);
  RunUntil([&] { return client.read == "hello"; });
  Peer& waiting = Dial({.host = {}, .port = 0, .path = path});
  EXPECT_TRUE(listener.Close());
  ASSERT_THAT(accepted, SizeIs(2)) << "it had connected and waited";
  RunUntil([&] { return waiting.connected; });
}

TEST_F(ListenerTest, KnowsTheAddressItIsBoundTo) {
  const int fd = BindListeningSocket(Loopback(0), PortSharing::kExclusive).value();
  EXPECT_EQ(BoundAddress(fd).ToString(), "127.0.0.1:" + std::to_string(BoundPort(fd)));
  ::close(fd);
}

}  // namespace
}  // namespace sluice
