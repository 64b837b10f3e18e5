// Batch: what one Redis transaction commits, as the bytes that will be sent and the claims of the
// requests in it, in order:
//
//   MULTI | XADD ... of claim 0 | XADD ... of claim 1 | ... | SET ledger | EXEC
//         ^ kHeadBytes                                      ^ Seal appends these
//
// Owned by its lane; its bytes must not move between Seal and the end of the batch. Reused.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sluice/base/buffer.h"
#include "sluice/record/record_sink.h"

namespace sluice {

struct Claim {
  Ticket ticket;
  size_t bytes = 0;       // of its XADDs
  uint32_t failures = 0;  // of its commands, while queueing or inside EXEC
  bool settled = false;
};

class Batch {
 public:
  // The spare of a batch that was larger than this is given back to the system.
  static constexpr size_t kKeptBytesMax = 4u << 20;

  Batch();
  void Reset();

  Buffer& bytes() { return bytes_; }
  std::vector<Claim>& claims() { return claims_; }
  uint32_t records() const { return records_; }
  bool empty() const { return claims_.empty(); }
  size_t claimed_bytes() const;

  // The bytes behind the last claim become a claim of `ticket`.
  void Add(const Ticket& ticket, size_t bytes);
  // Moves the last claim, bytes and all, to `other` (which takes it behind its own).
  void MoveLastTo(Batch& other);
  // Takes the settled claims and their bytes out; how many bytes that were. Before Seal.
  size_t TakeOutSettled();
  // Copies claim i, bytes and all, to `other`.
  void CopyTo(Batch& other, size_t i, size_t offset) const;

  void Seal(std::string_view ledger_key, uint64_t sequence);
  // No more requests: the next goes to another batch.
  void Finish() { finished_ = true; }
  bool finished() const { return finished_; }

  static size_t head_bytes();

  uint64_t opened_ns = 0;
  uint64_t sent_ns = 0;

 private:
  Buffer bytes_;
  std::vector<Claim> claims_;
  uint32_t records_ = 0;
  bool finished_ = false;
};

}  // namespace sluice
