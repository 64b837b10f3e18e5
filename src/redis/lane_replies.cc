#include "redis/lane_replies.h"

#include <utility>

#include "sluice/base/check.h"

namespace sluice {

LaneReplies::LaneReplies(const Options& options, TurnClock& clock, LaneStats& stats,
                         BatchStore& store, LaneQueue& queue)
    : clock_(clock),
      stats_(stats),
      store_(store),
      queue_(queue),
      replies_(options.replicas),
      complaints_(options.name) {}

LaneReplies::Answer LaneReplies::Take(const Reply& reply, std::string_view ledger) {
  using Verdict = TransactionReplies::Verdict;
  const Verdict verdict = replies_.Take(queue_.awaited(), reply);
  const std::string_view complaint = replies_.complaint();
  // Inside EXEC an error is one command's own.
  const bool executed = verdict == Verdict::kExecuted;
  if (!complaint.empty() && (executed || !TakeRefusal(complaint))) {
    complaints_.Add(complaint, clock_.now_ns());
  }
  if (verdict == Verdict::kMore) return {};
  Answer answer = verdict == Verdict::kExecuted  ? OnExecuted(ledger)
                  : verdict == Verdict::kAborted ? OnAborted()
                                                 : OnStrange();
  answer.last = true;
  refusal_.reset();
  return answer;
}

bool LaneReplies::TakeRefusal(std::string_view error) {
  if (!follows_) return false;
  if (!refusal_) refusal_ = Redirect::Parse(error);
  return refusal_.has_value();
}

void LaneReplies::OnDown() {
  for (size_t i = 0; i < queue_.in_flight; ++i) queue_.sent[queue_.returned + i]->doubted = true;
  queue_.in_flight = 0;
  replies_.Reset();
  refusal_.reset();
  if (queue_.sent.size() > queue_.returned) queue_.awaited().ForgetFailures();  // of half a reply
}

Redirect LaneReplies::TakeBack() {
  SLUICE_CHECK(queue_.in_flight == 0);
  store_.TakeBack(queue_.sent, std::exchange(queue_.returned, 0));
  if (!redirected_) redirected_ = std::exchange(refusal_, std::nullopt);
  return *std::exchange(redirected_, std::nullopt);
}

std::unique_ptr<Batch> LaneReplies::TakeAwaited() {
  SLUICE_CHECK(queue_.in_flight > 0);
  --queue_.in_flight;
  return queue_.sent.Remove(queue_.returned);
}

LaneReplies::Answer LaneReplies::OnExecuted(std::string_view ledger) {
  Batch& batch = queue_.awaited();
  stats_.commit_ns.Observe(clock_.now_ns() - batch.sent_ns);
  if (batch.logged && !replies_.confirmed()) {
    return {.drop = "fewer replicas than durability.replicas confirmed", .hold = true};
  }
  store_.SettleExecuted(batch, replies_.confirmed());
  if (batch.logged) log_->SetAside(batch, ledger, replies_.failed_commands());
  const bool is_logged = batch.on_disk;
  store_.Release(TakeAwaited());
  return {.is_logged = is_logged};
}

LaneReplies::Answer LaneReplies::OnAborted() {
  const Batch& batch = queue_.awaited();
  // One that is on disk, or is being written there, may be sent by a later process all the same.
  if (batch.on_disk || batch.logging) {
    return {.drop = "Redis refused a batch from the journal; it is kept", .hold = true};
  }
  if (refusal_) {
    if (!redirected_) redirected_ = std::move(refusal_);
    ++queue_.returned;
    --queue_.in_flight;
    return {};
  }
  std::unique_ptr<Batch> again = store_.SettleAborted(TakeAwaited());
  if (again) queue_.waiting.Insert(0, std::move(again));
  return {};
}

// What was applied cannot be told, so sending it again might double it.
LaneReplies::Answer LaneReplies::OnStrange() {
  constexpr std::string_view kReason = "Redis answered a transaction in an unknown way";
  if (queue_.awaited().logged) return {.drop = kReason, .hold = true};  // the ledger decides
  std::unique_ptr<Batch> batch = TakeAwaited();
  store_.SettleAll(*batch, {.outcome = Outcome::kUnknown});
  store_.Release(std::move(batch));
  return {.drop = kReason};
}

}  // namespace sluice
