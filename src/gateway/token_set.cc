#include "sluice/gateway/token_set.h"

#include <bit>
#include <cstring>
#include <utility>

namespace sluice {

TokenSet::TokenSet(std::vector<Token> tokens, const TokenSet* before) : tokens_(std::move(tokens)) {
  for (uint32_t i = 0; i < tokens_.size(); ++i) {
    by_id_.emplace(tokens_[i].id, i);
    if (!tokens_[i].secret) by_common_name_.emplace(tokens_[i].common_name, i);
  }
  TakeOver(before);
  IndexSecrets();
}

void TokenSet::TakeOver(const TokenSet* before) {
  std::vector<uint32_t> free;
  if (before != nullptr) {
    for (const Slot& slot : before->slots_) slots_.push_back({kNone, slot.generation + 1});
    for (Token& token : tokens_) {
      const auto old = before->by_id_.find(token.id);
      if (old == before->by_id_.end()) continue;
      const Token& same = before->tokens_[old->second];
      token.handle = same.handle;
      // A meter holds time, which another rate would make other units of.
      const bool same_rates = token.records == same.records && token.bytes == same.bytes;
      token.meters = same_rates ? same.meters : std::make_shared<RateMeters>();
      slots_[same.handle.index] = {old->second, same.handle.generation};
    }
  }
  for (uint32_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].token == kNone) free.push_back(i);
  }
  for (uint32_t i = 0; i < tokens_.size(); ++i) {
    Token& token = tokens_[i];
    if (token.meters == nullptr) {
      token.meters = std::make_shared<RateMeters>();
      if (free.empty()) {
        free.push_back(static_cast<uint32_t>(slots_.size()));
        slots_.push_back({kNone, 0});
      }
      token.handle = {free.back(), slots_[free.back()].generation};
      free.pop_back();
    }
    slots_[token.handle.index].token = i;
  }
}

void TokenSet::IndexSecrets() {
  by_digest_.assign(std::bit_ceil(2 * tokens_.size() + 1), kNone);
  for (uint32_t i = 0; i < tokens_.size(); ++i) {
    if (!tokens_[i].secret) continue;
    size_t place = PlaceOf(*tokens_[i].secret);
    while (by_digest_[place] != kNone) place = (place + 1) & (by_digest_.size() - 1);
    by_digest_[place] = i;
  }
}

size_t TokenSet::PlaceOf(const SecretDigest& digest) const {
  uint64_t eight;
  std::memcpy(&eight, digest.data(), sizeof eight);
  return eight & (by_digest_.size() - 1);
}

const Token* TokenSet::FindSecret(std::string_view secret) const {
  const SecretDigest digest = DigestOfSecret(secret);
  size_t place = PlaceOf(digest);
  if (by_digest_[place] == kNone) {
    SameDigest(digest, SecretDigest());
    return nullptr;
  }
  for (; by_digest_[place] != kNone; place = (place + 1) & (by_digest_.size() - 1)) {
    const Token& token = tokens_[by_digest_[place]];
    if (SameDigest(digest, *token.secret)) return &token;
  }
  return nullptr;
}

const Token* TokenSet::FindCommonName(std::string_view name) const {
  const auto found = by_common_name_.find(name);
  return found != by_common_name_.end() ? &tokens_[found->second] : nullptr;
}

const Token* TokenSet::Find(SlotHandle handle) const {
  if (handle.index >= slots_.size()) return nullptr;
  const Slot& slot = slots_[handle.index];
  const bool is_it = slot.token != kNone && slot.generation == handle.generation;
  return is_it ? &tokens_[slot.token] : nullptr;
}

}  // namespace sluice
