#include "sluice/hash/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>

#include "sluice/base/check.h"

namespace sluice {

void Digester::Closer::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }
void Digester::Closer::operator()(evp_md_st* algorithm) const { EVP_MD_free(algorithm); }

// Fetched once: with EVP_sha256() OpenSSL 3 would look its provider up for each digest.
Digester::Digester()
    : algorithm_(EVP_MD_fetch(nullptr, "SHA2-256", nullptr)), context_(EVP_MD_CTX_new()) {
  SLUICE_CHECK(algorithm_ != nullptr && context_ != nullptr);
  Begin();
}

Digester::~Digester() = default;

void Digester::Begin() {
  SLUICE_CHECK(EVP_DigestInit_ex(context_.get(), algorithm_.get(), nullptr) == 1);
}

Digester& Digester::Add(std::string_view part) {
  std::array<unsigned char, 8> length;
  for (size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<unsigned char>(uint64_t{part.size()} >> (8 * i));
  }
  SLUICE_CHECK(EVP_DigestUpdate(context_.get(), length.data(), length.size()) == 1);
  SLUICE_CHECK(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1);
  return *this;
}

Digest Digester::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> whole;
  SLUICE_CHECK(EVP_DigestFinal_ex(context_.get(), whole.data(), nullptr) == 1);
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
