#include "sluice/redis/lane.h"

#include <algorithm>
#include <utility>

#include "redis/batch.h"
#include "redis/batch_store.h"
#include "redis/complaints.h"
#include "redis/lane_log.h"
#include "redis/lane_queue.h"
#include "redis/open_batch.h"
#include "redis/recovery.h"
#include "redis/transaction_replies.h"
#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/base/log.h"

namespace sluice {
namespace {

// Between two attempts at what Redis refuses and the lane may not give up.
constexpr uint64_t kHoldNs = 1'000 * kNsPerMs;

}  // namespace

Lane::Lane(LaneOptions options, Link& link, TurnClock& clock, LaneStats& stats,
           TicketListener& listener)
    : options_(std::move(options)),
      link_(link),
      clock_(clock),
      stats_(stats),
      store_(std::make_unique<BatchStore>(listener)),
      queue_(std::make_unique<LaneQueue>()),
      open_(std::make_unique<OpenBatch>(options_.batch_records_max, options_.batch_bytes_max, clock,
                                        *store_, *queue_)),
      ledger_(new LedgerOptions{.key = options_.ledger_key,
                                .ttl_seconds = options_.ledger_ttl_seconds,
                                .replicas = options_.replicas,
                                .replica_wait_ms = options_.replica_wait_ms}),
      recovery_(std::make_unique<Recovery>()),
      replies_(std::make_unique<TransactionReplies>(options_.replicas)),
      complaints_(std::make_unique<Complaints>(options_.name)) {
  link_.set_handler(*this);
}

Lane::~Lane() = default;

void Lane::set_log(BatchLog& log) {
  log_ = std::make_unique<LaneLog>(LaneLog::Options{.after_ns = options_.log_after_ns,
                                                    .records_max = options_.batch_records_max,
                                                    .bytes_max = options_.batch_bytes_max,
                                                    .at_once = options_.log_at_once},
                                   log, clock_, *store_, *queue_);
  ShowState();
}

Buffer& Lane::Begin() { return open_->Begin(); }
size_t Lane::request_bytes() const { return open_->request_bytes(); }
void Lane::Commit(const Ticket& ticket, uint32_t commands) { open_->Commit(ticket, commands); }
void Lane::Rollback() { open_->Rollback(); }

size_t Lane::unsettled_bytes() const { return store_->held_bytes(); }

bool Lane::empty() const {
  return queue_->OldestInMemory() == nullptr && !(log_ && log_->syncing());
}

// ---- Sending -----------------------------------------------------------------------------------

uint64_t Lane::Flush() {
  uint64_t lingers_ns = 0;
  BatchRing& sent = queue_->sent;
  while (up_ && link_.ready() && queue_->in_flight < options_.window &&
         clock_.now_ns() >= hold_until_ns_) {
    const size_t next = queue_->in_flight;
    // A batch from the log goes alone, so that it keeps its place should Redis refuse it.
    if (next > 0 && sent[next - 1]->logged) break;
    if (next == sent.size() && !BringNext(lingers_ns)) break;
    Batch& batch = *sent[next];
    if (next > 0 && (batch.logged || batch.sequence - sent[0]->sequence >= kLedgerSlots)) break;
    Send(batch);
  }
  if (log_) {
    if (log_->TakeSynced()) ReleaseLogged();
    log_->Turn(up_);
  }
  return lingers_ns;
}

bool Lane::BringNext(uint64_t& lingers_ns) {
  if (log_) {
    switch (log_->Bring(ledger_->key, recovery_->committed(), through_)) {
      case LaneLog::Brought::kBatch:
        return true;
      case LaneLog::Brought::kWait:
        return false;
      case LaneLog::Brought::kOtherLedger:
        if (!queue_->sent.empty()) return false;
        ReleaseLogged();
        Recover(log_->next_ledger());
        return false;
      case LaneLog::Brought::kNothing:
        break;
    }
  }
  if (!queue_->has_waiting()) return false;
  Batch& batch = *queue_->waiting[0];
  if (options_.linger_ns > 0 && !batch.finished()) {
    const uint64_t age_ns = clock_.now_ns() - batch.opened_ns;
    if (age_ns < options_.linger_ns) {
      lingers_ns = options_.linger_ns - age_ns;
      return false;
    }
  }
  through_ = batch.sequence = ++queue_->sequence;
  queue_->sent.PushBack(queue_->waiting.PopFront());
  return true;
}

void Lane::Send(Batch& batch) {
  if (!batch.sealed()) {
    batch.Seal(*ledger_);
    stats_.batch_records.Observe(batch.records());
  }
  batch.exposed = true;
  batch.sent_ns = clock_.now_ns();
  if (queue_->in_flight == 0) progress_ns_ = batch.sent_ns;
  ++queue_->in_flight;
  link_.Send(batch.bytes().view());
}

// ---- The link ----------------------------------------------------------------------------------

void Lane::OnLinkReady() {
  if (connected_before_) stats_.redis_reconnects.Add();
  connected_before_ = true;
  progress_ns_ = clock_.now_ns();
  if (log_ || !queue_->sent.empty()) return Recover(ledger_->key);
  BeUp();
}

// Asks how much of `ledger` was committed; its batches are sent next.
void Lane::Recover(const std::string& ledger) {
  up_ = false;
  recovering_ = true;
  if (ledger_->key != ledger) {
    if (ledger_->key == options_.ledger_key) own_through_ = through_;
    through_ = ledger == options_.ledger_key ? own_through_ : 0;
    ledger_->key = ledger;
  }
  recovery_->Start(*ledger_, log_ ? link_.name() : "", ledger != options_.ledger_key);
  progress_ns_ = clock_.now_ns();
  link_.Send(recovery_->question());
}

void Lane::OnRecoveryReply(const Reply& reply) {
  switch (recovery_->Take(reply)) {
    case Recovery::Step::kAsk:
      return link_.Send(recovery_->question());
    case Recovery::Step::kDone:
      return OnRecovered();
    case Recovery::Step::kRefused:
      return link_.Drop("Redis does not say what was committed: " + recovery_->complaint());
  }
}

void Lane::OnRecovered() {
  recovering_ = false;
  const bool confirmed = recovery_->confirmed();
  store_->SettleRecovered(queue_->sent, recovery_->committed(), confirmed);
  if (log_ && !confirmed) return HoldAndDrop("fewer replicas than durability.replicas confirm");
  BeUp();
  if (log_) ReleaseLogged();
}

// All that was brought of this ledger and is not in `sent` any more is in Redis.
void Lane::ReleaseLogged() {
  if (!up_) return;
  const BatchRing& sent = queue_->sent;
  log_->Release(ledger_->key, sent.empty() ? through_ : sent[0]->first_sequence() - 1);
}

void Lane::BeUp() {
  up_ = true;
  ShowState();
  down_reason_.clear();
  if (!std::exchange(said_up_, true))
    Log(LogLevel::kInfo, "Redis is up", {{"lane", options_.name}});
}

void Lane::OnLinkDown(std::string_view reason) {
  up_ = recovering_ = said_up_ = false;
  queue_->in_flight = 0;
  replies_->Reset();
  if (!queue_->sent.empty()) queue_->sent[0]->ForgetFailures();  // of replies that were half read
  ShowState();
  if (abandoned_) store_->ReleaseAll(queue_->sent);
  if (reason.empty() || reason == down_reason_) return;
  down_reason_ = reason;
  Log(LogLevel::kWarning, "Redis is away; the reason says why, redis.url where it is looked for",
      {{"lane", options_.name}, {"reason", reason}, {"batches_to_confirm", queue_->sent.size()}});
}

void Lane::HoldAndDrop(std::string_view reason) {
  hold_until_ns_ = clock_.now_ns() + kHoldNs;
  link_.Drop(reason);
}

void Lane::ShowState() {
  stats_.redis_up.Set(up_ ? 1 : 0);
  stats_.store_up.Set(up_ || (log_ && log_->healthy()) ? 1 : 0);
}

// ---- Replies -----------------------------------------------------------------------------------

void Lane::OnLinkReply(const Reply& reply) {
  progress_ns_ = clock_.now_ns();
  if (recovering_) return OnRecoveryReply(reply);
  if (queue_->in_flight == 0) return link_.Drop("Redis answered what was not asked");
  const TransactionReplies::Verdict verdict = replies_->Take(*queue_->sent[0], reply);
  if (!replies_->complaint().empty()) complaints_->Add(replies_->complaint(), progress_ns_);
  switch (verdict) {
    case TransactionReplies::Verdict::kMore:
      return;
    case TransactionReplies::Verdict::kExecuted:
      return OnExecuted();
    case TransactionReplies::Verdict::kAborted:
      return OnAborted();
    case TransactionReplies::Verdict::kStrange:
      return OnStrange();
  }
}

std::unique_ptr<Batch> Lane::TakeFront() {
  SLUICE_CHECK(queue_->in_flight > 0);
  --queue_->in_flight;
  return queue_->sent.PopFront();
}

void Lane::OnExecuted() {
  Batch& batch = *queue_->sent[0];
  stats_.commit_ns.Observe(progress_ns_ - batch.sent_ns);
  if (batch.logged && !replies_->confirmed()) {
    return HoldAndDrop("fewer replicas than durability.replicas confirmed");
  }
  store_->SettleExecuted(batch, replies_->confirmed());
  if (batch.logged) log_->SetAside(batch, ledger_->key, replies_->failed_commands());
  const bool on_disk = batch.on_disk;
  store_->Release(TakeFront());
  if (on_disk) ReleaseLogged();
}

void Lane::OnAborted() {
  // One that is on disk, or is being written there, may be sent by a later process all the same.
  if (!queue_->sent[0]->on_disk && !queue_->sent[0]->logging) {
    std::unique_ptr<Batch> again = store_->SettleAborted(TakeFront());
    if (again) queue_->waiting.Insert(0, std::move(again));
    return;
  }
  HoldAndDrop("Redis refused a batch from the journal; it is kept");
}

// What was applied cannot be told, so sending it again might double it.
void Lane::OnStrange() {
  constexpr char kReason[] = "Redis answered a transaction in an unknown way";
  if (queue_->sent[0]->logged) return HoldAndDrop(kReason);  // answered for: the ledger decides
  std::unique_ptr<Batch> batch = TakeFront();
  store_->SettleAll(*batch, {.outcome = Outcome::kUnknown});
  store_->Release(std::move(batch));
  link_.Drop(kReason);
}

// ---- Time --------------------------------------------------------------------------------------

void Lane::Sweep() {
  const uint64_t now_ns = clock_.now_ns();
  for (BatchRing* batches : {&queue_->sent, &queue_->logging, &queue_->waiting}) {
    store_->Expire(*batches, now_ns);
  }
  ShowState();
  const bool asked = queue_->in_flight > 0 || recovering_;
  if (asked && now_ns - progress_ns_ > options_.reply_ms * kNsPerMs) {
    link_.Drop("no reply within redis.reply_ms");
  }
}

uint64_t Lane::Abandon() {
  abandoned_ = true;
  uint64_t records = 0;
  for (BatchRing* batches : {&queue_->sent, &queue_->logging, &queue_->waiting}) {
    records += store_->Abandon(*batches);
    // Those in flight are still the link's to send; they go with it.
    if (batches != &queue_->sent || queue_->in_flight == 0) store_->ReleaseAll(*batches);
  }
  return records;
}

}  // namespace sluice
