#include "sluice/net/ticket_keys.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>

#include "sluice/base/limits.h"

namespace sluice {
namespace {

void Wipe(std::optional<TicketKeys::Key>& key) {
  if (key) OPENSSL_cleanse(&*key, sizeof *key);
  key.reset();
}

}  // namespace

TicketKeys::TicketKeys(const Clock& clock) : clock_(clock) {}

TicketKeys::~TicketKeys() {
  Wipe(newest_);
  Wipe(before_);
}

std::optional<TicketKeys::Key> TicketKeys::Newest() {
  const std::lock_guard<std::mutex> lock(mutex_);
  Renew();
  return newest_;
}

std::optional<TicketKeys::Key> TicketKeys::Find(std::span<const unsigned char, kNameBytes> name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Renew();
  for (const std::optional<Key>* key : {&newest_, &before_}) {
    if (*key && std::equal(name.begin(), name.end(), (*key)->name.begin())) return *key;
  }
  return std::nullopt;
}

void TicketKeys::Renew() {
  const uint64_t now_ns = clock_.MonotonicNs();
  constexpr uint64_t kGoodNs = kTlsSessionSeconds * kMsPerSecond * kNsPerMs;
  if (newest_ && now_ns - newest_->since_ns < kGoodNs) return;
  Key key{};
  key.since_ns = now_ns;
  key.newest = true;
  const auto fill = [](auto& bytes) {
    return RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
  };
  const bool filled = fill(key.name) && fill(key.cipher) && fill(key.mac);
  Wipe(before_);
  before_ = newest_;
  Wipe(newest_);
  if (before_) before_->newest = false;
  if (filled) newest_ = key;
  OPENSSL_cleanse(&key, sizeof key);
}

}  // namespace sluice
