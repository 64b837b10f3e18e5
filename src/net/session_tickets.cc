#include "net/session_tickets.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <optional>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

// What SSL_CTX_set_tlsext_ticket_key_evp_cb(3) asks to be returned.
constexpr int kFailed = -1;
constexpr int kNoTicket = 0;
constexpr int kUsed = 1;
constexpr int kUsedAndRenewed = 2;

bool SetMacKey(EVP_MAC_CTX* mac, TicketKeys::Key& key) {
  std::array<char, 9> digest = {"SHA2-256"};
  const std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
}

int Seal(TicketKeys::Key& key, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
         EVP_MAC_CTX* mac) {
  std::copy(key.name.begin(), key.name.end(), name);
  const bool sealed =
      RAND_bytes(iv, EVP_MAX_IV_LENGTH) == 1 &&
      EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv) == 1 &&
      SetMacKey(mac, key);
  return sealed ? kUsed : kFailed;
}

int Open(TicketKeys::Key& key, const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
  const bool opened = SetMacKey(mac, key) && EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr,
                                                                key.cipher.data(), iv) == 1;
  if (!opened) return kFailed;
  return key.newest ? kUsed : kUsedAndRenewed;
}

int OnTicket(SSL* connection, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
             EVP_MAC_CTX* mac, int seals) {
  auto& keys = *static_cast<TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  std::optional<TicketKeys::Key> key =
      seals != 0 ? keys.Newest()
                 : keys.Find(std::span<const unsigned char, TicketKeys::kNameBytes>(
                       name, TicketKeys::kNameBytes));
  if (!key) return kNoTicket;
  const int how = seals != 0 ? Seal(*key, name, iv, cipher, mac) : Open(*key, iv, cipher, mac);
  OPENSSL_cleanse(&*key, sizeof *key);
  return how;
}

// A client whose certificate has expired since does not resume: the full handshake refuses it.
SSL_TICKET_RETURN OnOpened(SSL*, SSL_SESSION* session, const unsigned char*, size_t,
                           SSL_TICKET_STATUS status, void*) {
  switch (status) {
    case SSL_TICKET_SUCCESS:
    case SSL_TICKET_SUCCESS_RENEW: {
      X509* peer = SSL_SESSION_get0_peer(session);
      if (peer != nullptr && X509_cmp_current_time(X509_get0_notAfter(peer)) <= 0) {
        return SSL_TICKET_RETURN_IGNORE_RENEW;
      }
      return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
    }
    case SSL_TICKET_EMPTY:
    case SSL_TICKET_NO_DECRYPT:
      return SSL_TICKET_RETURN_IGNORE_RENEW;
    default:
      return SSL_TICKET_RETURN_ABORT;
  }
}

}  // namespace

void UseSessionTickets(SSL_CTX* context, TicketKeys& keys) {
  SSL_CTX_set_app_data(context, &keys);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_timeout(context, static_cast<long>(kTlsSessionSeconds));
  SLUICE_CHECK(SSL_CTX_set_tlsext_ticket_key_evp_cb(context, OnTicket) == 1);
  SLUICE_CHECK(SSL_CTX_set_session_ticket_cb(context, nullptr, OnOpened, nullptr) == 1);
}

}  // namespace sluice
