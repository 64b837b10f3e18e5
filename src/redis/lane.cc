#include "sluice/redis/lane.h"

#include <algorithm>

#include "redis/batch.h"
#include "redis/transaction_replies.h"
#include "sluice/base/check.h"
#include "sluice/base/log.h"

namespace sluice {
namespace {

constexpr uint64_t kComplainEveryNs = 10'000 * kNsPerMs;
constexpr size_t kSpareBatches = 16;

}  // namespace

Lane::Lane(LaneOptions options, Link& link, TurnClock& clock, WorkerStats& stats,
           TicketListener& listener)
    : options_(std::move(options)),
      link_(link),
      clock_(clock),
      stats_(stats),
      listener_(listener),
      spare_(kSpareBatches),
      replies_(std::make_unique<TransactionReplies>()) {
  link_.set_handler(*this);
}

Lane::~Lane() = default;

// ---- Filling -----------------------------------------------------------------------------------

Batch& Lane::Open() {
  const bool none = batches_.size() == in_flight_;
  if (none || batches_.back()->finished()) {
    batches_.PushBack(spare_.Take());
    batches_.back()->opened_ns = clock_.now_ns();
  }
  return *batches_.back();
}

Buffer& Lane::Begin() {
  SLUICE_CHECK(!in_request_);
  in_request_ = true;
  Buffer& bytes = Open().bytes();
  request_begin_ = bytes.size();
  return bytes;
}

bool Lane::empty() const {
  // A request that was rolled back may have left an open batch without claims.
  return batches_.empty() || (batches_.size() == 1 && batches_[0]->empty());
}

size_t Lane::request_bytes() const {
  SLUICE_CHECK(in_request_);
  return batches_.back()->bytes().size() - request_begin_;
}

void Lane::Commit(const Ticket& ticket) {
  SLUICE_CHECK(ticket.records > 0);
  Batch* batch = batches_.back().get();
  const size_t bytes = request_bytes();
  in_request_ = false;
  batch->Add(ticket, bytes);
  unsettled_bytes_ += bytes;
  const bool over = batch->records() > options_.batch_records_max ||
                    batch->bytes().size() > options_.batch_bytes_max;
  if (over && batch->claims().size() > 1) {
    // The request opens the next batch instead; one that is too large alone stays alone.
    batch->Finish();
    batches_.PushBack(spare_.Take());
    Batch& next = *batches_.back();
    next.opened_ns = clock_.now_ns();
    batches_[batches_.size() - 2]->MoveLastTo(next);
    batch = &next;
  }
  const bool full = batch->records() >= options_.batch_records_max ||
                    batch->bytes().size() >= options_.batch_bytes_max;
  if (full) batch->Finish();
}

void Lane::Rollback() {
  SLUICE_CHECK(in_request_);
  in_request_ = false;
  batches_.back()->bytes().Truncate(request_begin_);
}

// ---- Sending -----------------------------------------------------------------------------------

uint64_t Lane::Flush() {
  while (link_.ready() && in_flight_ < batches_.size() && in_flight_ < options_.window) {
    Batch& batch = *batches_[in_flight_];
    if (batch.empty()) break;  // opened by a request that was rolled back
    if (options_.linger_ns > 0 && !batch.finished()) {
      const uint64_t age_ns = clock_.now_ns() - batch.opened_ns;
      if (age_ns < options_.linger_ns) return options_.linger_ns - age_ns;
    }
    Send(batch);
  }
  return 0;
}

void Lane::Send(Batch& batch) {
  batch.Seal(options_.ledger_key, ++sequence_);
  batch.sent_ns = clock_.now_ns();
  if (in_flight_ == 0) progress_ns_ = batch.sent_ns;
  ++in_flight_;
  stats_.batch_records.Observe(batch.records());
  link_.Send(batch.bytes().view());
}

// ---- Replies -----------------------------------------------------------------------------------

void Lane::OnLinkReady() {
  stats_.redis_up.Set(1);
  if (connected_before_) stats_.redis_reconnects.Add();
  connected_before_ = true;
  down_reason_.clear();
  Log(LogLevel::kInfo, "Redis is up");
}

void Lane::OnLinkReply(const Reply& reply) {
  if (in_flight_ == 0) return link_.Drop("Redis answered what was not asked");
  progress_ns_ = clock_.now_ns();
  const TransactionReplies::Verdict verdict = replies_->Take(*batches_.front(), reply);
  if (!replies_->complaint().empty()) Complain(replies_->complaint());
  if (verdict == TransactionReplies::Verdict::kMore) return;
  if (verdict == TransactionReplies::Verdict::kStrange) {
    // The batch is settled, as unknown, when the link has fallen.
    return link_.Drop("Redis answered a transaction in an unknown way");
  }
  std::unique_ptr<Batch> batch = TakeFront();
  stats_.commit_ns.Observe(progress_ns_ - batch->sent_ns);
  if (verdict == TransactionReplies::Verdict::kExecuted) {
    SettleExecuted(*batch);
  } else {
    Requeue(*batch);
  }
  Release(std::move(batch));
}

void Lane::SettleExecuted(Batch& batch) {
  for (Claim& claim : batch.claims()) {
    if (claim.failures == 0) {
      Settle(claim, Outcome::kStored, OutcomeReason::kNone);
    } else {
      // Commands of one claim go to one stream and fail together; should some have been applied
      // all the same, neither "stored" nor "not stored" would be true.
      const bool all = claim.failures == claim.ticket.records;
      Settle(claim, all ? Outcome::kRefused : Outcome::kUnknown, OutcomeReason::kStoreSaid);
    }
  }
}

// EXEC was refused, so nothing was applied: whoever's command was refused is settled so, and the
// others go again. With nobody to blame (the ledger, EXEC itself) all are settled, or the batch
// would go round for ever.
void Lane::Requeue(Batch& batch) {
  const bool someone = std::any_of(batch.claims().begin(), batch.claims().end(),
                                   [](const Claim& claim) { return claim.failures > 0; });
  std::unique_ptr<Batch> again = spare_.Take();
  size_t offset = Batch::head_bytes();
  for (size_t i = 0; i < batch.claims().size(); ++i) {
    Claim& claim = batch.claims()[i];
    if (!someone || claim.failures > 0) {
      Settle(claim, Outcome::kRefused, OutcomeReason::kStoreSaid);
    } else if (!claim.settled) {
      batch.CopyTo(*again, i, offset);
      unsettled_bytes_ += claim.bytes;
    }
    offset += claim.bytes;
  }
  if (again->empty()) return spare_.Give(std::move(again));
  again->Finish();
  batches_.Insert(in_flight_, std::move(again));
}

void Lane::OnLinkDown(std::string_view reason) {
  stats_.redis_up.Set(0);
  replies_->Reset();
  if (!reason.empty() && reason != down_reason_) {
    down_reason_ = reason;
    Log(LogLevel::kWarning, "Redis is away; check redis.url",
        {{"reason", reason}, {"unknown_batches", in_flight_}});
  }
  while (in_flight_ > 0) {
    std::unique_ptr<Batch> batch = TakeFront();
    for (Claim& claim : batch->claims()) Settle(claim, Outcome::kUnknown, OutcomeReason::kNone);
    Release(std::move(batch));
  }
}

// ---- Settling ----------------------------------------------------------------------------------

std::unique_ptr<Batch> Lane::TakeFront() {
  SLUICE_CHECK(in_flight_ > 0);
  --in_flight_;
  return batches_.PopFront();
}

void Lane::Release(std::unique_ptr<Batch> batch) {
  unsettled_bytes_ -= batch->claimed_bytes();
  spare_.Give(std::move(batch));
}

void Lane::Settle(Claim& claim, Outcome outcome, OutcomeReason reason) {
  if (claim.settled) return;
  claim.settled = true;
  listener_.OnSettled(claim.ticket, {.outcome = outcome, .reason = reason});
}

void Lane::Sweep() {
  const uint64_t now_ns = clock_.now_ns();
  Expire(now_ns);
  if (in_flight_ > 0 && now_ns - progress_ns_ > options_.reply_ms * kNsPerMs) {
    link_.Drop("no reply within redis.reply_ms");
  }
}

void Lane::Expire(uint64_t now_ns) {
  const auto expired = [now_ns](const Claim& claim) {
    const uint64_t deadline_ns = claim.ticket.deadline_ns;
    return !claim.settled && deadline_ns != 0 && deadline_ns <= now_ns;
  };
  for (size_t i = 0; i < in_flight_; ++i) {
    for (Claim& claim : batches_[i]->claims()) {
      if (expired(claim)) Settle(claim, Outcome::kUnknown, OutcomeReason::kDeadline);
    }
  }
  size_t kept = in_flight_;
  for (size_t i = in_flight_; i < batches_.size(); ++i) {
    Batch& batch = *batches_[i];
    bool any = false;
    for (Claim& claim : batch.claims()) {
      if (!expired(claim)) continue;
      Settle(claim, Outcome::kRefused, OutcomeReason::kDeadline);
      any = true;
    }
    if (any) unsettled_bytes_ -= batch.TakeOutSettled();
    if (!batch.empty()) std::swap(batches_[kept++], batches_[i]);
  }
  while (batches_.size() > kept) Release(batches_.PopBack());
}

uint64_t Lane::Abandon() {
  uint64_t records = 0;
  for (size_t i = 0; i < batches_.size(); ++i) {
    const Outcome outcome = i < in_flight_ ? Outcome::kUnknown : Outcome::kRefused;
    for (Claim& claim : batches_[i]->claims()) {
      if (!claim.settled) records += claim.ticket.records;
      Settle(claim, outcome, OutcomeReason::kDrainEnded);
    }
  }
  // Those in flight are still the link's to send; they go with it.
  while (batches_.size() > in_flight_) Release(batches_.PopBack());
  return records;
}

void Lane::Complain(std::string_view error) {
  const std::string_view code = error.substr(0, error.find(' '));
  const uint64_t now_ns = clock_.now_ns();
  const uint64_t quiet_ns = code == complained_ ? kComplainEveryNs : kComplainEveryNs / 10;
  if (!complained_.empty() && now_ns - complained_ns_ < quiet_ns) return;
  complained_ = code;
  complained_ns_ = now_ns;
  Log(LogLevel::kWarning, "Redis refused a command", {{"error", error}});
}

}  // namespace sluice
