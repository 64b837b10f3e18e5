#include "sluice/net/tls_context.h"

#include <gmock/gmock.h>

#include <fstream>

#include "unit/net/tls_fixture.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class TlsContextTest : public TlsTest {
 protected:
  std::string ErrorOf(const TlsFiles& files) {
    const auto context = TlsContext::ForServer(files, keys_);
    return context.ok() ? "" : context.error();
  }
  TlsPeerOptions With(const CertificateFiles& own, int version = TLS1_3_VERSION) const {
    return {.ca = ca_.file(), .own = own, .version = version};
  }
  // Of a client's certificate, as the server hears it; what it says of it otherwise.
  std::string NameOf(const CertificateFiles& own, int version = TLS1_3_VERSION) {
    TlsPeer peer = Connect(With(own, version), ca_.file());
    if (server().wire->closing) return "refused";
    return std::string(server().stream->peer_name());
  }
  // The session that a handshake left behind, its ticket heard.
  TlsSession SessionOf(const TlsPeerOptions& options, const std::string& client_ca = "") {
    TlsPeer peer = Connect(options, client_ca);
    EXPECT_TRUE(peer.established()) << peer.error();
    return peer.session();
  }
  bool Resumes(const TlsSession& session, TlsPeerOptions options,
               const std::string& client_ca = "") {
    options.session = session.get();
    TlsPeer peer = Connect(options, client_ca);
    EXPECT_TRUE(peer.established()) << peer.error();
    return peer.resumed();
  }
};

constexpr int kVersions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

// ---- Files -------------------------------------------------------------------------------------

TEST_F(TlsContextTest, AFileThatCannotBeUsedIsNamedWithTheReason) {
  const std::string certificate = server_files_.certificate;
  const std::string key = server_files_.key;
  const std::string none = dir_.File("none");
  const std::string junk = dir_.Write("junk", "-----BEGIN JUNK-----\n");
  EXPECT_EQ(ErrorOf({certificate, key, ""}), "");
  EXPECT_EQ(ErrorOf({certificate, key, ca_.file()}), "");
  EXPECT_EQ(ErrorOf({none, key, ""}),
            "certificate: cannot use \"" + none + "\": No such file or directory");
  EXPECT_EQ(ErrorOf({certificate, none, ""}),
            "key: cannot use \"" + none + "\": No such file or directory");
  EXPECT_EQ(ErrorOf({certificate, key, none}),
            "client_ca: cannot use \"" + none + "\": No such file or directory");
  EXPECT_THAT(ErrorOf({junk, key, ""}), StartsWith("certificate: cannot use \"" + junk + "\": "));
  EXPECT_THAT(ErrorOf({certificate, junk, ""}), StartsWith("key: cannot use \"" + junk + "\": "));
  EXPECT_THAT(ErrorOf({certificate, key, junk}), StartsWith("client_ca: cannot use \"" + junk));
  EXPECT_THAT(ErrorOf({certificate, ca_.Server("other").key, ""}), HasSubstr("mismatch"));
}

