// TLS on the data port, for clients that mean well.
#include <filesystem>

#include "integration/tls_gate_fixture.h"
#include "sluice/base/clock.h"
#include "sluice/base/limits.h"
#include "support/process.h"

namespace sluice {
namespace {

class TlsTest : public TlsGateTest {};

TEST_F(TlsTest, RecordsComeOverEitherVersionAndTheConnectionStays) {
  StartTls();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client = Shake(Trusting(version));
    for (int64_t i = 0; i < 20; ++i) ExpectAnswered(client, i);
  }
  EXPECT_EQ(Length("vitals"), 40);
  EXPECT_EQ(Handshakes("ok"), 2);
  EXPECT_EQ(Handshakes("failed"), 0);
}

TEST_F(TlsTest, CurlIsAnswered) {
  StartTls();
  Process curl({.args = {"curl", "-s", "--cacert", ca_.file(), "-d", Vital("d", 1), "-H",
                         "Content-Type: application/json",
                         "https://localhost:" + std::to_string(gate_->port()) + kVitals},
                .environment = {}});
  EXPECT_EQ(curl.WaitExit(), 0) << curl.err();
  EXPECT_EQ(curl.out(), R"({"success":true,"accepted":1})");
}

TEST_F(TlsTest, PipelinedRequestsAreAnsweredInOrder) {
  StartTls();
  TlsClient client = Shake(Trusting());
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += PostRequest(kVitals, i % 3 == 2 ? "{}" : Vital("d", i));
  }
  client.Send(requests);
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(client.ReadResponse().status, i % 3 == 2 ? 400 : 200) << i;
  }
}

TEST_F(TlsTest, ABodyOfTheLargestSizeIsTaken) {
  StartTls();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    std::string body = "[" + Vital("d", 1);
    while (body.size() < kBodyBytesMax - 200) body += "," + Vital("d", 1);
    body += "]";
    body += std::string(kBodyBytesMax - body.size(), ' ');
    TlsClient client = Shake(Trusting(version));
    EXPECT_EQ(client.Post(kVitals, body).status, 200);
    EXPECT_EQ(client.Post(kVitals, body + " ").status, 413);
  }
}

TEST_F(TlsTest, TheAdminPortStaysPlain) {
  StartTls();
  EXPECT_EQ(Admin("/healthz").status, 200);
  const double in_a_month = static_cast<double>(SystemClock().WallMs() / 1'000 + 30 * 86'400);
  EXPECT_GT(Metrics().Sum("sluice_tls_certificate_expiry_timestamp_seconds"), in_a_month);
}

TEST_F(TlsTest, WithoutACertificateThereIsNoTls) {
  StartAll();
  EXPECT_FALSE(Metrics().Has("sluice_tls_certificate_expiry_timestamp_seconds"));
  EXPECT_EQ(Handshakes("ok"), 0);
  TlsClient client = Dial(Trusting());
  EXPECT_FALSE(client.Handshake());
}

TEST_F(TlsTest, ASessionResumesAtEveryWorker) {
  StartTls("", "", 2);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient first = Shake(Trusting(version));
    ExpectAnswered(first);
    TlsSession session = first.peer().session();
    for (int i = 0; i < 16; ++i) {  // the kernel picks a worker for each
      TlsPeerOptions options = Trusting(version);
      options.session = session.get();
      TlsClient again = Shake(options);
      ExpectAnswered(again);
      EXPECT_TRUE(again.peer().resumed()) << i;
      session = again.peer().session();
    }
  }
  EXPECT_EQ(Handshakes("ok"), 2);
  EXPECT_EQ(Handshakes("resumed"), 32);
}

