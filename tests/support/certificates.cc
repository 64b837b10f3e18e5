#include "support/certificates.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace sluice {
namespace {

constexpr long kDaySeconds = 86'400;

void Require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL does not ") + what);
}

void AddExtension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  Require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "extend");
  X509_EXTENSION_free(extension);
}

template <typename Put>
void WriteFile(const std::string& path, Put put) {
  FILE* file = std::fopen(path.c_str(), "w");
  Require(file != nullptr && put(file) == 1, "write a file");
  std::fclose(file);
}

}  // namespace

CertificateAuthority::CertificateAuthority(const TempDir& dir, const std::string& name)
    : dir_(dir), key_(MakeKey()), certificate_(Make({.common_names = {name}}, key_.get(), true)) {
  files_ = Write(name, certificate_.get(), key_.get());
}

CertificateAuthority::Key CertificateAuthority::MakeKey() {
  Key key(EVP_EC_gen("P-256"));
  Require(key != nullptr, "make a key");
  return key;
}

CertificateAuthority::Certificate CertificateAuthority::Make(const Wanted& wanted, EVP_PKEY* key,
                                                             bool is_authority) const {
  Certificate made(X509_new());
  X509* certificate = made.get();
  X509_set_version(certificate, 2);  // the third
  uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wanted.from_days * kDaySeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wanted.to_days * kDaySeconds);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  for (const std::string& name : wanted.common_names) {
    Require(X509_NAME_add_entry_by_NID(subject, NID_commonName, V_ASN1_UTF8STRING,
                                       reinterpret_cast<const unsigned char*>(name.data()),
                                       static_cast<int>(name.size()), -1, 0) == 1,
            "name");
  }
  X509* issuer = is_authority ? certificate : certificate_.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  if (is_authority) {
    AddExtension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
  } else if (wanted.for_server) {
    AddExtension(certificate, issuer, NID_ext_key_usage, "serverAuth");
    AddExtension(certificate, issuer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  } else {
    AddExtension(certificate, issuer, NID_ext_key_usage, "clientAuth");
  }
  Require(X509_sign(certificate, is_authority ? key : key_.get(), EVP_sha256()) > 0, "sign");
  return made;
}

CertificateFiles CertificateAuthority::Write(const std::string& name, X509* certificate,
                                             EVP_PKEY* key) const {
  CertificateFiles files{.certificate = dir_.File(name + ".crt"), .key = dir_.File(name + ".key")};
  WriteFile(files.certificate, [&](FILE* file) { return PEM_write_X509(file, certificate); });
  WriteFile(files.key, [&](FILE* file) {
    return PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

CertificateFiles CertificateAuthority::Issue(const std::string& name, const Wanted& wanted) const {
  const Key key = MakeKey();
  const Certificate certificate = Make(wanted, key.get(), false);
  return Write(name, certificate.get(), key.get());
}

}  // namespace sluice
