#include "server/worker.h"

#include <utility>

#include "server/tls_port.h"
#include "sluice/net/signals.h"
#include "sluice/net/tls_stream.h"

namespace sluice {
namespace {

constexpr uint64_t kNsPerUs = 1'000;

IngestOptions MakeIngestOptions(const WorkerPlan& plan) {
  const Config& config = plan.config;
  return {.body_bytes_max = config.http.body_bytes_max,
          .inflight_bytes_max = config.delivery.inflight_bytes_max,
          .deadline_ms = config.delivery.deadline_ms,
          .urgent_reserve_bytes = plan.has_urgent_lane ? config.urgent.reserve_bytes : 0,
          .urgent_body_bytes_max = config.urgent.body_bytes_max};
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
          .body_ms = http.body_ms,
          .body_bytes_per_second_min = http.body_bytes_per_second_min,
          .age_ms = http.age_ms};
}

// What a lane's ledger is called; the urgent one's has a suffix.
std::string LedgerKey(const WorkerPlan& plan, uint32_t number, LaneKind kind) {
  const bool urgent = kind == LaneKind::kUrgent;
  return plan.ledger_prefix + std::to_string(number) + (urgent ? ":urgent" : "");
}

LaneOptions MakeLaneOptions(const WorkerPlan& plan, uint32_t number, LaneKind kind) {
  const DeliveryConfig& delivery = plan.config.delivery;
  const bool urgent = kind == LaneKind::kUrgent;
  return {.name = LaneName(kind),
          .window = urgent ? kUrgentWindow : delivery.window,
          .batch_records_max = delivery.batch_records_max,
          .batch_bytes_max = delivery.batch_bytes_max,
          .linger_ns = urgent ? 0 : delivery.linger_us * kNsPerUs,
          .reply_ms = plan.config.redis.reply_ms,
          .ledger_key = LedgerKey(plan, number, kind),
          .ledger_ttl_seconds =
              plan.config.journal.dir.empty() ? kLedgerTtlSeconds : kJournalLedgerTtlSeconds,
          .replicas = plan.config.durability.replicas,
          .replica_wait_ms = plan.config.durability.wait_ms,
          .log_after_ns = plan.redis_url ? plan.config.journal.after_ms * kNsPerMs : 0,
          .log_at_once = urgent};
}

bool SpeaksTls(const WorkerPlan& plan) {
  return !plan.config.tls.certificate.empty() || (plan.redis_url && plan.redis_url->tls);
}

StoreLanes::Options MakeStoreLanesOptions(const WorkerPlan& plan, uint32_t number, LaneKind kind,
                                          TlsRoom* tls_room) {
  const bool over_tls = plan.redis_url && plan.redis_url->tls;
  const LaneLayout& layout = kind == LaneKind::kUrgent ? plan.urgent_layout : plan.bulk_layout;
  return {.lane = MakeLaneOptions(plan, number, kind),
          .layout = layout.lanes,
          .redis_url = plan.redis_url,
          .redis_tls = over_tls ? MakeRedisContext(plan.config.redis, *plan.redis_url) : nullptr,
          .tls_room = tls_room,
          .connect_ms = plan.config.redis.connect_ms,
          // The same for both: they try again together, so that after an outage alerts go first.
          .jitter_seed = plan.seed + 3 * number + 1,
          .journal = {.worker = number,
                      .lane = kind,
                      .ledger = LedgerKey(plan, number, kind),
                      .segment_bytes = plan.config.journal.segment_bytes}};
}

}  // namespace

