// Redis over TLS: rediss://, to a real one.
#include "support/tls_redis.h"

#include "integration/tls_gate_fixture.h"

namespace sluice {
namespace {

class TlsRedisTest : public TlsGateTest {
 protected:
  void StartRedis(const std::vector<std::string>& more = {}) {
    port_ = StartOverTls(redis_, ca_, files_, more);
  }
  void StartGateOver(const std::string& host, const std::string& ca, const std::string& user = "") {
    StartGateOn("rediss://" + user + host + ":" + std::to_string(port_),
                "[redis]\nca = '" + ca + "'\n", 2);
  }
  uint16_t port_ = 0;
};

TEST_F(TlsRedisTest, RecordsAreStored) {
  StartRedis();
  for (const char* host : {"localhost", "127.0.0.1"}) {
    StartGateOver(host, ca_.file());
    ASSERT_TRUE(WaitReady());
    std::string body = "[" + Vital("d", 1);
    while (body.size() < 500'000) body += "," + Vital("d", 1);
    EXPECT_EQ(Post(kVitals, body + "]").status, 200);
    EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("d", 1)), 1));
    EXPECT_EQ(static_cast<int64_t>(StopGate().stored), Length("vitals"));
    redis_.client().Do({"DEL", "vitals"});
  }
}

TEST_F(TlsRedisTest, APasswordIsSentToo) {
  StartRedis({"--requirepass", "right-secret"});
  StartGateOver("localhost", ca_.file(), ":right-secret@");
  ASSERT_TRUE(WaitReady());
  EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("d", 1)), 1));
}

TEST_F(TlsRedisTest, AServerOfAnotherAuthorityIsNotTrusted) {
  const CertificateAuthority other(dir_, "other");
  StartRedis();
  StartGateOver("localhost", other.file());
  ASSERT_TRUE(WaitLogged("certificate verify failed"));
  ASSERT_TRUE(WaitLogged("redis.ca says whose certificates are good"));
  EXPECT_EQ(Admin("/readyz").status, 503);
}

TEST_F(TlsRedisTest, AServerWithoutTlsIsSaidToBeNone) {
  const TakenPort silent;
  StartGateOn("rediss://" + silent.address(), "[redis]\nconnect_ms = 200\n", 1);
  ASSERT_TRUE(WaitLogged("no connection within redis.connect_ms"));
  EXPECT_EQ(Admin("/readyz").status, 503);
}

TEST_F(TlsRedisTest, ComesBackAfterALoss) {
  StartRedis();
  StartGateOver("localhost", ca_.file());
  ASSERT_TRUE(WaitReady());
  redis_.client().Do({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_redis_reconnects_total") > 0; },
                      "a new connection"));
  ASSERT_TRUE(WaitReady());
  EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("d", 1)), 1));
}

}  // namespace
}  // namespace sluice
