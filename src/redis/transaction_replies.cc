#include "redis/transaction_replies.h"

namespace sluice {

void TransactionReplies::Reset() {
  replies_ = command_ = 0;
  claim_ = 0;
  strange_ = false;
  exec_ = Verdict::kMore;
}

TransactionReplies::Verdict TransactionReplies::Take(Batch& batch, const Reply& reply) {
  complaint_ = {};
  const uint32_t queued = batch.commands() + 2;
  if (replies_ < queued) {
    TakeQueued(batch, reply);
    ++replies_;
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
  if (is_claimed && ++command_ == batch.claims()[claim_].commands) {
    command_ = 0;
    ++claim_;
  }
}

TransactionReplies::Verdict TransactionReplies::TakeExec(Batch& batch, const Reply& reply) {
  if (strange_) return Verdict::kStrange;
  if (reply.kind == Reply::Kind::kError) {
    // EXECABORT only repeats that there were complaints before.
    if (!reply.text.starts_with("EXECABORT")) complaint_ = reply.text;
    return Verdict::kAborted;
  }
  if (reply.kind != Reply::Kind::kArray || reply.elements != batch.commands() + 1) {
    return Verdict::kStrange;
  }
  size_t claim = 0;
  size_t begin = 0;  // of the claim's elements
  for (const Reply::ElementError& error : reply.errors) {
    complaint_ = error.text;
    if (error.index >= batch.commands()) break;  // the ledger's SET: nobody's record
    while (error.index >= begin + batch.claims()[claim].commands) {
      begin += batch.claims()[claim].commands;
      ++claim;
    }
    ++batch.claims()[claim].failures;
    failed_.push_back(error.index);
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
