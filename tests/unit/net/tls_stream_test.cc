#include "sluice/net/tls_stream.h"

#include <gmock/gmock.h>

#include "unit/net/tls_fixture.h"

namespace sluice {
namespace {

using testing::StartsWith;

class TlsStreamTest : public TlsTest, public testing::WithParamInterface<int> {
 protected:
  TlsPeerOptions OfVersion() const { return {.ca = ca_.file(), .version = GetParam()}; }
};

INSTANTIATE_TEST_SUITE_P(, TlsStreamTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) {
                           return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

// ---- Both versions -----------------------------------------------------------------------------

TEST_P(TlsStreamTest, CarriesBytesBothWays) {
  TlsPeer peer = Connect(OfVersion());
  EXPECT_TRUE(peer.established()) << peer.error();
  peer.Write("ping");
  Exchange(peer);
  EXPECT_EQ(server().read, "ping");
  EXPECT_EQ(server().stream->TryWrite("pong"), 4u);
  Exchange(peer);
  EXPECT_EQ(peer.plain, "pong");
  EXPECT_EQ(server().stream->peer_name(), "");
  EXPECT_EQ(stats_.ok.value(), 1u);
}

TEST_P(TlsStreamTest, IsTheSameHoweverItsBytesAreCutIntoReads) {
  for (const size_t read_bytes : {1, 2, 5, 64, 1'000}) {
    Accept(Context());
    TlsPeer peer(OfVersion());
    Exchange(peer, read_bytes);
    ASSERT_TRUE(peer.established()) << read_bytes << ": " << peer.error();
    peer.Write("ping");
    Exchange(peer, read_bytes);
    EXPECT_EQ(server().read, "ping");
    server().stream->TryWrite("pong");
    Exchange(peer, read_bytes);
    EXPECT_EQ(peer.plain, "pong");
  }
}

TEST_P(TlsStreamTest, CutAnywhereInTheHandshakeItClosesAndLetsNothingThrough) {
  Accept(Context());
  TlsPeer whole(OfVersion());
  const size_t first_bytes = whole.Take().size();
  for (size_t cut = 1; cut < first_bytes + 400; cut += cut < 20 ? 1 : 13) {
    TlsEnd& end = Accept(Context());
    TlsPeer peer(OfVersion());
    size_t said = 0;
    for (int round = 0; round < 4 && said < cut; ++round) {
      const std::string up = peer.Take();
      const size_t n = std::min(up.size(), cut - said);
      Say(std::string_view(up).substr(0, n));
      said += n;
      peer.Hear(end.TakeSent());
    }
    if (said < cut) break;  // past the handshake's end
    const uint64_t failed = stats_.failed.value();
    const bool was_done = stats_.ok.value() > 0;
    end.wire->SayEnd();
    if (was_done) break;
    EXPECT_TRUE(end.wire->closing) << cut;
    EXPECT_EQ(stats_.failed.value(), failed + 1) << cut;
    EXPECT_EQ(end.read + std::to_string(end.ended_count), "0") << cut;
  }
}

TEST_P(TlsStreamTest, CarriesMuchBothWaysAtAnyPace) {
  TlsPeer peer = Connect(OfVersion());
  const std::string much = SomeBytes(1'000'000);
  peer.Write(much);
  Exchange(peer, 50'000);
  EXPECT_TRUE(server().read == much);

  server().wire->room = 30'000;
  server_pace = 20'000;
  const size_t taken = server().stream->TryWrite(much);
  EXPECT_EQ(taken, kTlsPieceBytes) << "one piece waits for the socket, and no more";
  EXPECT_EQ(server().stream->TryWrite("not before the others"), 0u);
  server().stream->Write(std::string_view(much).substr(taken, 500'000));
  server().stream->Write(std::string_view(much).substr(taken + 500'000));
  EXPECT_EQ(server().written_count, 0);
  Exchange(peer);
  EXPECT_TRUE(peer.plain == much);
  EXPECT_EQ(server().written_count, 1) << "when all is gone, and not for each part";
  EXPECT_EQ(server().wire->waiting.size(), 0u);
}

TEST_P(TlsStreamTest, SaysWrittenOnlyForWhatItWasGivenToWrite) {
  TlsPeer peer = Connect(OfVersion());
  server().wire->room = 10;
  EXPECT_EQ(server().stream->TryWrite("all taken, though the socket was full"), 37u);
  Exchange(peer);
  EXPECT_EQ(peer.plain, "all taken, though the socket was full");
  EXPECT_EQ(server().written_count, 0);
  server().wire->room = SIZE_MAX;
  server().stream->Write("queued");
  EXPECT_EQ(server().written_count, 0) << "not from inside Write";
  Exchange(peer);
  EXPECT_EQ(server().written_count, 1);
  EXPECT_THAT(peer.plain, testing::EndsWith("queued"));
}

TEST_P(TlsStreamTest, HearsThatThePeerWillSendNoMoreAndCanStillAnswer) {
  TlsPeer peer = Connect(OfVersion());
  peer.Write("the last");
  peer.Finish();
  Exchange(peer);
  EXPECT_EQ(server().read, "the last");
  EXPECT_EQ(server().ended_count, 1);
  EXPECT_FALSE(server().closed);
  EXPECT_EQ(server().stream->TryWrite("the answer"), 10u);
  server().stream->FinishWriting();
  EXPECT_TRUE(server().wire->write_finished);
  EXPECT_THAT(server().TakeSent(), testing::Not(testing::IsEmpty()));
}

TEST_P(TlsStreamTest, FinishesBehindWhatTheSocketHasNotTaken) {
  TlsPeer peer = Connect(OfVersion());
  server().wire->room = 10;
  server().stream->TryWrite("the answer");
  server().stream->FinishWriting();
  EXPECT_FALSE(server().wire->write_finished);
  Exchange(peer);
  EXPECT_TRUE(server().wire->write_finished);
  EXPECT_EQ(peer.plain, "the answer");
  EXPECT_TRUE(peer.ended());
}

TEST_P(TlsStreamTest, SaysGoodbyeWhenItCloses) {
  TlsPeer peer = Connect(OfVersion());
  server().stream->Close();
  server().stream->Close();
  EXPECT_TRUE(server().wire->closing);
  EXPECT_EQ(server().stream->TryWrite("too late"), 0u);
  server().stream->Write("too late");
  server().stream->FinishWriting();
  peer.Hear(server().TakeSent());
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(peer.plain, "");
  server().wire->FinishClose();
  EXPECT_TRUE(server().closed);
  EXPECT_EQ(server().reason, "") << "it was asked for";
}

TEST_P(TlsStreamTest, HearsNoEndWhileItDoesNotRead) {
  TlsPeer peer = Connect(OfVersion());
  server().on_read = [this] { server().stream->StopRead(); };
  peer.Write("more than it wants");
  peer.Finish();
  server().wire->Say(peer.Take());
  EXPECT_EQ(server().ended_count, 0);
  EXPECT_FALSE(server().wire->reading);
  server().stream->StartRead();
  EXPECT_TRUE(server().wire->reading);
  server().wire->SayEnd();
  EXPECT_EQ(server().ended_count, 1);
}

TEST_P(TlsStreamTest, GarbageBehindGoodRecordsEndsItWithAReason) {
  TlsPeer peer = Connect(OfVersion());
  peer.Write("good");
  Say(peer.Take() + std::string("\x17\x03\x03\x00\x28", 5) + std::string(40, '\x01'));
  EXPECT_EQ(server().read, "good");
  EXPECT_TRUE(server().wire->closing);
  server().wire->FinishClose();
  EXPECT_THAT(server().reason, StartsWith("TLS: "));
}

TEST_P(TlsStreamTest, TheFirstRequestMayComeWithTheHandshakesEnd) {
  Accept(Context());
  TlsPeer peer(OfVersion());
  server().on_read = [this] { server().stream->TryWrite("pong"); };
  while (!peer.established()) {
    Say(peer.Take());
    peer.Hear(server().TakeSent());
  }
  peer.Write("ping");
  Say(peer.Take());
  EXPECT_EQ(server().read, "ping");
  peer.Hear(server().TakeSent());
  EXPECT_EQ(peer.plain, "pong");
}

}  // namespace
}  // namespace sluice
