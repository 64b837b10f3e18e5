#include "redis/transaction_replies.h"

#include <utility>

namespace sluice {

TransactionReplies::Verdict TransactionReplies::Take(Batch& batch, const Reply& reply) {
  complaint_ = {};
  const uint32_t queued = batch.records() + 2;
  if (replies_ < queued) {
    TakeQueued(batch, reply);
    ++replies_;
    return Verdict::kMore;
  }
  return TakeExec(batch, reply);
}

void TransactionReplies::TakeQueued(Batch& batch, const Reply& reply) {
  const bool is_multi = replies_ == 0;
  const bool is_record = !is_multi && replies_ <= batch.records();
  if (reply.kind == Reply::Kind::kError) {
    complaint_ = reply.text;
    if (is_record) ++batch.claims()[claim_].failures;
  } else if (!reply.is_status(is_multi ? "OK" : "QUEUED")) {
    strange_ = true;
  }
  if (is_record && ++command_ == batch.claims()[claim_].ticket.records) {
    command_ = 0;
    ++claim_;
  }
}

TransactionReplies::Verdict TransactionReplies::TakeExec(Batch& batch, const Reply& reply) {
  const bool strange = std::exchange(*this, {}).strange_;
  if (strange) return Verdict::kStrange;
  if (reply.kind == Reply::Kind::kError) {
    // EXECABORT only repeats that there were complaints before.
    if (!reply.text.starts_with("EXECABORT")) complaint_ = reply.text;
    return Verdict::kAborted;
  }
  if (reply.kind != Reply::Kind::kArray || reply.elements != batch.records() + 1) {
    return Verdict::kStrange;
  }
  size_t claim = 0;
  size_t begin = 0;  // of the claim's elements
  for (const Reply::ElementError& error : reply.errors) {
    complaint_ = error.text;
    if (error.index >= batch.records()) break;  // the ledger's SET: nobody's record
    while (error.index >= begin + batch.claims()[claim].ticket.records) {
      begin += batch.claims()[claim].ticket.records;
      ++claim;
    }
    ++batch.claims()[claim].failures;
  }
  return Verdict::kExecuted;
}

}  // namespace sluice
