// TransactionReplies: the replies to one batch at a time, counted against its claims. A batch of n
// records is answered by n + 3 replies: MULTI, n XADDs and SET each queued, then EXEC with the
// results of the n XADDs and SET, or with an error, and then nothing was applied.
#pragma once

#include <cstdint>
#include <string_view>

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

  // After any verdict but kMore it is ready for the next batch.
  Verdict Take(Batch& batch, const Reply& reply);
  void Reset() { *this = {}; }
  // What Redis complained of in the last reply taken; empty: nothing.
  std::string_view complaint() const { return complaint_; }

 private:
  void TakeQueued(Batch& batch, const Reply& reply);
  Verdict TakeExec(Batch& batch, const Reply& reply);

  uint32_t replies_ = 0;  // read so far
  size_t claim_ = 0;      // whose command the next one answers
  uint32_t command_ = 0;  // which of that claim's
  bool strange_ = false;  // a command was run outside the transaction
  std::string_view complaint_;
};

}  // namespace sluice
