#include "support/tls_peer.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <array>
#include <stdexcept>

namespace sluice {
namespace {

void Require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("the TLS peer cannot ") + what);
}

}  // namespace

TlsPeer::TlsPeer(const TlsPeerOptions& options) : context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX* context = context_.get();
  SSL_CTX_set_min_proto_version(context, options.version);
  SSL_CTX_set_max_proto_version(context, options.version);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (!options.ca.empty()) {
    Require(SSL_CTX_load_verify_file(context, options.ca.c_str()) == 1, "load its authority");
  }
  if (!options.own.certificate.empty()) {
    const char* key = options.own.key.c_str();
    Require(SSL_CTX_use_certificate_file(context, options.own.certificate.c_str(),
                                         SSL_FILETYPE_PEM) == 1 &&
                SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1,
            "load its certificate");
  }
  connection_.reset(SSL_new(context));
  SSL* connection = connection_.get();
  SSL_set_connect_state(connection);
  SSL_set_tlsext_host_name(connection, "localhost");
  if (!options.protocols.empty()) {
    SSL_set_alpn_protos(connection,
                        reinterpret_cast<const unsigned char*>(options.protocols.data()),
                        static_cast<unsigned>(options.protocols.size()));
  }
  if (options.session != nullptr) SSL_set_session(connection, options.session);
  SSL_set_bio(connection, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  Go();
}

std::string TlsPeer::Take() {
  std::string bytes(BIO_ctrl_pending(SSL_get_wbio(connection_.get())), '\0');
  if (!bytes.empty()) {
    BIO_read(SSL_get_wbio(connection_.get()), bytes.data(), static_cast<int>(bytes.size()));
  }
  return bytes;
}

void TlsPeer::Hear(std::string_view bytes) {
  BIO_write(SSL_get_rbio(connection_.get()), bytes.data(), static_cast<int>(bytes.size()));
  Go();
}

void TlsPeer::Write(std::string_view bytes) {
  size_t written = 0;
  Require(SSL_write_ex(connection_.get(), bytes.data(), bytes.size(), &written) == 1 &&
              written == bytes.size(),
          "write");
}

void TlsPeer::Finish() { SSL_shutdown(connection_.get()); }

void TlsPeer::UpdateKeys() {
  Require(SSL_key_update(connection_.get(), SSL_KEY_UPDATE_REQUESTED) == 1 &&
              SSL_do_handshake(connection_.get()) == 1,
          "update its keys");
}

std::string TlsPeer::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(connection_.get(), &name, &size);
  return std::string(reinterpret_cast<const char*>(name), size);
}

std::string TlsPeer::server_name() const {
  std::array<char, 256> name{};
  const X509* server = SSL_get0_peer_certificate(connection_.get());
  X509_NAME_get_text_by_NID(X509_get_subject_name(server), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}

void TlsPeer::Go() {
  ERR_clear_error();
  if (!established()) {
    const int result = SSL_do_handshake(connection_.get());
    if (result != 1) return Note(result);
  }
  std::array<char, 16'384> bytes;
  for (size_t n = 0;;) {
    const int result = SSL_read_ex(connection_.get(), bytes.data(), bytes.size(), &n);
    if (result != 1) return Note(result);
    plain.append(bytes.data(), n);
  }
}

void TlsPeer::Note(int result) {
  const int error = SSL_get_error(connection_.get(), result);
  if (error == SSL_ERROR_ZERO_RETURN) ended_ = true;
  if (error != SSL_ERROR_SSL || !error_.empty()) return;
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  error_ = reason != nullptr ? reason : "unknown";
}

}  // namespace sluice
