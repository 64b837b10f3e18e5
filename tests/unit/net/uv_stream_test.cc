#include "sluice/net/uv_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "support/loopback.h"
#include "support/temp_dir.h"
#include "unit/net/fake_hosts.h"
#include "unit/net/loop_fixture.h"

namespace sluice {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

class UvStreamTest : public LoopTest {};

// More than the buffers of both sockets take.
constexpr size_t kMuch = 24'000'000;

std::string ManyBytes() {
  std::string bytes(kMuch, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>('a' + i % 23);
  return bytes;
}

// ---- Reading and writing -----------------------------------------------------------------------

TEST_F(UvStreamTest, CarriesBytesBothWays) {
  Peer& client = Connect();
  Peer& server = *accepted[0];
  EXPECT_EQ(client.stream->TryWrite("ping"), 4u);
  RunUntil([&] { return server.read == "ping"; });
  EXPECT_EQ(server.stream->TryWrite("pong"), 4u);
  RunUntil([&] { return client.read == "pong"; });
}

TEST_F(UvStreamTest, QueuesWhatTheSocketDoesNotTakeAndSaysWhenItIsGone) {
  Peer& client = Connect();
  Peer& server = *accepted[0];
  client.stream->StopRead();
  const std::string bytes = ManyBytes();
  const std::string_view all = bytes;
  const size_t taken = server.stream->TryWrite(all);
  ASSERT_GT(taken, 0u);
  ASSERT_LT(taken, all.size());
  server.stream->Write(all.substr(taken, 1'000));
  server.stream->Write(all.substr(taken + 1'000));
  EXPECT_EQ(server.stream->TryWrite("not before the others"), 0u);
  EXPECT_EQ(server.written_count, 0);
  client.stream->StartRead();
  RunUntil([&] { return client.read.size() == all.size(); });
  EXPECT_TRUE(client.read == bytes);
  RunUntil([&] { return server.written_count > 0; });
  EXPECT_EQ(server.written_count, 1) << "when all is gone, and not for each part";
  EXPECT_EQ(server.stream->TryWrite("next"), 4u);
}

TEST_F(UvStreamTest, ReadsNothingWhileItIsStopped) {
  Peer& client = Connect();
  Peer& server = *accepted[0];
  server.on_read = [&server] { server.stream->StopRead(); };
  client.stream->TryWrite("first");
  RunUntil([&] { return !server.read.empty(); });
  client.stream->TryWrite("second");
  RunUntil([this] { return sweep_count() > 0; });
  EXPECT_EQ(server.read, "first");
  server.on_read = [] {};
  server.stream->StartRead();
  RunUntil([&] { return server.read == "firstsecond"; });
}

// ---- Ending ------------------------------------------------------------------------------------

TEST_F(UvStreamTest, HearsThatThePeerWillSendNoMoreAndCanStillAnswer) {
  Peer& client = Connect();
  Peer& server = *accepted[0];
  client.stream->TryWrite("the last");
  client.stream->FinishWriting();
  RunUntil([&] { return server.ended; });
  EXPECT_EQ(server.read, "the last");
  EXPECT_FALSE(server.closed);
  EXPECT_EQ(server.stream->TryWrite("the answer"), 10u);
  RunUntil([&] { return client.read == "the answer"; });
}

TEST_F(UvStreamTest, HearsThatThePeerHasClosed) {
  Peer& client = Connect();
  Peer& server = *accepted[0];
  client.stream->Close();
  RunUntil([&] { return client.closed && server.ended; });
  EXPECT_EQ(client.reason, "") << "it was asked for";
}

TEST_F(UvStreamTest, APeerThatLeavesInTheMiddleOfAWriteClosesTheStreamWithAReason) {
  Peer& client = Connect();
  Peer& server = *accepted[0];
  client.stream->StopRead();
  const std::string bytes = ManyBytes();
  server.stream->Write(bytes);
  client.stream->Close();
  RunUntil([&] { return server.closed; });
  EXPECT_THAT(server.reason, AnyOf(StartsWith("cannot write: "), StartsWith("cannot read: ")));
}

TEST_F(UvStreamTest, AConnectionThatIsResetIsClosedWithTheReason) {
  const int client = ConnectLoopback(Listen());
  RunUntil([this] { return accepted.size() == 1; });
  Peer& server = *accepted.front();
  server.stream->StartRead();
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(client);
  RunUntil([&] { return server.closed; });
  EXPECT_EQ(server.reason, "cannot read: connection reset by peer");
  EXPECT_FALSE(server.ended);
}

TEST_F(UvStreamTest, CanBeClosedFromInsideACallbackAnyNumberOfTimes) {
  Peer& client = Connect();
  Peer& server = *accepted[0];
  server.on_read = [&server] {
    server.stream->Close();
    server.stream->Close();
    EXPECT_FALSE(server.closed) << "not from inside Close";
    EXPECT_EQ(server.stream->TryWrite("too late"), 0u);
    server.stream->Write("too late");
    server.stream->StartRead();
    server.stream->FinishWriting();
  };
  client.stream->TryWrite("go away");
  RunUntil([&] { return server.closed && client.ended; });
  EXPECT_EQ(server.reason, "");
  EXPECT_EQ(client.read, "");
}

TEST_F(UvStreamTest, CanBeDestroyedInOnClosed) {
  Connect();
  Peer& server = *accepted[0];
  server.on_closed = [&server] { server.stream.reset(); };
  const std::string bytes = ManyBytes();
  server.stream->Write(bytes);  // in flight while it closes
  server.stream->Close();
  RunUntil([&] { return server.closed; });
  EXPECT_EQ(server.stream, nullptr);
  EXPECT_EQ(server.written_count, 0);
}

// ---- Connecting --------------------------------------------------------------------------------

TEST_F(UvStreamTest, NobodyListeningIsTheReasonOfItsEnd) {
  const uint16_t port = Listen();
  EXPECT_TRUE(listener().Close());
  RunUntil([turns = 0]() mutable { return ++turns > 1; });
  Peer& client = Dial(Loopback(port));
  EXPECT_FALSE(client.closed) << "not from inside Dial";
  RunUntil([&] { return client.closed; });
  EXPECT_EQ(client.reason, "cannot connect: connection refused");
  EXPECT_FALSE(client.connected);
}

TEST_F(UvStreamTest, AHostWithoutAnAddressIsTheReasonOfItsEnd) {
  Peer& client = Dial({.host = kNoSuchHost, .port = 1, .path = {}});
  RunUntil([&] { return client.closed; });
  EXPECT_THAT(client.reason, StartsWith("cannot resolve: "));
}

TEST_F(UvStreamTest, EachAttemptTakesTheHostsNextAddress) {
  const uint16_t port = Listen();  // on the first address only
  const Address host = {.host = kTwoAddressesHost, .port = port, .path = {}};
  for (uint32_t attempt = 0; attempt < 4; ++attempt) {
    Peer& client = Dial(host, attempt);
    RunUntil([&] { return client.connected || client.closed; });
    EXPECT_EQ(client.connected, attempt % 2 == 0) << "attempt " << attempt;
  }
  RunUntil([&] { return accepted.size() == 2; });
}

TEST_F(UvStreamTest, ClosedWhileItResolvesItEndsWithTheLookUp) {
  Peer& client = Dial({.host = kSlowHost, .port = 1, .path = {}});
  client.on_closed = [&] { client.stream.reset(); };
  RunUntil(SlowLookupHasBegun);
  client.stream->Close();
  RunUntil([turns = 0]() mutable { return ++turns > 2; });
  EXPECT_FALSE(client.closed) << "the look-up still refers to the stream";
  EndSlowLookup();
  RunUntil([&] { return client.closed; });
  EXPECT_EQ(client.reason, "");
}

TEST_F(UvStreamTest, CanBeClosedRightAfterDialling) {
  Peer& client = Dial({.host = kNoSuchHost, .port = 1, .path = {}});
  client.on_closed = [&] { client.stream.reset(); };
  client.stream->Close();
  RunUntil([&] { return client.closed; });
  EXPECT_EQ(client.reason, "");
}

TEST_F(UvStreamTest, CanBeClosedWhileItConnects) {
  const uint16_t port = Listen();
  Peer& client = Dial(Loopback(port));
  client.on_closed = [&] { client.stream.reset(); };
  RunUntil([turns = 0]() mutable { return ++turns > 1; });
  client.stream->Close();
  RunUntil([&] { return client.closed; });
  EXPECT_EQ(client.reason, "");
}

// ---- Unix sockets ------------------------------------------------------------------------------

int ListenOnPath(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), std::min(path.size(), sizeof name.sun_path - 1));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  EXPECT_EQ(::listen(fd, 1), 0);
  return fd;
}

TEST_F(UvStreamTest, CarriesBytesOverAUnixSocket) {
  const TempDir dir;
  const int listening = ListenOnPath(dir.File("s"));
  Peer& client = Dial({.host = {}, .port = 0, .path = dir.File("s")});
  RunUntil([&] { return client.connected; });
  const int server = ::accept(listening, nullptr, nullptr);
  EXPECT_EQ(client.stream->TryWrite("ping"), 4u);
  char bytes[8];
  EXPECT_EQ(::read(server, bytes, sizeof bytes), 4);
  client.stream->StartRead();
  EXPECT_EQ(::write(server, "pong", 4), 4);
  RunUntil([&] { return client.read == "pong"; });
  ::close(server);
  RunUntil([&] { return client.ended; });
  ::close(listening);
}

TEST_F(UvStreamTest, AMissingUnixSocketIsTheReasonOfItsEnd) {
  const TempDir dir;
  Peer& client = Dial({.host = {}, .port = 0, .path = dir.File("s")});
  EXPECT_FALSE(client.closed);
  RunUntil([&] { return client.closed; });
  EXPECT_THAT(client.reason, HasSubstr("cannot connect: no such file or directory"));
}

}  // namespace
}  // namespace sluice
