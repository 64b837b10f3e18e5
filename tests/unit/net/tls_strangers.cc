// What a TLS stream makes of peers that are none, are late, or mean harm.
#include <gmock/gmock.h>

#include "unit/net/tls_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(TlsTest, PlainHttpIsToldSoInClearAndClosed) {
  Accept(Context());
  Say("POST /v1/vitals HTTP/1.1\r\nHost: gate\r\nContent-Length: 2\r\n\r\n{}");
  const std::string answer = server().TakeSent();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  const std::string body = answer.substr(answer.find("\r\n\r\n") + 4);
  EXPECT_THAT(answer, HasSubstr("Content-Length: " + std::to_string(body.size()) + "\r\n"));
  EXPECT_TRUE(server().wire->closing);
  EXPECT_EQ(server().read, "");
  EXPECT_EQ(stats_.failed.value(), 1u);
}

TEST_F(TlsTest, GarbageIsClosed) {
  for (const std::string& garbage :
       {std::string("\0\0\0\0\0\0", 6), std::string(70, '\xff'), std::string("SSH-2.0-x\r\n"),
        std::string("\x16\x03\x01\xff\xff\x01", 6),
        std::string("\x16\x03\x01\x00\x04\x01\xff\xff\xff", 9)}) {
    Accept(Context());
    Say(garbage);
    EXPECT_TRUE(server().wire->closing) << garbage.substr(0, 12);
    EXPECT_EQ(server().read, "");
  }
  EXPECT_EQ(stats_.failed.value(), 5u);
}

TEST_F(TlsTest, AConnectionWithoutAWordIsNoFailedHandshake) {
  Accept(Context());
  server().wire->SayEnd();
  EXPECT_TRUE(server().wire->closing);
  EXPECT_EQ(stats_.failed.value(), 0u);
}

TEST_F(TlsTest, AHandshakeThatIsNotDoneInTimeIsCut) {
  Accept(Context());
  TlsPeer peer(Trusting());
  clock_.AdvanceMs(kHandshakeMs - 1);
  loop_.clock().Forget();
  room_.Sweep();
  Say(peer.Take());
  EXPECT_FALSE(server().wire->closing);
  clock_.AdvanceMs(1);
  loop_.clock().Forget();
  room_.Sweep();
  EXPECT_TRUE(server().wire->closing) << "its deadline is from its start, not from its last word";
  EXPECT_EQ(stats_.failed.value(), 1u);
}

TEST_F(TlsTest, AnOldVersionIsRefused) {
  Accept(Context());
  // OpenSSL's client does not offer one at its security level, so what it would have said.
  TlsPeer peer(Trusting());
  std::string hello = peer.Take();
  // Without its extensions a hello of 1.3 is one of the version it names, 1.2; made 1.1.
  constexpr size_t kSessionIdAt = 43;
  const size_t ciphers_at = kSessionIdAt + 1 + static_cast<unsigned char>(hello[kSessionIdAt]);
  hello.resize(ciphers_at);
  hello += std::string("\x00\x02\xc0\x14\x01\x00", 6);
  hello[10] = '\x02';
  const size_t record = hello.size() - 5;
  hello[3] = static_cast<char>(record >> 8);
  hello[4] = static_cast<char>(record & 0xff);
  hello[6] = '\0';
  hello[7] = static_cast<char>((record - 4) >> 8);
  hello[8] = static_cast<char>((record - 4) & 0xff);
  Say(hello);
  const std::string alert = server().TakeSent();
  ASSERT_EQ(alert.size(), 7u);
  EXPECT_EQ(alert.substr(5), "\x02\x46") << "fatal protocol_version";
  EXPECT_TRUE(server().wire->closing);
}

TEST_F(TlsTest, SpeaksHttp11AndRefusesWhoOffersOnlyOthers) {
  TlsPeerOptions options = Trusting();
  options.protocols = "\x02h2\x08http/1.1";
  EXPECT_EQ(Connect(options).protocol(), "http/1.1");
  options.protocols = "\x02h2";
  const TlsPeer refused = Connect(options);
  EXPECT_FALSE(refused.established());
  EXPECT_THAT(refused.error(), HasSubstr("no application protocol"));
  EXPECT_TRUE(server().wire->closing);
  EXPECT_EQ(Connect(Trusting()).protocol(), "") << "a client need not offer any";
}

TEST_F(TlsTest, APeerThatAsksForNewKeysAndReadsNothingIsCut) {
  TlsPeer peer = Connect(Trusting());
  server().wire->room = 0;
  server().stream->TryWrite("an answer that nobody reads");
  for (int i = 0; i < 20'000 && !server().wire->closing; ++i) {
    peer.UpdateKeys();
    Say(peer.Take());
  }
  EXPECT_TRUE(server().wire->closing);
  server().wire->FinishClose();
  EXPECT_EQ(server().reason, "TLS: the peer asks and does not read");
}

TEST_F(TlsTest, APeerThatOnlyAsksForNewKeysIsCut) {
  TlsPeer peer = Connect(Trusting());
  for (int i = 0; i < 100; ++i) peer.UpdateKeys();
  Say(peer.Take());
  EXPECT_TRUE(server().wire->closing);
  server().wire->FinishClose();
  EXPECT_EQ(server().reason, "TLS: too many messages without content");
}

TEST_F(TlsTest, GoesOnAfterNewKeys) {
  TlsPeer peer = Connect(Trusting());
  peer.UpdateKeys();
  peer.Write("ping");
  Exchange(peer);
  server().stream->TryWrite("pong");
  Exchange(peer);
  EXPECT_EQ(server().read + peer.plain, "pingpong");
}

}  // namespace
}  // namespace sluice
