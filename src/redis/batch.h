// Batch: what one Redis transaction commits, as the bytes that will be sent and the claims of the
// requests in it, in order:
//
//   MULTI | commands of claim 0 | commands of claim 1 | ... | ledger | EXEC [| WAIT]
//         ^ head_bytes()                                    ^ Seal appends these
//
// Owned by its lane; its bytes must not move between Seal and the end of the batch. Reused.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "redis/ledger.h"
#include "sluice/base/buffer.h"
#include "sluice/base/ring.h"
#include "sluice/record/batch_log.h"
#include "sluice/record/record_sink.h"

namespace sluice {

struct Claim {
  Ticket ticket;
  size_t bytes = 0;       // of its commands
  uint32_t commands = 0;  // that Redis answers for it
  uint32_t failures = 0;  // of its commands, while queueing or inside EXEC
  uint32_t repeated = 0;  // records that Redis says it had already
  bool key_reused = false;
  bool unguarded = false;  // it failed, and is stored at least in part
  bool settled = false;
};

class Batch {
 public:
  // The spare of a batch that was larger than this is given back to the system.
  static constexpr size_t kKeptBytesMax = 2u << 20;

  Batch();
  void Reset();

  Buffer& bytes() { return bytes_; }
  std::vector<Claim>& claims() { return claims_; }
  uint32_t records() const { return records_; }
  uint32_t commands() const { return commands_; }
  bool empty() const { return claims_.empty(); }
  size_t claimed_bytes() const;
  // All claims' commands, without the transaction around them.
  std::string_view command_bytes() const;

  // The bytes behind the last claim become a claim of `ticket`.
  void Add(const Ticket& ticket, size_t bytes, uint32_t commands);
  // Moves the last claim, bytes and all, to `other` (which takes it behind its own).
  void MoveLastTo(Batch& other);
  // Takes the settled claims and their bytes out; how many bytes that were. Before Seal.
  size_t TakeOutSettled();
  // Copies claim i, bytes and all, to `other`.
  void CopyTo(Batch& other, size_t i, size_t offset) const;
  // Becomes a batch that was logged: one claim that was settled then. Or takes that in behind what
  // was loaded before, of the same ledger, and then its number stands for all before it.
  void Load(const LoggedBatch& from);

  // As before it was sent.
  void ForgetFailures();

  // Closes the transaction, under `sequence`. Once.
  void Seal(const LedgerOptions& ledger);
  bool sealed() const { return sealed_; }
  // As before Seal, under the same number. Once nothing sends its bytes any more.
  void Unseal();
  // No more requests: the next goes to another batch.
  void Finish() { finished_ = true; }
  bool finished() const { return finished_; }

  // Gives back what its bytes do not need, after some of them were cut off.
  void GiveBackSpare();

  static size_t head_bytes();
  // Without our knowing: not_stored would be a guess.
  bool may_be_stored() const { return exposed || logging || logged; }

  size_t spare_bytes = 0;  // as its memory counted them (batch_memory.h)
  uint64_t sequence = 0;   // in its ledger; 0: none yet
  // Of the first that was loaded, where several were; all before it are another's business.
  uint64_t first_sequence() const { return joined_ ? first_sequence_ : sequence; }
  uint64_t opened_ns = 0;
  uint64_t sent_ns = 0;
  bool exposed = false;  // sent, or perhaps on disk
  bool doubted = false;  // its connection was lost once: bytes of it may arrive anywhere, late
  bool logged = false;   // durably on disk
  bool logging = false;  // part of the sync under way
  bool on_disk = false;  // or may be: a sync that it was part of did not say that it is not

 private:
  Buffer bytes_;
  std::vector<Claim> claims_;
  uint32_t records_ = 0;
  uint32_t commands_ = 0;
  bool sealed_ = false;
  bool joined_ = false;  // of several that were logged
  uint64_t first_sequence_ = 0;
  bool finished_ = false;
};

using BatchRing = Ring<std::unique_ptr<Batch>>;

}  // namespace sluice
