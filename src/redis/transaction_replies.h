// TransactionReplies: the replies to one batch at a time, counted against its claims. A batch of n
// commands is answered by a reply to MULTI, one to each of the n and of the ledger's commands as it
// is queued, then EXEC's: all their results, or an error, and then nothing was applied. Where
// replicas are waited for, one more tells how many confirmed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "redis/batch.h"
#include "sluice/redis/reply_reader.h"

namespace sluice {

class TransactionReplies {
 public:
  enum class Verdict : uint8_t {
    kMore,      // the batch's last reply is still to come
    kExecuted,  // applied, but for the commands counted as failures of their claims
    kAborted,   // nothing was applied; failures tell whose commands were refused, if anyone's
    kStrange,   // not the protocol we know: what was applied cannot be told
  };

  explicit TransactionReplies(uint32_t replicas) : replicas_(replicas) {}

  // After any verdict but kMore it is ready for the next batch.
  Verdict Take(Batch& batch, const Reply& reply);
  void Reset();
  // What Redis complained of in the last reply taken; empty: nothing.
  std::string_view complaint() const { return complaint_; }
  // Of the last batch with a verdict: whether as many replicas confirmed as were waited for, and
  // which commands failed inside EXEC.
  bool confirmed() const { return confirmed_; }
  const std::vector<size_t>& failed_commands() const { return failed_; }

 private:
  void TakeQueued(Batch& batch, const Reply& reply);
  Verdict TakeExec(Batch& batch, const Reply& reply);
  Verdict TakeWait(const Reply& reply);

  const uint32_t replicas_;
  uint32_t replies_ = 0;  // read so far
  size_t claim_ = 0;      // whose command the next one answers
  uint32_t command_ = 0;  // which of that claim's
  bool strange_ = false;  // a command was run outside the transaction
  Verdict exec_ = Verdict::kMore;
  bool confirmed_ = true;
  std::vector<size_t> failed_;
  std::string_view complaint_;
};

}  // namespace sluice
