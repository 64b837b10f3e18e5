// Access: whose requests are taken, and how many. Where it has tokens (auth.tokens) every request
// must be some token's, who may write what that token allows, at its rates. Where it has none, a
// request goes by the rates of its client's address, if those are limited. One a worker; its
// thread.
//
// A request is the bearer token's that it presents or, where it presents none, the one's whose
// common name its connection's certificate has. Where a certificate that names a token comes with
// another's secret, it is nobody's: one of the two is not who it should be.
//
// Bytes of bodies count when they are announced or, of a chunked body, as they come; records when
// they are about to be stored. What is refused for another reason has cost its bytes, and no
// records; but a request that is nobody's costs its address a record.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "sluice/base/slot_table.h"
#include "sluice/base/worker_stats.h"
#include "sluice/gateway/address_table.h"
#include "sluice/gateway/peer.h"
#include "sluice/gateway/token_set.h"
#include "sluice/http/answer.h"
#include "sluice/http/request.h"

namespace sluice {

class Access {
 public:
  explicit Access(WorkerStats& stats) : stats_(stats) {}
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

  // Null: requests are anybody's.
  void set_tokens(std::shared_ptr<const TokenSet> tokens) { tokens_ = std::move(tokens); }
  // Outlive it.
  void set_addresses(const AddressLimits& limits) { addresses_ = &limits; }

  bool asks_for_tokens() const { return tokens_ != nullptr; }
  bool counts() const { return tokens_ != nullptr || addresses_ != nullptr; }

  // Where tokens are asked for: whose request it is; null: nobody's.
  const Token* Identify(const RequestHead& head, const Peer& peer);
  // Null: revoked since.
  const Token* Find(SlotHandle token);

  std::optional<Answer> CheckRoute(const Token& token, uint32_t route);

  // By whose rates a request goes: its token's or, without one (null), its client's.
  struct Account {
    const RateLimit* records = nullptr;
    const RateLimit* bytes = nullptr;
    RateMeters* meters = nullptr;  // null: by nobody's
    bool of_token = false;
  };
  Account AccountOf(const Token* token, const Peer& peer) const;

  // What speaks against the request: the bytes of its body, or so many more of them; its records,
  // whose bytes were counted before; that it was nobody's, and others before it. A refusal takes
  // nothing; its Retry-After is when, at the latest, the request would not be refused
  // if no other came.
  std::optional<Answer> TakeBytes(const Account& account, uint64_t now_ns, uint64_t bytes);
  std::optional<Answer> TakeMoreBytes(const Account& account, uint64_t now_ns, uint64_t bytes);
  std::optional<Answer> TakeRecords(const Account& account, uint64_t now_ns, uint64_t records,
                                    uint64_t body_bytes);
  std::optional<Answer> TakeFailure(const Peer& peer, uint64_t now_ns);

  void Count(AuthFailure failure) { stats_.auth_failures[static_cast<size_t>(failure)].Add(); }

 private:
  Answer OverRate(RateKind kind, uint64_t wait_ns);

  WorkerStats& stats_;
  std::shared_ptr<const TokenSet> tokens_;
  const AddressLimits* addresses_ = nullptr;  // null: none
};

}  // namespace sluice
