#include "server/worker.h"

#include <utility>

#include "sluice/net/signals.h"

namespace sluice {
namespace {

constexpr uint64_t kNsPerUs = 1'000;

IngestOptions MakeIngestOptions(const Config& config) {
  return {.body_bytes_max = config.http.body_bytes_max,
          .inflight_bytes_max = config.delivery.inflight_bytes_max,
          .deadline_ms = config.delivery.deadline_ms};
}

SessionLimits MakeSessionLimits(const WorkerPlan& plan) {
  const HttpConfig& http = plan.config.http;
  return {.parser = {.head_bytes_max = http.header_bytes_max,
                     .header_count_max = http.header_count_max},
          .body_bytes_max = http.body_bytes_max,
          // SO_REUSEPORT spreads connections evenly enough; a worker's share is rounded up.
          .connections_max = (http.connections_max + plan.worker_count - 1) / plan.worker_count,
          .pipeline_max = http.pipeline_max,
          .idle_ms = http.idle_ms,
          .header_ms = http.header_ms,
          .body_ms = http.body_ms};
}

LaneOptions MakeLaneOptions(const WorkerPlan& plan, uint32_t number) {
  const DeliveryConfig& delivery = plan.config.delivery;
  return {.window = delivery.window,
          .batch_records_max = delivery.batch_records_max,
          .batch_bytes_max = delivery.batch_bytes_max,
          .linger_ns = delivery.linger_us * kNsPerUs,
          .reply_ms = plan.config.redis.reply_ms,
          .ledger_key = plan.ledger_prefix + std::to_string(number),
          .ledger_ttl_seconds =
              plan.config.journal.dir.empty() ? kLedgerTtlSeconds : kJournalLedgerTtlSeconds,
          .replicas = plan.config.durability.replicas,
          .replica_wait_ms = plan.config.durability.wait_ms,
          .log_after_ns = plan.redis_url ? plan.config.journal.after_ms * kNsPerMs : 0};
}

Journal::Options MakeJournalOptions(const WorkerPlan& plan, uint32_t number) {
  return {.worker = number,
          .ledger = plan.ledger_prefix + std::to_string(number),
          .segment_bytes = plan.config.journal.segment_bytes};
}

}  // namespace

Worker::Worker(const WorkerPlan& plan, uint32_t number, const std::vector<Ports::Socket>& sockets,
               const Clock& clock, JournalDirectory* journal_directory,
               std::function<void()> on_listeners_closed, std::function<void()> on_ended)
    : has_redis_(plan.redis_url.has_value()),
      stats_(plan.routes.size()),
      loop_(clock),
      handler_(MakeIngestOptions(plan.config), plan.routes, loop_.clock(), stats_,
               plan.seed + 2 * number),
      sessions_(MakeSessionLimits(plan), loop_.clock(), handler_),
      dialer_(loop_, plan.redis_url.value_or(RedisUrl()).address),
      link_(
          {.url = plan.redis_url.value_or(RedisUrl()), .connect_ms = plan.config.redis.connect_ms},
          dialer_, loop_.clock(), plan.seed + 2 * number + 1),
      lane_(MakeLaneOptions(plan, number), link_, loop_.clock(), stats_, handler_),
      sink_({.dedupe_window_s = plan.config.delivery.dedupe_window_s}, plan.streams, lane_),
      linger_(loop_),
      on_listeners_closed_(std::move(on_listeners_closed)),
      on_ended_(std::move(on_ended)) {
  for (const Ports::Socket& socket : sockets) {
    listeners_.push_back(std::make_unique<Listener>(loop_, socket.fd, *this, socket.waiting));
  }
  if (journal_directory != nullptr) {
    journal_ = std::make_unique<Journal>(MakeJournalOptions(plan, number), *journal_directory,
                                         loop_, stats_.journal);
    lane_.set_log(*journal_);
  }
  handler_.set_sink(sink_);
  handler_.set_sessions(sessions_);
}

Worker::~Worker() = default;

void Worker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Worker::Join() { thread_.join(); }

void Worker::Run() {
  Signals::LeaveToMainThread();
  if (has_redis_) link_.Start();
  loop_.Run(*this);
  on_ended_();
}

void Worker::StopListening() {
  loop_.Post([this] {
    closing_listeners_ = true;
    CloseListeners();
  });
}

void Worker::CloseListeners() {
  bool all_closed = true;
  for (const auto& listener : listeners_) all_closed &= listener->Close();
  if (!all_closed) return;  // out of descriptors for what waits: the sweep tries again
  closing_listeners_ = false;
  on_listeners_closed_();
}

void Worker::Drain() {
  loop_.Post([this] {
    draining_ = true;
    sessions_.Drain();
  });
}

void Worker::Abandon() {
  loop_.Post([this] {
    draining_ = true;
    closing_listeners_ = false;
    for (const auto& listener : listeners_) listener->CloseNow();
    abandoned_records_ += lane_.Abandon();
    sessions_.Flush();
    sessions_.CloseAll();
    link_.Close();
  });
}

void Worker::OnAccept(std::unique_ptr<UvStream> stream) {
  UvStream& accepted = *stream;
  bool shed = false;
  Session& session = sessions_.Adopt(std::move(stream), shed);
  accepted.set_handler(session);
  if (shed) {
    stats_.shed[static_cast<size_t>(ShedReason::kConnections)].Add();
  } else {
    accepted.StartRead();
  }
}

void Worker::OnTurnEnd() {
  // Records first: Redis works on them while the answers are written.
  lane_.Flush();
  sessions_.Flush();
  // Answering may have let waiting requests in.
  const uint64_t lingers_ns = lane_.Flush();
  if (lingers_ns > 0) linger_.Set(lingers_ns);
  stats_.inflight_bytes.Set(handler_.inflight_bytes());
  stats_.connections.Set(sessions_.size());
  if (draining_) EndIfDrained();
}

void Worker::OnSweep() {
  if (closing_listeners_) CloseListeners();
  link_.Sweep();
  lane_.Sweep();
  handler_.Sweep();
  sessions_.Sweep();
}

void Worker::EndIfDrained() {
  if (sessions_.size() > 0 || !lane_.empty()) return;
  link_.Close();
  linger_.Close();
  if (journal_) journal_->Close();
  if (link_.closed() && (!journal_ || journal_->closed())) loop_.Stop();
}

}  // namespace sluice
