// TLS on the data port, for clients that are none, are strangers, or mean harm: none is let in,
// none stops a good client from being answered.
#include "integration/tls_gate_fixture.h"
#include "support/loopback.h"

namespace sluice {
namespace {

class TlsStrangersTest : public TlsGateTest {
 protected:
  // Everybody has gone.
  void ExpectAllClosed() {
    EXPECT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_connections") == 0; },
                        "every connection to be closed"));
  }
  void TearDown() override {
    if (gate_ != nullptr && gate_->Running()) {
      EXPECT_EQ(Length("vitals"), good_count_);
    }
    TlsGateTest::TearDown();
  }
  int64_t good_count_ = 0;  // records that were to be let in
};

TEST_F(TlsStrangersTest, PlainHttpIsToldSoAndClosed) {
  StartTls();
  HttpClient plain(gate_->port());
  const HttpResponse response = plain.Post(kVitals, Vital("stranger", 1));
  EXPECT_EQ(response.status, 400);
  EXPECT_TRUE(response.Says("Connection", "close"));
  EXPECT_NE(response.body.find("HTTPS"), std::string::npos);
  EXPECT_TRUE(plain.ReadClose());
  EXPECT_EQ(Handshakes("failed"), 1);
}

TEST_F(TlsStrangersTest, GarbageIsClosed) {
  StartTls();
  for (const std::string& garbage :
       {std::string(100, '\0'), std::string(70'000, '\xff'),
        std::string("\x16\x03\x01\x40\x00", 5) + std::string(20'000, '\x01')}) {
    HttpClient client(gate_->port());
    client.Send(garbage);
    EXPECT_TRUE(WaitFor([&] { return client.Readable(); }, "the close"));
  }
  ExpectAllClosed();
}

TEST_F(TlsStrangersTest, AHandshakeThatIsCutAtAnyStageIsClosedAtItsDeadline) {
  StartTls("[http]\nheader_ms = 300\n");
  TlsClient silent = Dial(Trusting());
  TlsClient half = Dial(Trusting());
  const std::string hello = half.peer().Take();
  half.SendRaw(std::string_view(hello).substr(0, hello.size() / 2));
  TlsClient after_hello = Dial(Trusting());
  after_hello.SendRaw(after_hello.peer().Take());
  TlsClient after_hello_12 = Dial(Trusting(TLS1_2_VERSION));
  after_hello_12.SendRaw(after_hello_12.peer().Take());
  for (TlsClient* client : {&silent, &half, &after_hello, &after_hello_12}) {
    EXPECT_TRUE(client->ReadClose());
  }
  ExpectAllClosed();
  EXPECT_EQ(Handshakes("failed"), 4);
}

TEST_F(TlsStrangersTest, AnEndInTheMiddleOfAHandshakeIsAFailedOne) {
  StartTls();
  {
    TlsClient half = Dial(Trusting());
    half.SendRaw(half.peer().Take().substr(0, 100));
    const HttpClient looks_whether_it_listens(gate_->port());
  }
  ExpectAllClosed();
  EXPECT_EQ(Handshakes("failed"), 1);
}

TEST_F(TlsStrangersTest, ClientsWithoutAGoodCertificateAreRefused) {
  StartTls("", ca_.file());
  const CertificateAuthority other(dir_, "other");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ExpectRefused(Trusting(version));
    ExpectRefused(As(other.Client("stranger"), version));
    ExpectRefused(As(
        ca_.Issue("expired", {.common_names = {"band"}, .from_days = -9, .to_days = -1}), version));
    ExpectRefused(As(ca_.Server("for-servers"), version));
    ExpectRefused(As(ca_.Issue("two", {.common_names = {"one", "another"}}), version));
  }
  EXPECT_EQ(Handshakes("failed"), 10);
  EXPECT_EQ(Handshakes("ok"), 0);
  TlsClient good = Shake(As(ca_.Client("band")));
  ExpectAnswered(good);
  good_count_ = 1;
}

TEST_F(TlsStrangersTest, WhyAHandshakeFailedIsLoggedForDebuggingAndWithoutNames) {
  StartTls("[log]\nlevel = 'debug'\n", ca_.file());
  ExpectRefused(Trusting());
  ASSERT_TRUE(WaitLogged("a TLS handshake failed"));
  EXPECT_EQ(gate_->err().find("stranger"), std::string::npos);
}

TEST_F(TlsStrangersTest, ConnectionsOverTheLimitAreClosedWithoutAHandshake) {
  StartTls("[http]\nconnections_max = 2\n", "", 1);
  TlsClient first = Shake(Trusting());
  TlsClient second = Shake(Trusting());
  TlsClient third = Dial(Trusting());
  EXPECT_FALSE(third.Handshake());
  ExpectAnswered(first);
  ExpectAnswered(second);
  good_count_ = 2;
  EXPECT_EQ(Metrics().Sum("sluice_shed_total", {{"reason", "connections"}}), 1);
}

TEST_F(TlsStrangersTest, AStormOfHalfHandshakesStopsNoGoodClient) {
  StartTls("[http]\nheader_ms = 2000\n", "", 1);
  TlsClient good = Shake(Trusting());
  std::vector<HttpClient> storm;
  const std::string hello = TlsPeer(Trusting()).Take();
  for (int i = 0; i < 500; ++i) {
    storm.emplace_back(gate_->port());
    storm.back().Send(i % 2 == 0 ? hello : hello.substr(0, 200));
    if (i % 20 == 0) ExpectAnswered(good, ++good_count_);
  }
  TlsClient late = Shake(Trusting());
  ExpectAnswered(late, ++good_count_);
  EXPECT_TRUE(WaitFor(
      [&] {
        ExpectAnswered(good, ++good_count_);
        return Metrics().Sum("sluice_connections") == 2;
      },
      "the storm to be over"));
  EXPECT_EQ(Handshakes("failed"), 500);
  EXPECT_EQ(Handshakes("ok"), 2);
}

}  // namespace
}  // namespace sluice