TEST_F(TlsContextTest, KnowsWhenItsCertificateEnds) {
  const auto now = static_cast<int64_t>(SystemClock().WallMs() / 1'000);
  EXPECT_NEAR(static_cast<double>(Context()->expires_at() - now), 365 * 86'400.0, 100);
}

// ---- Clients' certificates ---------------------------------------------------------------------

TEST_F(TlsContextTest, AClientsNameIsTheCommonNameOfItsCertificate) {
  for (const int version : kVersions) {
    EXPECT_EQ(NameOf(ca_.Client("band-000123"), version), "band-000123");
    EXPECT_EQ(NameOf(ca_.Issue("nobody", {}), version), "");
  }
}

TEST_F(TlsContextTest, AClientWithoutAGoodCertificateIsRefused) {
  const CertificateAuthority other(dir_, "other");
  for (const int version : kVersions) {
    EXPECT_EQ(NameOf({}, version), "refused");
    EXPECT_EQ(NameOf(other.Client("stranger"), version), "refused");
    EXPECT_EQ(NameOf(ca_.Issue("expired", {.common_names = {"e"}, .from_days = -9, .to_days = -1}),
                     version),
              "refused");
    EXPECT_EQ(NameOf(ca_.Issue("early", {.common_names = {"e"}, .from_days = 1}), version),
              "refused");
    EXPECT_EQ(NameOf(ca_.Server("for-servers"), version), "refused");
  }
  EXPECT_EQ(stats_.ok.value(), 0u);
  EXPECT_EQ(stats_.failed.value(), 10u);
}

TEST_F(TlsContextTest, AClientWhoseNameCanBeReadInTwoWaysIsRefused) {
  const std::string with_nul("admin\0.example", 14);
  EXPECT_EQ(NameOf(ca_.Issue("nul", {.common_names = {with_nul}})), "refused");
  EXPECT_EQ(NameOf(ca_.Issue("two", {.common_names = {"one", "another"}})), "refused");
  EXPECT_EQ(NameOf(ca_.Client("one")), "one");
}

// ---- Resumption --------------------------------------------------------------------------------

TEST_F(TlsContextTest, ASessionResumesAtAnotherContextWithTheSameKeys) {
  for (const int version : kVersions) {
    const TlsPeerOptions options = With({}, version);
    const TlsSession session = SessionOf(options);
    EXPECT_TRUE(Resumes(session, options)) << version;
  }
  EXPECT_EQ(stats_.ok.value(), 2u);
  EXPECT_EQ(stats_.resumed.value(), 2u);
}

TEST_F(TlsContextTest, AResumedSessionStillHasItsClientsName) {
  for (const int version : kVersions) {
    const TlsPeerOptions options = With(ca_.Client("band"), version);
    const TlsSession session = SessionOf(options, ca_.file());
    EXPECT_TRUE(Resumes(session, options, ca_.file()));
    EXPECT_EQ(server().stream->peer_name(), "band");
  }
}

TEST_F(TlsContextTest, ASessionResumesUnderNoOtherClientCa) {
  const CertificateAuthority other(dir_, "other");
  for (const int version : kVersions) {
    const TlsSession without = SessionOf(With({}, version));
    EXPECT_FALSE(Resumes(without, With(ca_.Client("band"), version), ca_.file()));
    EXPECT_EQ(server().stream->peer_name(), "band") << "by a full handshake";

    TlsPeerOptions options = With(ca_.Client("band"), version);
    const TlsSession session = SessionOf(options, ca_.file());
    options.session = session.get();
    const TlsPeer refused = Connect(options, other.file());
    EXPECT_TRUE(server().wire->closing);
    EXPECT_EQ(server().stream->peer_name(), "");
  }
}

TEST_F(TlsContextTest, ATicketIsGoodForTwoLivesOfItsKeyAtMost) {
  const TlsPeerOptions options = With({});
  const TlsSession session = SessionOf(options);
  const auto hour = [this] { clock_.AdvanceMs(kTlsSessionSeconds * 1'000); };
  hour();
  EXPECT_TRUE(Resumes(session, options)) << "the key before still opens it";
  hour();
  EXPECT_FALSE(Resumes(session, options));
}

// Years pass on the calendar while nothing else grows older.
struct Calendar final : public Clock {
  uint64_t MonotonicNs() const override { return 1; }
  uint64_t WallMs() const override { return wall_ms; }
  uint64_t wall_ms = 0;
};

TEST_F(TlsContextTest, ASessionWhoseClientsCertificateHasExpiredDoesNotResume) {
  Calendar calendar;
  TicketKeys keys(calendar);
  const auto context = TlsContext::ForServer({.certificate = server_files_.certificate,
                                              .key = server_files_.key,
                                              .client_ca = ca_.file()},
                                             keys)
                           .value();
  TlsPeerOptions options = With(ca_.Client("band"));
  TlsSession session;
  for (const bool expired : {false, false, true}) {  // the first has no session yet
    if (expired) calendar.wall_ms = SystemClock().WallMs() + 400 * 86'400'000ull;
    const bool has_session = session != nullptr;
    options.session = session.get();
    Accept(context);
    TlsPeer peer(options);
    Exchange(peer);
    EXPECT_TRUE(peer.established());
    EXPECT_EQ(peer.resumed(), has_session && !expired);
    session = peer.session();
  }
  server_.reset();
}

TEST_F(TlsContextTest, AnotherProcessKeysOpenNoTicket) {
  const TlsPeerOptions options = With({});
  TlsPeerOptions again = options;
  const TlsSession session = SessionOf(options);
  again.session = session.get();
  TicketKeys others(clock_);
  const auto context = TlsContext::ForServer(
      {.certificate = server_files_.certificate, .key = server_files_.key, .client_ca = ""},
      others);
  Accept(context.value());
  TlsPeer peer(again);
  Exchange(peer);
  EXPECT_TRUE(peer.established());
  EXPECT_FALSE(peer.resumed());
  server_.reset();
}

// ---- As a client -------------------------------------------------------------------------------

class TlsClientTest : public TlsTest {
 protected:
  std::shared_ptr<const TlsContext> ForClient(const std::string& ca, const std::string& host) {
    return TlsContext::ForClient(ca, host, "; look at redis.ca").value();
  }
  // Both ends ours; the reason of the client's end, if it failed.
  std::string Talk(const std::shared_ptr<const TlsContext>& context) {
    Accept(Context());
    client_.reset();
    client_ = std::make_unique<TlsEnd>(room_, context);
    client_->on_connected = [this] {
      client_->stream->StartRead();
      client_->stream->TryWrite("PING");
    };
    server().on_read = [this] { server().stream->TryWrite("PONG"); };
    client_->wire->Connect();
    for (int round = 0; round < 10 && !client_->wire->closing && client_->read.empty(); ++round) {
      Say(client_->TakeSent());
      const std::string down = server().TakeSent();
      if (!down.empty()) client_->wire->Say(down);
    }
    if (client_->wire->closing) client_->wire->FinishClose();
    return client_->reason;
  }
  std::unique_ptr<TlsEnd> client_;
};

TEST_F(TlsClientTest, IsConnectedBehindTheHandshake) {
  EXPECT_EQ(Talk(ForClient(ca_.file(), "localhost")), "");
  EXPECT_TRUE(client_->connected);
  EXPECT_EQ(server().read + client_->read, "PINGPONG");
  EXPECT_EQ(Talk(ForClient(ca_.file(), "127.0.0.1")), "") << "an address is in the certificate too";
}

TEST_F(TlsClientTest, AServerThatIsNotWhoItShouldBeIsLeftWithTheReasonAndTheRemedy) {
  const CertificateAuthority other(dir_, "other");
  EXPECT_THAT(Talk(ForClient(other.file(), "localhost")),
              testing::AllOf(StartsWith("TLS: certificate verify failed: "),
                             testing::EndsWith("; look at redis.ca")));
  EXPECT_FALSE(client_->connected);
  EXPECT_THAT(Talk(ForClient(ca_.file(), "redis.example")), HasSubstr("hostname mismatch"));
  EXPECT_THAT(Talk(ForClient(ca_.file(), "127.0.0.2")), HasSubstr("IP address mismatch"));
  EXPECT_THAT(Talk(ForClient("", "localhost")), HasSubstr("certificate verify failed"));
  EXPECT_EQ(server().read, "");
}

TEST_F(TlsClientTest, TheSameForAnotherServerAsksWhetherItIsThatOne) {
  std::shared_ptr<const TlsContext> any = ForClient(ca_.file(), "redis.example");
  const std::shared_ptr<const TlsContext> right = any->ForHost("localhost");
  const std::shared_ptr<const TlsContext> wrong = right->ForHost("127.0.0.2");
  EXPECT_THAT(Talk(any), HasSubstr("hostname mismatch"));
  any.reset();
  EXPECT_EQ(Talk(right), "");
  EXPECT_THAT(Talk(wrong), testing::AllOf(HasSubstr("IP address mismatch"),
                                          testing::EndsWith("; look at redis.ca")));
}

TEST_F(TlsClientTest, AServerWithoutTlsIsLeft) {
  client_ = std::make_unique<TlsEnd>(room_, ForClient(ca_.file(), "localhost"));
  client_->wire->Connect();
  client_->wire->Say("-ERR unknown command\r\n");
  EXPECT_TRUE(client_->wire->closing);
  EXPECT_FALSE(client_->connected);
}

}  // namespace
}  // namespace sluice
