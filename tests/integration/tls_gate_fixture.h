// TlsGateTest: a gate whose data port speaks TLS, an authority that its clients trust, and clients.
#pragma once

#include <string>

#include "integration/gate_fixture.h"
#include "support/certificates.h"
#include "support/temp_dir.h"
#include "support/tls_client.h"

namespace sluice {

class TlsGateTest : public GateTest {
 protected:
  std::string TlsConfig(const std::string& client_ca = "") const {
    return "[tls]\ncertificate = '" + files_.certificate + "'\nkey = '" + files_.key +
           "'\nclient_ca = '" + client_ca + "'\n";
  }
  void StartTls(const std::string& more = "", const std::string& client_ca = "",
                unsigned workers = AnyWorkers()) {
    StartAll(TlsConfig(client_ca) + more, workers);
  }

  TlsPeerOptions Trusting(int version = TLS1_3_VERSION) const {
    return {.ca = ca_.file(), .version = version};
  }
  TlsPeerOptions As(const CertificateFiles& own, int version = TLS1_3_VERSION) const {
    return {.ca = ca_.file(), .own = own, .version = version};
  }
  TlsClient Dial(const TlsPeerOptions& options) const { return TlsClient(gate_->port(), options); }
  // With its handshake done.
  TlsClient Shake(const TlsPeerOptions& options) const {
    TlsClient client = Dial(options);
    EXPECT_TRUE(client.Handshake()) << client.peer().error();
    return client;
  }
  void ExpectAnswered(TlsClient& client, int64_t timestamp = 1) const {
    EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("d", timestamp)), 1));
  }
  // The server closes, and nothing it may have sent is an answer.
  void ExpectRefused(const TlsPeerOptions& options) const {
    TlsClient client = Dial(options);
    if (client.Handshake()) client.Send(PostRequest(kVitals, Vital("stranger", 1)));
    EXPECT_TRUE(client.ReadClose());
  }
  double Handshakes(const std::string& result) const {
    return Metrics().Sum("sluice_tls_handshakes_total", {{"result", result}});
  }
  testing::AssertionResult WaitLogged(std::string_view words) const {
    return WaitFor([&] { return gate_->err().find(words) != std::string::npos; },
                   "the gate to say: " + std::string(words));
  }

  TempDir dir_;
  CertificateAuthority ca_{dir_, "ca"};
  CertificateFiles files_ = ca_.Server();
};

}  // namespace sluice
