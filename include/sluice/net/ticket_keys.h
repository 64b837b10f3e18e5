// TicketKeys: the keys that session tickets (RFC 5077, RFC 8446 section 2.2) are sealed with: the
// session goes to the client, and comes back when it resumes. All workers share them, or a ticket
// would be good at one worker only; they outlive a reload of the certificate, and are never on
// disk. Made at random at the first use after kTlsSessionSeconds; the one before still opens
// tickets. Gone keys are wiped.
//
// From any thread, under a lock that is held for a copy of 80 bytes, at handshakes only. (OpenSSL
// takes several of its own there.)
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

#include "sluice/base/clock.h"

namespace sluice {

class TicketKeys {
 public:
  static constexpr size_t kNameBytes = 16;

  struct Key {
    std::array<unsigned char, kNameBytes> name;
    std::array<unsigned char, 32> cipher;  // AES-256
    std::array<unsigned char, 32> mac;     // HMAC with SHA-256
    uint64_t since_ns;
    bool newest;
  };

  explicit TicketKeys(const Clock& clock);
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  // To seal with. Nothing if there is no randomness to be had.
  std::optional<Key> Newest();
  // To open with; nothing if the name is no known key's.
  std::optional<Key> Find(std::span<const unsigned char, kNameBytes> name);

 private:
  void Renew();

  const Clock& clock_;
  std::mutex mutex_;
  std::optional<Key> newest_;
  std::optional<Key> before_;
};

}  // namespace sluice