Worker::Worker(const WorkerPlan& plan, uint32_t number, const std::vector<PortSocket>& sockets,
               const Clock& clock, const WorkerShared& shared,
               std::function<void()> on_listeners_closed, std::function<void()> on_ended)
    : stats_(plan.routes.size(), plan.has_urgent_lane),
      loop_(clock),
      tls_room_(SpeaksTls(plan)
                    ? std::make_unique<TlsRoom>(loop_, stats_.tls, plan.config.http.header_ms)
                    : nullptr),
      handler_(MakeIngestOptions(plan), plan.routes, loop_.clock(), stats_, plan.seed + 3 * number),
      sessions_(MakeSessionLimits(plan), loop_.clock(), handler_, plan.seed + 3 * number + 2),
      joints_(handler_, loop_.clock(), stats_.alerts),
      bulk_(MakeStoreLanesOptions(plan, number, LaneKind::kBulk, tls_room_.get()), loop_,
            stats_.bulk(), joints_.bulk(), shared.journal_directory),
      linger_(loop_),
      on_listeners_closed_(std::move(on_listeners_closed)),
      on_ended_(std::move(on_ended)) {
  if (shared.addresses != nullptr) {
    sessions_.set_addresses(*shared.addresses);
    const AddressLimits& limits = shared.addresses->limits();
    if (limits.limits_rates()) handler_.set_addresses(limits);
  }
  for (const PortSocket& socket : sockets) {
    listeners_.push_back(std::make_unique<Listener>(loop_, socket.fd, *this, socket.waiting));
  }
  const StreamSinkOptions sink_options{
      .dedupe_window_s = plan.config.delivery.dedupe_window_s,
      .request_bytes_max = plan.config.delivery.inflight_bytes_max};
  const RecordWay records{.layout = plan.bulk_layout, .lanes = bulk_.lanes(), .joints = &joints_};
  if (plan.has_urgent_lane) {
    urgent_ = std::make_unique<StoreLanes>(
        MakeStoreLanesOptions(plan, number, LaneKind::kUrgent, tls_room_.get()), loop_,
        stats_.urgent(), joints_.urgent(), shared.journal_directory);
    const AlertWay alerts{
        .stream = plan.alert_stream, .lane = urgent_->lane(0), .clock = loop_.clock()};
    sink_ = std::make_unique<StreamSink>(sink_options, plan.streams, records, &alerts);
  } else {
    sink_ = std::make_unique<StreamSink>(sink_options, plan.streams, records);
  }
  handler_.set_sink(*sink_);
  handler_.set_sessions(sessions_);
  handler_.set_tokens(plan.tokens);
}

Worker::~Worker() = default;

void Worker::UseTls(std::shared_ptr<const TlsContext> context) {
  if (!thread_.joinable()) {
    tls_ = std::move(context);
  } else {
    loop_.Post([this, context = std::move(context)] { tls_ = context; });
  }
}

void Worker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Worker::Join() { thread_.join(); }

void Worker::Run() {
  Signals::LeaveToMainThread();
  if (urgent_) urgent_->Start();
  bulk_.Start();
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
    if (urgent_) abandoned_alerts_ += urgent_->Abandon();
    abandoned_records_ += bulk_.Abandon();
    sessions_.CloseAll();
  });
}

void Worker::SetTokens(std::shared_ptr<const TokenSet> tokens) {
  loop_.Post(
      [this, tokens = std::move(tokens)]() mutable { handler_.set_tokens(std::move(tokens)); });
}

void Worker::OnAccept(std::unique_ptr<UvStream> stream) {
  if (tls_) return OnAcceptTls(std::move(stream));
  UvStream& accepted = *stream;
  std::optional<ShedReason> shed;
  Session& session = sessions_.Adopt(std::move(stream), shed);
  accepted.set_handler(session);
  if (shed) {
    stats_.shed[static_cast<size_t>(*shed)].Add();
  } else {
    accepted.StartRead();
  }
}

void Worker::OnAcceptTls(std::unique_ptr<UvStream> stream) {
  auto secured = std::make_unique<TlsStream>(*tls_room_, tls_);
  TlsStream& accepted = *secured;
  stream->set_handler(accepted);
  accepted.set_below(std::move(stream));
  std::optional<ShedReason> shed;
  Session& session = sessions_.Adopt(std::move(secured), shed);
  accepted.set_handler(session);
  if (shed) {
    stats_.shed[static_cast<size_t>(*shed)].Add();
    session.Close();  // a word of refusal would cost a handshake
  } else {
    accepted.StartRead();
  }
}

void Worker::OnTurnEnd() {
  // What is urgent first, then other records: Redis works on them while the answers are written.
  if (urgent_) urgent_->Flush();
  bulk_.Flush();
  sessions_.Flush();
  // Answering may have let waiting requests in.
  const uint64_t lingers_ns = bulk_.Flush();
  if (lingers_ns > 0) linger_.Set(lingers_ns);
  stats_.inflight_bytes.Set(handler_.inflight_bytes());
  stats_.connections.Set(sessions_.size());
  if (draining_) EndIfDrained();
}

void Worker::OnSweep() {
  if (closing_listeners_) CloseListeners();
  if (urgent_) urgent_->Sweep();
  bulk_.Sweep();
  handler_.Sweep();
  sessions_.Sweep();
  if (tls_room_) tls_room_->Sweep();
}

void Worker::EndIfDrained() {
  if (sessions_.size() > 0 || !bulk_.empty()) return;
  if (urgent_ && !urgent_->empty()) return;
  linger_.Close();
  bulk_.Close();
  if (urgent_) urgent_->Close();
  if (bulk_.closed() && (!urgent_ || urgent_->closed())) loop_.Stop();
}

}  // namespace sluice
