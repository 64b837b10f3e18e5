#include "redis/lane_log.h"

#include <algorithm>
#include <utility>

#include "sluice/base/limits.h"
#include "sluice/redis/resp.h"

namespace sluice {
namespace {

// The log copies what it is given, so one sync takes a bounded part of what waits.
constexpr size_t kSyncBytesMax = 8 * kMiB;
constexpr uint64_t kRetryAfterNs = 500 * kNsPerMs;

}  // namespace

LaneLog::LaneLog(const Options& options, BatchLog& log, TurnClock& clock, BatchStore& store,
                 LaneQueue& queue)
    : options_(options), log_(log), clock_(clock), store_(store), queue_(queue) {
  log_.set_listener(*this);
}

bool LaneLog::due(bool link_up) const {
  const Batch* oldest = queue_.OldestInMemory();
  if (oldest == nullptr) return false;
  if (!link_up && (active_ || options_.at_once)) return true;
  // With Redis there the log takes few batches, and large ones: each costs a round trip to bring
  // back, and were they written as fast as the disk takes them the log might never be emptied.
  return clock_.now_ns() - oldest->opened_ns >= options_.after_ns;
}

void LaneLog::Turn(bool link_up) {
  if (log_.syncing() || !due(link_up)) return;
  active_ = true;
  if (!log_.healthy() && clock_.now_ns() < retry_ns_) return;
  offered_bytes_ = 0;
  bool room = OfferAll(queue_.sent) && OfferAll(queue_.logging);
  while (room && queue_.has_waiting()) {
    std::unique_ptr<Batch> batch = queue_.waiting.PopFront();
    batch->Finish();
    batch->sequence = ++queue_.sequence;
    queue_.logging.PushBack(std::move(batch));
    room = Offer(*queue_.logging.back());
  }
  if (offered_bytes_ > 0) log_.Sync();
}

bool LaneLog::OfferAll(BatchRing& batches) {
  for (size_t i = 0; i < batches.size(); ++i) {
    if (!batches[i]->logged && !Offer(*batches[i])) return false;
  }
  return true;
}

bool LaneLog::Offer(Batch& batch) {
  if (offered_bytes_ >= kSyncBytesMax) return false;
  batch.logging = log_.Append({.ledger = log_.own_ledger(),
                               .sequence = batch.sequence,
                               .records = batch.records(),
                               .commands = batch.commands(),
                               .bytes = batch.command_bytes()});
  if (batch.logging) offered_bytes_ += batch.command_bytes().size();
  return batch.logging;
}

// Small batches go together: each transaction costs a round trip.
bool LaneLog::Joins(const LoggedBatch& front, Batch& batch, std::string_view ledger) const {
  return front.ledger == ledger && batch.records() + front.records <= options_.records_max &&
         batch.bytes().size() + front.bytes.size() <= options_.bytes_max;
}

LaneLog::Brought LaneLog::Bring(std::string_view ledger, const CommittedBatches& committed,
                                uint64_t& through) {
  std::unique_ptr<Batch> batch;
  while (const LoggedBatch* front = log_.Front()) {
    if (batch && !Joins(*front, *batch, ledger)) break;
    if (front->ledger != ledger) {
      next_ledger_ = front->ledger;
      return Brought::kOtherLedger;
    }
    const bool is_new = front->sequence > through;
    through = std::max(through, front->sequence);
    if (is_new && !committed.Has(front->sequence)) {
      if (!batch) batch = store_.Take(clock_.now_ns());
      batch->Load(*front);
      store_.Hold(front->bytes.size());
    }
    log_.Pop();
  }
  if (batch) {
    queue_.sent.PushBack(std::move(batch));
    return Brought::kBatch;
  }
  if (log_.unread_bytes() > 0 || log_.syncing()) return Brought::kWait;
  if (ledger != log_.own_ledger()) {
    next_ledger_ = log_.own_ledger();
    return Brought::kOtherLedger;
  }
  if (!queue_.logging.empty()) {  // the log did not take it
    through = queue_.logging[0]->sequence;
    queue_.sent.PushBack(queue_.logging.PopFront());
    return Brought::kBatch;
  }
  active_ = false;
  return Brought::kNothing;
}

void LaneLog::SetAside(Batch& batch, std::string_view ledger, const std::vector<size_t>& failed) {
  std::string_view rest = batch.command_bytes();
  size_t at = 0;
  // A command is one record's, or a whole request's; of what is mixed on disk it is not known.
  const uint32_t records = batch.commands() == 1 ? batch.records() : 1;
  for (const size_t place : failed) {
    while (at++ < place) SplitCommand(rest);
    log_.SetAside({.ledger = ledger,
                   .sequence = batch.sequence,
                   .records = records,
                   .commands = 1,
                   .bytes = SplitCommand(rest)});
  }
}

void LaneLog::OnSynced(LogSynced result) {
  synced_ = true;
  const auto finish = [&](Batch& batch) {
    if (!std::exchange(batch.logging, false)) return;
    if (result == LogSynced::kUnclear) batch.exposed = true;
    batch.on_disk |= result != LogSynced::kRefused;
    if (result != LogSynced::kDurable) return;
    batch.logged = true;
    store_.SettleAll(batch, {.outcome = Outcome::kStored, .reason = OutcomeReason::kJournal});
  };
  for (size_t i = 0; i < queue_.sent.size(); ++i) finish(*queue_.sent[i]);
  for (size_t i = 0; i < queue_.logging.size(); ++i) finish(*queue_.logging[i]);
  // From here on they come from the disk, behind what is there already.
  while (!queue_.logging.empty() && queue_.logging[0]->logged) {
    store_.Release(queue_.logging.PopFront());
  }
  if (result != LogSynced::kDurable) retry_ns_ = clock_.now_ns() + kRetryAfterNs;
}

}  // namespace sluice
