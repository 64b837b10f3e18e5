#include "redis/transaction_replies.h"

#include <algorithm>

#include "redis/guarded_request.h"
#include "sluice/redis/refusal.h"

namespace sluice {
namespace {

// Whose command each of EXEC's results answers; asked in rising order.
class ClaimWalk {
 public:
  explicit ClaimWalk(Batch& batch) : batch_(batch) {}

  // Null behind the last claim's commands.
  Claim* At(size_t command) {
    if (command >= batch_.commands()) return nullptr;
    while (command >= begin_ + batch_.claims()[claim_].commands) {
      begin_ += batch_.claims()[claim_++].commands;
    }
    return &batch_.claims()[claim_];
  }

 private:
  Batch& batch_;
  size_t claim_ = 0;
  size_t begin_ = 0;  // of the claim's commands
};

}  // namespace

void TransactionReplies::Reset() {
  replies_ = command_ = 0;
  claim_ = 0;
  strange_ = false;
  exec_ = Verdict::kMore;
}

TransactionReplies::Verdict TransactionReplies::Take(Batch& batch, const Reply& reply) {
  complaint_ = {};
  const uint32_t queued = 1 + batch.commands() + kLedgerCommands;
  if (replies_ < queued) {
    if (reply.times > queued - replies_) {  // more than was asked
      Reset();
      return Verdict::kStrange;
    }
    TakeQueued(batch, reply);
    replies_ += reply.times;
    return Verdict::kMore;
  }
  if (exec_ == Verdict::kMore) {
    failed_.clear();
    confirmed_ = true;
    exec_ = TakeExec(batch, reply);
    if (replicas_ > 0 && exec_ != Verdict::kStrange) return Verdict::kMore;
  } else {
    exec_ = TakeWait(reply);
  }
  const Verdict verdict = exec_;
  Reset();
  return verdict;
}

void TransactionReplies::TakeQueued(Batch& batch, const Reply& reply) {
  const bool is_multi = replies_ == 0;
  const bool is_claimed = !is_multi && replies_ <= batch.commands();
  if (reply.kind == Reply::Kind::kError) {
    complaint_ = reply.text;
    if (is_claimed) ++batch.claims()[claim_].failures;
  } else if (!reply.is_status(is_multi ? "OK" : "QUEUED")) {
    strange_ = true;
  }
  if (!is_claimed) return;
  // What is left of a run behind the last claim answers the ledger's commands.
  for (uint32_t left = reply.times; left > 0 && claim_ < batch.claims().size();) {
    const uint32_t of_claim = batch.claims()[claim_].commands - command_;
    const uint32_t taken = std::min(left, of_claim);
    left -= taken;
    command_ += taken;
    if (taken < of_claim) return;
    command_ = 0;
    ++claim_;
  }
}

TransactionReplies::Verdict TransactionReplies::TakeExec(Batch& batch, const Reply& reply) {
  if (strange_) return Verdict::kStrange;
  if (reply.kind == Reply::Kind::kError) {
    complaint_ = RefusalReason(reply.text);
    return Verdict::kAborted;
  }
  if (reply.kind != Reply::Kind::kArray || reply.elements != batch.commands() + kLedgerCommands) {
    return Verdict::kStrange;
  }
  ClaimWalk failing(batch);
  for (const Reply::ElementError& error : reply.errors) {
    Claim* claim = failing.At(error.index);
    const bool key_reused = error.text.starts_with(kKeyReusedError);
    // A reused key is its device's business, who is told; unless it was told "journal" before.
    if (!key_reused || (claim != nullptr && claim->settled)) complaint_ = error.text;
    if (claim == nullptr) break;  // the ledger's: nobody's record
    ++claim->failures;
    claim->key_reused = key_reused;
    claim->unguarded = error.text.starts_with(kUnguardedError);
    if (!claim->unguarded) failed_.push_back(error.index);
  }
  ClaimWalk repeating(batch);
  for (const Reply::ElementInteger& integer : reply.integers) {
    if (Claim* claim = repeating.At(integer.index)) {
      claim->repeated = static_cast<uint32_t>(integer.value);
    }
  }
  return Verdict::kExecuted;
}

TransactionReplies::Verdict TransactionReplies::TakeWait(const Reply& reply) {
  if (reply.kind == Reply::Kind::kError) {
    complaint_ = reply.text;
    confirmed_ = false;
  } else if (reply.kind == Reply::Kind::kInteger) {
    confirmed_ = reply.integer >= static_cast<int64_t>(replicas_);
  } else {
    return Verdict::kStrange;
  }
  return exec_;
}

}  // namespace sluice
