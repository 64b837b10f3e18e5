// An authority of a test's own, and certificates that it issues, as PEM files in the test's
// directory; made in a moment, with P-256 keys. Failures throw.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace sluice {

struct CertificateFiles {
  std::string certificate;
  std::string key;
};

class CertificateAuthority {
 public:
  struct Wanted {
    std::vector<std::string> common_names;  // bytes as they are
    bool for_server = false;                // of localhost and 127.0.0.1; else for a client
    int from_days = -1;                     // from now
    int to_days = 365;
  };

  // Its own certificate is `<name>.crt`.
  CertificateAuthority(const TempDir& dir, const std::string& name);

  const std::string& file() const { return files_.certificate; }
  // As `<name>.crt` and `<name>.key`; over older ones of that name.
  CertificateFiles Issue(const std::string& name, const Wanted& wanted) const;
  CertificateFiles Server(const std::string& name = "server") const {
    return Issue(name, {.common_names = {"localhost"}, .for_server = true});
  }
  CertificateFiles Client(const std::string& common_name) const {
    return Issue(common_name, {.common_names = {common_name}});
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;

  static Key MakeKey();
  Certificate Make(const Wanted& wanted, EVP_PKEY* key, bool is_authority) const;
  CertificateFiles Write(const std::string& name, X509* certificate, EVP_PKEY* key) const;

  const TempDir& dir_;
  Key key_;
  Certificate certificate_;
  CertificateFiles files_;
};

}  // namespace sluice
