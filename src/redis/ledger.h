// Ledger: which of a lane's batches Redis has committed: one string key of kLedgerSlots numbers of
// 20 digits each. Batch n writes n into slot n % kLedgerSlots inside its transaction, so that a
// batch that was refused shows though later ones were committed, which one number could not tell.
// No two batches whose fate is open may share a slot: their numbers lie less than kLedgerSlots
// apart (the lane's business).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/limits.h"

namespace sluice {

// Where the numbers stand, and how a batch is confirmed.
struct LedgerOptions {
  std::string key;
  uint64_t ttl_seconds;
  uint32_t replicas;         // that confirm, by WAIT; 0: none is asked
  uint64_t replica_wait_ms;  // > 0
};

// The commands by which batch `sequence` is counted.
void AppendLedgerWrite(const LedgerOptions& ledger, uint64_t sequence, Buffer& out);
// The same for all batches up to `sequence`.
void AppendLedgerWriteThrough(const LedgerOptions& ledger, uint64_t sequence, Buffer& out);
inline constexpr uint32_t kLedgerCommands = 2;

class CommittedBatches {
 public:
  // Of the key's value; nothing if it is no ledger. An empty one counts nothing.
  static std::optional<CommittedBatches> Parse(std::string_view text);

  bool Has(uint64_t sequence) const { return slots_[sequence % kLedgerSlots] >= sequence; }

 private:
  std::array<uint64_t, kLedgerSlots> slots_ = {};
};

}  // namespace sluice
