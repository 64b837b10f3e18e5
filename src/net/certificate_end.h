// When a certificate ends.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <ctime>
#include <optional>

namespace sluice {

// In seconds since the Unix epoch; nothing if it does not say.
inline std::optional<int64_t> CertificateEnd(const X509* certificate) {
  tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return std::nullopt;
  return ::timegm(&end);
}

}  // namespace sluice
