#include "sluice/hash/digest.h"

// The functions of one algorithm, which OpenSSL 3 would rather not have called: those that it wants
// called (EVP) allocate for each digest, and take about twice as long for one of 80 bytes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>
#include <cstdint>

#include "sluice/base/check.h"

namespace sluice {

Digester::Digester() : state_(std::make_unique<SHA256state_st>()) { Begin(); }

Digester::~Digester() = default;

void Digester::Begin() { SLUICE_CHECK(SHA256_Init(state_.get()) == 1); }

Digester& Digester::Add(std::string_view part) {
  std::array<unsigned char, 8> length;
  for (size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<unsigned char>(uint64_t{part.size()} >> (8 * i));
  }
  SLUICE_CHECK(SHA256_Update(state_.get(), length.data(), length.size()) == 1);
  SLUICE_CHECK(SHA256_Update(state_.get(), part.data(), part.size()) == 1);
  return *this;
}

Digest Digester::Finish() {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> whole;
  SLUICE_CHECK(SHA256_Final(whole.data(), state_.get()) == 1);
  Digest digest;
  std::copy_n(whole.begin(), digest.size(), digest.begin());
  Begin();
  return digest;
}

HexDigest Hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  HexDigest text;
  for (size_t i = 0; i < digest.size(); ++i) {
    const auto byte = static_cast<unsigned char>(digest[i]);
    text[2 * i] = kDigits[byte >> 4];
    text[2 * i + 1] = kDigits[byte & 0xF];
  }
  return text;
}

}  // namespace sluice
