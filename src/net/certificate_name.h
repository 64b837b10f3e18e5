// The common name of a certificate's subject, which tells who a device is. A name that two readers
// could read in two ways is none: one with a NUL inside, or a subject with several of them.
#pragma once

#include <openssl/x509.h>

#include <optional>
#include <string>

namespace sluice {

// In UTF-8; empty if the subject has none, nothing if it is ambiguous or longer than
// kPeerNameBytesMax.
std::optional<std::string> CommonName(const X509* certificate);

}  // namespace sluice
