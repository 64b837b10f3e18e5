// TokenSet: the tokens of one reading of the file, found by what is presented. Immutable, so every
// worker may hold the same one; a reload makes another, and each worker changes over on its own
// thread. A request that is under way meanwhile holds a handle: it finds the token of the same id
// in the new set, or nothing where that was revoked, and never another's, though places are used
// again.
//
// A secret is looked up by its SHA-256: first a place by eight bytes of it, then the whole digest,
// compared in constant time; a secret that is not known costs a comparison, too. What the look-up's
// time tells is at most whether some stored digest shares those bits with the digest of the guess,
// and who made the guess learns nothing by that: no digest can be turned into its secret, and
// secrets are random, so knowing bits of one's digest makes no other guess better.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sluice/base/slot_table.h"
#include "sluice/gateway/token.h"

namespace sluice {

class TokenSet {
 public:
  // Ids, digests and common names differ, which is the caller's to check. `before`: the set that
  // this one replaces (null: none), whose handles and meters it takes over by id.
  TokenSet(std::vector<Token> tokens, const TokenSet* before);
  TokenSet(const TokenSet&) = delete;
  TokenSet& operator=(const TokenSet&) = delete;

  // Each returns null for none.
  const Token* FindSecret(std::string_view secret) const;
  const Token* FindCommonName(std::string_view name) const;
  const Token* Find(SlotHandle handle) const;

  size_t size() const { return tokens_.size(); }

 private:
  struct Slot {
    uint32_t token;  // place in tokens_, or kNone
    uint32_t generation;
  };
  static constexpr uint32_t kNone = UINT32_MAX;

  void TakeOver(const TokenSet* before);
  void IndexSecrets();
  size_t PlaceOf(const SecretDigest& digest) const;

  std::vector<Token> tokens_;
  std::vector<Slot> slots_;          // by handle
  std::vector<uint32_t> by_digest_;  // open addressing, at most half full; a power of two
  std::unordered_map<std::string_view, uint32_t> by_id_;
  std::unordered_map<std::string_view, uint32_t> by_common_name_;
};

}  // namespace sluice
