#include "sluice/hash/secret_digest.h"

// As in digest.cc: what OpenSSL would rather have called allocates.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "sluice/base/check.h"

namespace sluice {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// Above 15: no digit.
unsigned DigitValue(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const auto lower = static_cast<unsigned char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10u : 16u;
}

}  // namespace

SecretDigest DigestOfSecret(std::string_view secret) {
  SHA256_CTX state;
  SecretDigest digest;
  static_assert(digest.size() == SHA256_DIGEST_LENGTH);
  SLUICE_CHECK(SHA256_Init(&state) == 1);
  SLUICE_CHECK(SHA256_Update(&state, secret.data(), secret.size()) == 1);
  SLUICE_CHECK(SHA256_Final(digest.data(), &state) == 1);
  return digest;
}

bool SameDigest(const SecretDigest& a, const SecretDigest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<SecretDigest> ParseDigest(std::string_view hex) {
  SecretDigest digest;
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  for (size_t i = 0; i < digest.size(); ++i) {
    const unsigned high = DigitValue(hex[2 * i]);
    const unsigned low = DigitValue(hex[2 * i + 1]);
    if (high > 15 || low > 15) return std::nullopt;
    digest[i] = static_cast<unsigned char>(high << 4 | low);
  }
  return digest;
}

std::string Hex(const SecretDigest& digest) {
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  }
  return text;
}

}  // namespace sluice
