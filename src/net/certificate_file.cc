#include "sluice/net/certificate_file.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "net/certificate_end.h"

namespace sluice {

std::vector<int64_t> CertificateEnds(const std::string& file) {
  std::vector<int64_t> ends;
  BIO* bio = BIO_new_file(file.c_str(), "r");
  while (bio != nullptr) {
    X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    if (certificate == nullptr) break;  // the end, or no certificate
    if (const auto end = CertificateEnd(certificate)) ends.push_back(*end);
    X509_free(certificate);
  }
  BIO_free(bio);
  ERR_clear_error();
  return ends;
}

}  // namespace sluice
