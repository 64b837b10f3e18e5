#include "redis/batch_store.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sluice/base/check.h"

namespace sluice {

BatchStore::BatchStore(TicketListener& listener, std::shared_ptr<BatchMemory> memory)
    : listener_(listener), memory_(std::move(memory)) {}

std::unique_ptr<Batch> BatchStore::Take(uint64_t now_ns) {
  std::unique_ptr<Batch> batch = memory_->Take();
  batch->opened_ns = now_ns;
  return batch;
}

void BatchStore::Release(std::unique_ptr<Batch> batch) {
  memory_->LetGo(batch->claimed_bytes());
  memory_->Give(std::move(batch));
}

void BatchStore::Settle(Claim& claim, const Settlement& settlement) {
  if (claim.settled) return;
  claim.settled = true;
  listener_.OnSettled(claim.ticket, settlement);
}

void BatchStore::SettleAll(Batch& batch, const Settlement& settlement) {
  for (Claim& claim : batch.claims()) Settle(claim, settlement);
}

void BatchStore::SettleExecuted(Batch& batch, bool confirmed) {
  for (Claim& claim : batch.claims()) {
    Settlement settlement{.outcome = Outcome::kStored, .repeated = claim.repeated};
    if (claim.failures > 0) {
      // Commands of one claim go to one stream and fail together; should some have been applied
      // all the same, neither "stored" nor "not stored" would be true.
      const bool all = claim.failures == claim.commands && !claim.unguarded;
      settlement.outcome = all ? Outcome::kRefused : Outcome::kUnknown;
      settlement.reason = claim.key_reused ? OutcomeReason::kKeyReused : OutcomeReason::kStoreSaid;
    } else if (!confirmed) {
      settlement.outcome = Outcome::kUnknown;
      settlement.reason = OutcomeReason::kReplicas;
    }
    Settle(claim, settlement);
  }
}

void BatchStore::SettleRecovered(BatchRing& sent, const CommittedBatches& committed,
                                 bool confirmed) {
  const Settlement settlement =
      confirmed ? Settlement{.outcome = Outcome::kStored}
                : Settlement{.outcome = Outcome::kUnknown, .reason = OutcomeReason::kReplicas};
  for (size_t count = sent.size(); count > 0; --count) {
    std::unique_ptr<Batch> batch = sent.PopFront();
    if (!committed.Has(batch->sequence) || (batch->logged && !confirmed)) {
      sent.PushBack(std::move(batch));
      continue;
    }
    for (Claim& claim : batch->claims()) {
      // A reused key is refused inside EXEC, and that reply is lost.
      if (claim.ticket.keyed) Settle(claim, {.outcome = Outcome::kUnknown});
    }
    SettleAll(*batch, settlement);
    Release(std::move(batch));
  }
}

std::unique_ptr<Batch> BatchStore::SettleAborted(std::unique_ptr<Batch> batch) {
  std::vector<Claim>& claims = batch->claims();
  const bool someone = std::any_of(claims.begin(), claims.end(),
                                   [](const Claim& claim) { return claim.failures > 0; });
  std::unique_ptr<Batch> again = Take(batch->opened_ns);
  size_t offset = Batch::head_bytes();
  for (size_t i = 0; i < claims.size(); ++i) {
    Claim& claim = claims[i];
    if (!someone || claim.failures > 0) {
      Settle(claim, {.outcome = Outcome::kRefused, .reason = OutcomeReason::kStoreSaid});
    } else if (!claim.settled) {
      batch->CopyTo(*again, i, offset);
      Hold(claim.bytes);
    }
    offset += claim.bytes;
  }
  Release(std::move(batch));
  again->Finish();
  if (!again->empty()) return again;
  Release(std::move(again));
  return nullptr;
}

void BatchStore::TakeBack(BatchRing& batches, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    Batch& batch = *batches[i];
    batch.ForgetFailures();
    batch.Unseal();
    batch.exposed = batch.doubted || batch.on_disk;
    if (!batch.may_be_stored()) memory_->LetGo(batch.TakeOutSettled());
  }
  ReleaseEmpty(batches);
}

void BatchStore::Expire(BatchRing& batches, uint64_t now_ns) {
  bool emptied = false;
  for (size_t i = 0; i < batches.size(); ++i) {
    Batch& batch = *batches[i];
    const Outcome outcome = batch.may_be_stored() ? Outcome::kUnknown : Outcome::kRefused;
    bool any = false;
    for (Claim& claim : batch.claims()) {
      const uint64_t deadline_ns = claim.ticket.deadline_ns;
      if (claim.settled || deadline_ns == 0 || deadline_ns > now_ns) continue;
      Settle(claim, {.outcome = outcome, .reason = OutcomeReason::kDeadline});
      any = true;
    }
    if (!any || batch.may_be_stored()) continue;
    memory_->LetGo(batch.TakeOutSettled());
    emptied = emptied || batch.empty();
  }
  if (emptied) ReleaseEmpty(batches);
}

void BatchStore::ReleaseEmpty(BatchRing& batches) {
  size_t kept = 0;
  for (size_t i = 0; i < batches.size(); ++i) {
    if (!batches[i]->empty()) std::swap(batches[kept++], batches[i]);
  }
  while (batches.size() > kept) Release(batches.PopBack());
}

uint64_t BatchStore::Abandon(BatchRing& batches) {
  uint64_t records = 0;
  for (size_t i = 0; i < batches.size(); ++i) {
    Batch& batch = *batches[i];
    const Outcome outcome = batch.may_be_stored() ? Outcome::kUnknown : Outcome::kRefused;
    if (!batch.logged) records += batch.records();
    SettleAll(batch, {.outcome = outcome, .reason = OutcomeReason::kDrainEnded});
  }
  return records;
}

void BatchStore::ReleaseAll(BatchRing& batches) {
  while (!batches.empty()) Release(batches.PopFront());
}

}  // namespace sluice
