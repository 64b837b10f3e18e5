// Access: whose requests are taken, and how many. Off until it has tokens (auth.tokens): then every
// request must be some token's, who may write what that token allows, at its rates. One a worker;
// its thread.
//
// A request is the bearer token's that it presents or, where it presents none, the one's whose
// common name its connection's certificate has. Where a certificate that names a token comes with
// another's secret, it is nobody's: one of the two is not who it should be.
//
// Bytes of bodies count when they are announced or, of a chunked body, as they come; records when
// they are about to be stored. What is refused for another reason has cost its bytes, and no
// records.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "sluice/base/slot_table.h"
#include "sluice/base/worker_stats.h"
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

  // Null: off.
  void set_tokens(std::shared_ptr<const TokenSet> tokens) { tokens_ = std::move(tokens); }
  bool on() const { return tokens_ != nullptr; }

  // The rest only while it is on. Whose request it is; null: nobody's.
  const Token* Identify(const RequestHead& head, const Peer& peer);
  // Null: revoked since.
  const Token* Find(SlotHandle token);

  // What speaks against the request: its token's routes; the bytes of its body, or so many more of
  // them; its records, whose bytes were counted before. A refusal takes nothing; its Retry-After is
  // when the request would not be refused if no other came.
  std::optional<Answer> CheckRoute(const Token& token, uint32_t route);
  std::optional<Answer> TakeBytes(const Token& token, uint64_t now_ns, uint64_t bytes);
  std::optional<Answer> TakeMoreBytes(const Token& token, uint64_t now_ns, uint64_t bytes);
  std::optional<Answer> TakeRecords(const Token& token, uint64_t now_ns, uint64_t records,
                                    uint64_t body_bytes);

  void Count(AuthFailure failure) { stats_.auth_failures[static_cast<size_t>(failure)].Add(); }

 private:
  Answer OverRate(RateKind kind, uint64_t wait_ns);

  WorkerStats& stats_;
  std::shared_ptr<const TokenSet> tokens_;
};

}  // namespace sluice
