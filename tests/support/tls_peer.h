// A TLS client without a network, from OpenSSL and nothing of ours: the test carries its bytes to
// the server and back. It trusts one authority, may have a certificate, and can resume a session
// of an earlier one.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "support/certificates.h"

namespace sluice {

struct FreeTls {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const {
    // Else OpenSSL takes its session for a bad one, not to be resumed.
    SSL_set_shutdown(connection, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(connection);
  }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using TlsSession = std::unique_ptr<SSL_SESSION, FreeTls>;

struct TlsPeerOptions {
  std::string ca;
  CertificateFiles own = {};       // none if empty
  int version = TLS1_3_VERSION;    // this one alone
  std::string protocols = {};      // of ALPN, as it is sent: "\x08http/1.1"
  SSL_SESSION* session = nullptr;  // to resume
};

class TlsPeer {
 public:
  explicit TlsPeer(const TlsPeerOptions& options);

  // Ciphertext for the server, from here on said.
  std::string Take();
  // Ciphertext of the server's.
  void Hear(std::string_view bytes);
  void Write(std::string_view plain);
  void Finish();      // says close_notify
  void UpdateKeys();  // asks the server for new ones (TLS 1.3)

  bool established() const { return SSL_is_init_finished(connection_.get()) == 1; }
  bool resumed() const { return SSL_session_reused(connection_.get()) == 1; }
  bool ended() const { return ended_; }                // close_notify was heard
  const std::string& error() const { return error_; }  // empty: none
  std::string protocol() const;                        // chosen by the server
  std::string server_name() const;                     // the common name of its certificate
  TlsSession session() const { return TlsSession(SSL_get1_session(connection_.get())); }
  std::string plain;  // heard so far

 private:
  void Go();
  void Note(int result);

  std::unique_ptr<SSL_CTX, FreeTls> context_;
  std::unique_ptr<SSL, FreeTls> connection_;
  bool ended_ = false;
  std::string error_;
};

}  // namespace sluice
