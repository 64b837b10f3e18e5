#include "sluice/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

#include "net/certificate_end.h"
#include "net/certificate_name.h"
#include "net/session_tickets.h"
#include "net/tls_error.h"
#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

// RFC 9325 section 4.2, for TLS 1.2; those of 1.3 are all good.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

Error Blame(const char* which, const std::string& file) {
  return Error{std::string(which) + ": cannot use \"" + file + "\": " + TakeTlsError()};
}

// A key with a password would be asked for on the terminal.
int RefusePassword(char*, int, int, void*) { return 0; }

int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* found = nullptr;
  const int how = SSL_select_next_proto(&found, chosen_size, kHttp11.data(), kHttp11.size(),
                                        offered, offered_size);
  *chosen = found;
  return how == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Behind OpenSSL's own verdict: a client whose name is ambiguous is nobody.
int CheckClient(int ok, X509_STORE_CTX* store) {
  if (ok != 1 || X509_STORE_CTX_get_error_depth(store) != 0) return ok;
  if (CommonName(X509_STORE_CTX_get_current_cert(store))) return 1;
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

// Of all certificates in the store.
void NameSessionsAfter(SSL_CTX* context, X509_STORE* trusted) {
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  SLUICE_CHECK(digest != nullptr && EVP_DigestInit_ex(digest, EVP_sha256(), nullptr) == 1);
  STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(trusted);
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    const X509* certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
    std::array<unsigned char, EVP_MAX_MD_SIZE> one;
    unsigned int size = 0;
    if (certificate == nullptr) continue;
    SLUICE_CHECK(X509_digest(certificate, EVP_sha256(), one.data(), &size) == 1);
    EVP_DigestUpdate(digest, one.data(), size);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> all;
  unsigned int size = 0;
  EVP_DigestFinal_ex(digest, all.data(), &size);
  EVP_MD_CTX_free(digest);
  static_assert(SSL_MAX_SID_CTX_LENGTH >= 32);
  SLUICE_CHECK(SSL_CTX_set_session_id_context(context, all.data(), size) == 1);
}

Status DemandClients(SSL_CTX* context, const std::string& ca_file) {
  if (ca_file.empty()) {
    constexpr std::array<unsigned char, 4> kNobody = {'n', 'o', 'n', 'e'};
    SSL_CTX_set_session_id_context(context, kNobody.data(), kNobody.size());
    return {};
  }
  if (SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) return Blame("client_ca", ca_file);
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca_file.c_str());
  if (names == nullptr) return Blame("client_ca", ca_file);
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, CheckClient);
  NameSessionsAfter(context, SSL_CTX_get_cert_store(context));
  return {};
}

// The server at the other end must be `host`, a name or an address.
void Demand(SSL* connection, const std::string& host) {
  X509_VERIFY_PARAM* wanted = SSL_get0_param(connection);
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1) return;
  ERR_clear_error();
  SLUICE_CHECK(X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size()) == 1);
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set_tlsext_host_name(connection, host.c_str());
}

}  // namespace

TlsContext::TlsContext(TlsSide side) : side_(side) {
  context_ = SSL_CTX_new(side == TlsSide::kServer ? TLS_server_method() : TLS_client_method());
  SLUICE_CHECK(context_ != nullptr);
  SSL_CTX_set_security_level(context_, 2);
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An idle connection keeps no record buffers (of 16 KiB and more). OpenSSL is given memory and
  // never a socket, so it hears of no end but close_notify: SSL_OP_IGNORE_UNEXPECTED_EOF would
  // change nothing. An end without it is an end all the same: HTTP and RESP measure what they
  // carry, so what was cut off is known to be incomplete without TLS's help.
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  // A read ends behind a message of TLS's own, so that the stream can count them.
  SSL_CTX_clear_mode(context_, SSL_MODE_AUTO_RETRY);
  // An authority that is named in a file is trusted for itself, whoever is above it.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context_), X509_V_FLAG_PARTIAL_CHAIN);
}

TlsContext::TlsContext(ssl_ctx_st* shared, std::string host, std::string remedy)
    : side_(TlsSide::kClient),
      context_(shared),
      host_(std::move(host)),
      remedy_(std::move(remedy)) {}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const TlsContext>> TlsContext::ForServer(const TlsFiles& files,
                                                                TicketKeys& keys) {
  std::shared_ptr<TlsContext> made(new TlsContext(TlsSide::kServer));
  SSL_CTX* context = made->context_;
  ERR_clear_error();
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SLUICE_CHECK(SSL_CTX_set_cipher_list(context, kCiphers) == 1);
  SSL_CTX_set_default_passwd_cb(context, RefusePassword);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return Blame("certificate", files.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return Blame("key", files.key);
  }
  if (Status clients = DemandClients(context, files.client_ca); !clients.ok()) {
    return Error{clients.error()};
  }
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  UseSessionTickets(context, keys);
  return std::shared_ptr<const TlsContext>(std::move(made));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::ForClient(const std::string& ca_file,
                                                                const std::string& host,
                                                                const std::string& remedy) {
  std::shared_ptr<TlsContext> made(new TlsContext(TlsSide::kClient));
  SSL_CTX* context = made->context_;
  ERR_clear_error();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const bool trusts = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                      : SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1;
  if (!trusts) return Blame("ca", ca_file);
  made->host_ = host;
  made->remedy_ = remedy;
  return std::shared_ptr<const TlsContext>(std::move(made));
}

std::shared_ptr<const TlsContext> TlsContext::ForHost(const std::string& host) const {
  SLUICE_CHECK(side_ == TlsSide::kClient && SSL_CTX_up_ref(context_) == 1);
  return std::shared_ptr<const TlsContext>(new TlsContext(context_, host, remedy_));
}

int64_t TlsContext::expires_at() const {
  const X509* certificate = SSL_CTX_get0_certificate(context_);
  return certificate == nullptr ? 0 : CertificateEnd(certificate).value_or(0);
}

SSL* TlsContext::MakeConnection() const {
  SSL* connection = SSL_new(context_);
  SLUICE_CHECK(connection != nullptr);
  if (side_ == TlsSide::kServer) {
    SSL_set_accept_state(connection);
  } else {
    SSL_set_connect_state(connection);
    Demand(connection, host_);
  }
  return connection;
}

}  // namespace sluice