TEST_F(TlsTest, ADrainAnswersWhatIsInHandAndClosesTheRest) {
  StartTls("[delivery]\nack = 'redis'\n");
  TlsClient idle = Shake(Trusting());
  ExpectAnswered(idle);
  TlsClient busy = Shake(Trusting());
  TlsClient unshaken = Dial(Trusting());
  redis_.Pause();
  busy.Send(PostRequest(kVitals, Vital("d", 2)));
  ASSERT_TRUE(WaitInflight());
  gate_->Signal(SIGTERM);
  EXPECT_TRUE(idle.ReadClose());
  EXPECT_TRUE(idle.peer().ended()) << "by close_notify";
  EXPECT_TRUE(unshaken.ReadClose());
  redis_.Continue();
  const HttpResponse last = busy.ReadResponse();
  EXPECT_TRUE(IsAccepted(last, 1));
  EXPECT_TRUE(last.Says("Connection", "close"));
  EXPECT_TRUE(busy.ReadClose());
  EXPECT_EQ(gate_->WaitExit(), 0);
  EXPECT_EQ(CheckedLedger().stored, 2u);
}

// ---- Clients' certificates ---------------------------------------------------------------------

TEST_F(TlsTest, AClientWithAGoodCertificateIsAnswered) {
  StartTls("", ca_.file());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client = Shake(As(ca_.Client("band"), version));
    ExpectAnswered(client);
  }
}

// ---- Reload ------------------------------------------------------------------------------------

TEST_F(TlsTest, ANewCertificateIsTakenOnSighupAndConnectionsGoOn) {
  files_ = ca_.Issue("server", {.common_names = {"first"}, .for_server = true});
  StartTls();
  TlsClient old = Shake(Trusting());
  ExpectAnswered(old);
  EXPECT_EQ(old.peer().server_name(), "first");
  ca_.Issue("server", {.common_names = {"second"}, .for_server = true, .to_days = 20});
  gate_->Signal(SIGHUP);
  ASSERT_TRUE(WaitLogged("tls.certificate expires soon; renew it and send SIGHUP"));
  EXPECT_TRUE(WaitFor([&] { return Shake(Trusting()).peer().server_name() == "second"; },
                      "the new certificate"));
  ExpectAnswered(old);
  TlsPeerOptions options = Trusting();
  const TlsSession session = old.peer().session();
  options.session = session.get();
  TlsClient resumed = Shake(options);
  EXPECT_TRUE(resumed.peer().resumed()) << "the keys of tickets outlive a reload";
  ExpectAnswered(resumed);
}

TEST_F(TlsTest, ABadReloadIsSaidAndTheOldCertificateStays) {
  StartTls();
  const CertificateFiles other = ca_.Server("other");
  std::filesystem::copy_file(other.key, files_.key,
                             std::filesystem::copy_options::overwrite_existing);
  gate_->Signal(SIGHUP);
  ASSERT_TRUE(WaitLogged("tls.certificate was not reloaded; the one before stays in use"));
  ASSERT_TRUE(WaitLogged("tls.key: cannot use"));
  EXPECT_NE(gate_->err().find(files_.key), std::string::npos) << "the file is named";
  EXPECT_EQ(gate_->err().find("PRIVATE"), std::string::npos);
  TlsClient client = Shake(Trusting());
  ExpectAnswered(client);
}

TEST_F(TlsTest, AnotherClientCaIsTakenOnSighup) {
  const std::string file = dir_.File("clients.crt");
  const CertificateAuthority other(dir_, "other");
  std::filesystem::copy_file(ca_.file(), file);
  StartTls("", file, 1);
  TlsClient old = Shake(As(ca_.Client("band")));
  ExpectAnswered(old);
  const TlsSession session = old.peer().session();
  std::filesystem::copy_file(other.file(), file, std::filesystem::copy_options::overwrite_existing);
  gate_->Signal(SIGHUP);
  const CertificateFiles stranger = other.Client("new");
  ASSERT_TRUE(WaitFor(
      [&] {
        TlsClient client = Dial(As(stranger));
        if (!client.Handshake()) return false;
        client.Send(PostRequest(kVitals, Vital("d", 2)));
        try {
          return client.ReadResponse().status == 200;
        } catch (const std::runtime_error&) {
          return false;
        }
      },
      "the new authority"));
  ExpectAnswered(old);
  TlsPeerOptions options = As(ca_.Client("band"));
  options.session = session.get();
  ExpectRefused(options);
}

}  // namespace
}  // namespace sluice
