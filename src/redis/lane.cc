#include "sluice/redis/lane.h"

#include <algorithm>
#include <utility>

#include "redis/batch.h"
#include "redis/batch_memory.h"
#include "redis/batch_store.h"
#include "redis/lane_link.h"
#include "redis/lane_log.h"
#include "redis/lane_queue.h"
#include "redis/lane_replies.h"
#include "redis/open_batch.h"
#include "redis/recovery.h"
#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

// Between two attempts at what Redis refuses and the lane may not give up.
constexpr uint64_t kHoldNs = 1'000 * kNsPerMs;

}  // namespace

std::shared_ptr<BatchMemory> MakeBatchMemory() { return std::make_shared<BatchMemory>(); }

Lane::Lane(LaneOptions options, TurnClock& clock, LaneStats& stats, TicketListener& listener)
    : options_(std::move(options)),
      link_(std::make_unique<LaneLink>()),
      clock_(clock),
      stats_(stats),
      store_(std::make_unique<BatchStore>(listener,
                                          options_.memory ? options_.memory : MakeBatchMemory())),
      queue_(std::make_unique<LaneQueue>()),
      open_(std::make_unique<OpenBatch>(options_.batch_records_max, options_.batch_bytes_max, clock,
                                        *store_, *queue_)),
      ledger_(new LedgerOptions{.key = options_.ledger_key,
                                .ttl_seconds = options_.ledger_ttl_seconds,
                                .replicas = options_.replicas,
                                .replica_wait_ms = options_.replica_wait_ms}),
      recovery_(std::make_unique<Recovery>()),
      replies_(std::make_unique<LaneReplies>(
          LaneReplies::Options{.name = options_.name, .replicas = options_.replicas}, clock, stats,
          *store_, *queue_)) {
  stats_.lanes.Set(stats_.lanes.value() + 1);
}

Lane::~Lane() = default;

void Lane::set_log(BatchLog& log) {
  log_ = std::make_unique<LaneLog>(LaneLog::Options{.after_ns = options_.log_after_ns,
                                                    .records_max = options_.batch_records_max,
                                                    .bytes_max = options_.batch_bytes_max,
                                                    .at_once = options_.log_at_once},
                                   log, clock_, *store_, *queue_);
  replies_->set_log(*log_);
  ShowState();
}

void Lane::set_guide(LaneGuide& guide) {
  guide_ = &guide;
  replies_->FollowRedirects();
}

void Lane::Attach(SharedLink& link, bool asking) {
  link_->Attach(link, *this, asking);
  if (link.ready()) OnLinkReady();
}

void Lane::Detach() {
  SLUICE_CHECK(idle());
  link_->Detach();
  up_ = false;
  ShowState();
}

const SharedLink* Lane::attached() const { return link_->link(); }
bool Lane::idle() const { return queue_->in_flight == 0 && !recovering_; }
void Lane::Drop(std::string_view reason) { link_->Drop(reason); }

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
  const uint32_t window = link_->asking() ? 1 : options_.window;
  while (up_ && link_->ready() && queue_->in_flight < window && clock_.now_ns() >= hold_until_ns_) {
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
  link_->Send(batch.bytes().view());
}

// ---- The link ----------------------------------------------------------------------------------

void Lane::OnLinkReady() {
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
  recovery_->Start(*ledger_, log_ ? link_->name() : "", ledger != options_.ledger_key,
                   link_->asking());
  progress_ns_ = clock_.now_ns();
  link_->Send(recovery_->question());
}

void Lane::OnRecoveryReply(const Reply& reply) {
  switch (recovery_->Take(reply)) {
    case Recovery::Step::kAsk:
      return link_->Send(recovery_->question());
    case Recovery::Step::kDone:
      return OnRecovered();
    case Recovery::Step::kRefused:
      if (!replies_->TakeRefusal(recovery_->complaint())) {
        return link_->Drop("Redis does not say what was committed: " + recovery_->complaint());
      }
      recovering_ = false;
      return TurnBack();
  }
}

void Lane::OnRecovered() {
  recovering_ = false;
  const bool confirmed = recovery_->confirmed();
  store_->SettleRecovered(queue_->sent, recovery_->committed(), confirmed);
  if (log_ && !confirmed) {
    hold_until_ns_ = clock_.now_ns() + kHoldNs;
    return link_->Drop("fewer replicas than durability.replicas confirm");
  }
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
  link_->SayUp();
}

void Lane::OnLinkDown(std::string_view) {
  up_ = recovering_ = false;
  link_->OnDown();
  replies_->OnDown();
  if (replies_->redirected()) TurnBack();
  ShowState();
  if (abandoned_) store_->ReleaseAll(queue_->sent);
}

size_t Lane::unconfirmed() const { return queue_->sent.size(); }

void Lane::ShowState() {
  const auto show = [](Gauge& lanes, bool& counted, bool counts) {
    if (counted == counts) return;
    counted = counts;
    lanes.Set(counts ? lanes.value() + 1 : lanes.value() - 1);
  };
  show(stats_.redis_up, counted_up_, up_);
  show(stats_.store_up, counted_store_up_, up_ || (log_ && log_->healthy()));
}

// ---- Replies -----------------------------------------------------------------------------------

bool Lane::OnLinkReply(const Reply& reply) {
  progress_ns_ = clock_.now_ns();
  if (link_->TakeAnswer()) {
    if (reply.kind == Reply::Kind::kError) link_->Drop("Redis refused ASKING: " + reply.text);
    return true;
  }
  if (recovering_) {
    OnRecoveryReply(reply);
    return true;
  }
  const LaneReplies::Answer answer = replies_->Take(reply, ledger_->key);
  if (answer.is_logged) ReleaseLogged();
  if (answer.hold) hold_until_ns_ = clock_.now_ns() + kHoldNs;
  if (!answer.drop.empty()) link_->Drop(answer.drop);
  if (replies_->redirected()) {
    up_ = false;
    if (queue_->in_flight == 0) TurnBack();
  }
  return answer.last;
}

void Lane::TurnBack() {
  const Redirect redirect = replies_->TakeBack();
  ShowState();
  guide_->OnRedirected(*this, redirect);
}

// ---- Time --------------------------------------------------------------------------------------

void Lane::Sweep() {
  const uint64_t now_ns = clock_.now_ns();
  for (BatchRing* batches : {&queue_->sent, &queue_->logging, &queue_->waiting}) {
    store_->Expire(*batches, now_ns);
  }
  ShowState();
  if (waited_ns() > options_.reply_ms * kNsPerMs) {
    link_->Drop("no reply within redis.reply_ms");
  }
}

// Another lane's answer is a sign of life too: ours comes behind it.
uint64_t Lane::waited_ns() const {
  return idle() ? 0 : clock_.now_ns() - std::max(progress_ns_, link_->answered_ns());
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
