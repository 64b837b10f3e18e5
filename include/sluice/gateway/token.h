// Token: a line of the tokens file: how its bearer is known, and what it may do. Made from the file
// (server/token_file.h), immutable but for its meters, and shared by all workers in a TokenSet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sluice/base/limits.h"
#include "sluice/base/slot_table.h"
#include "sluice/gateway/rate_limit.h"
#include "sluice/hash/secret_digest.h"
#include "sluice/record/key_rule.h"

namespace sluice {

struct TokenMeters {
  RateMeter records = 0;
  RateMeter bytes = 0;
};

struct Token {
  std::string id = {};
  // One of the two: what is presented as a bearer token, or the certificate's common name.
  std::optional<SecretDigest> secret = {};
  std::string common_name = {};
  uint64_t routes = UINT64_MAX;  // bit i: it may post to route i
  KeyRule keys = {};
  RateLimit records = {};
  RateLimit bytes = {};
  // The set's own. The handle and the meters stay the token's for as long as its id is in the file.
  SlotHandle handle = {};
  std::shared_ptr<TokenMeters> meters = {};

  bool MayPostTo(uint32_t route) const { return (routes >> route & 1) != 0; }
};

}  // namespace sluice
