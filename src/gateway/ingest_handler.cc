#include "sluice/gateway/ingest_handler.h"

#include <algorithm>
#include <utility>

#include "gateway/bad_records.h"
#include "sluice/base/limits.h"
#include "sluice/gateway/session_table.h"

namespace sluice {
namespace {

Problem ProblemOf(const Settlement& settlement) {
  const bool unknown = settlement.outcome == Outcome::kUnknown;
  switch (settlement.reason) {
    case OutcomeReason::kReplicas:
      return Problem::kReplicasUnknown;
    case OutcomeReason::kDrainEnded:
      return unknown ? Problem::kDrainUnknown : Problem::kDrainNotStored;
    case OutcomeReason::kStoreSaid:
      if (!unknown) return Problem::kStoreRefused;
      break;
    case OutcomeReason::kKeyReused:
      return unknown ? Problem::kKeyReusedInPart : Problem::kKeyReused;
    case OutcomeReason::kInPart:
      return Problem::kStoredInPart;
    case OutcomeReason::kDeadline:
    case OutcomeReason::kJournal:
    case OutcomeReason::kNone:
      break;
  }
  return unknown ? Problem::kDeadlineUnknown : Problem::kDeadlineNotStored;
}

// A request that came as a whole before is told so; where only some of its records did, how many.
Answer StoredAnswer(const Ticket& ticket, const Settlement& settlement) {
  Answer answer = Answer::Accepted(200, ticket.records);
  if (settlement.reason == OutcomeReason::kJournal) {
    answer.remark = Answer::Remark::kInJournal;
  } else if (ticket.keyed && settlement.repeated == ticket.records) {
    answer.remark = Answer::Remark::kRepeated;
  } else if (settlement.repeated > 0) {
    answer.remark = Answer::Remark::kRepeatedRecords;
    answer.repeated = settlement.repeated;
  }
  return answer;
}

}  // namespace

IngestHandler::IngestHandler(const IngestOptions& options, const std::vector<Route>& routes,
                             TurnClock& clock, WorkerStats& stats, uint64_t jitter_seed)
    : options_(options),
      routes_(routes),
      router_(routes),
      clock_(clock),
      stats_(stats),
      jitter_(jitter_seed),
      access_(stats) {}

void IngestHandler::set_sink(RecordSink& sink) {
  sink_ = &sink;
  admission_.emplace(options_.inflight_bytes_max, options_.urgent_reserve_bytes, sink);
}

RouteStats& IngestHandler::StatsOf(uint32_t route) {
  return route < routes_.size() ? stats_.routes[route] : stats_.unmatched();
}

std::optional<Answer> IngestHandler::OnHead(const RequestHead& head, Exchange& exchange) {
  const uint32_t route = router_.Find(head.path);
  if (route == Router::kNotFound) return Answer::Refusal(Problem::kNotFound);
  exchange.route = route;
  if (head.method != Method::kPost) {
    Answer answer = Answer::Refusal(Problem::kMethodNotAllowed);
    answer.allow = "POST";
    return answer;
  }
  // Routes are no secret; what is said of a body is said to those who may send it.
  if (access_.on()) {
    if (auto refusal = Authenticate(head, exchange)) return refusal;
  }
  if (head.expects_other) return Answer::Refusal(Problem::kExpectationFailed);
  if (head.format == BodyFormat::kOther) return Answer::Refusal(Problem::kUnsupportedMediaType);
  if (head.coding == ContentCoding::kOther) return Answer::Refusal(Problem::kUnsupportedCoding);
  if (!head.content_length && !head.chunked) return Answer::Refusal(Problem::kLengthRequired);
  if (head.bad_idempotency_key) return Answer::Refusal(Problem::kBadIdempotencyKey);
  const uint64_t length = head.content_length.value_or(0);
  if (length > options_.body_bytes_max) return Answer::Refusal(Problem::kContentTooLarge);
  // A gzip body counts as what it inflates to.
  const uint64_t announced = exchange.gzip ? 0 : length;
  if (access_.on()) {
    auto refusal = access_.TakeBytes(*access_.Find(exchange.token), clock_.now_ns(), announced);
    if (refusal) return refusal;
  }
  if (!ChargeBody(exchange, announced)) return Shed();
  exchange.format = head.format;
  if (!head.idempotency_key.empty()) {
    // The head's bytes are gone before the records are there; this stays. An alias is its route.
    digester_.Add("request").Add(routes_[route].path).Add(head.idempotency_key);
    exchange.key = digester_.Finish();
  }
  return std::nullopt;
}

std::optional<Answer> IngestHandler::Authenticate(const RequestHead& head, Exchange& exchange) {
  const Token* const token = access_.Identify(head, *exchange.peer);
  if (token != nullptr) {
    exchange.token = token->handle;
    return access_.CheckRoute(*token, exchange.route);
  }
  if (auto instead = OnFailedAuthentication(exchange)) return instead;
  const bool presents = !head.bearer.empty() || head.bad_bearer;
  return Answer::Refusal(presents ? Problem::kUnknownToken : Problem::kNoToken);
}

// Nothing is held against the client's address.
std::optional<Answer> IngestHandler::OnFailedAuthentication(Exchange& /*exchange*/) {
  return std::nullopt;
}

std::optional<Answer> IngestHandler::OnBodyGrown(Exchange& exchange, size_t total) {
  if (total > options_.body_bytes_max) {
    Discharge(exchange);
    return Answer::Refusal(Problem::kContentTooLarge);
  }
  if (access_.on()) {
    if (auto refusal = TakeMoreBytes(exchange, total)) {
      Discharge(exchange);
      return refusal;
    }
  }
  if (!ChargeBody(exchange, total)) {
    Discharge(exchange);
    return Shed();
  }
  return std::nullopt;
}

std::optional<Answer> IngestHandler::TakeMoreBytes(const Exchange& exchange, size_t total) {
  const Token* const token = access_.Find(exchange.token);
  if (token == nullptr) return Answer::Refusal(Problem::kUnknownToken);
  const size_t held = exchange.charged_bytes + exchange.uncharged_bytes;
  const size_t taken = held - (exchange.gzip ? kGzipReaderBytes : 0);
  return access_.TakeMoreBytes(*token, clock_.now_ns(), total - taken);
}

bool IngestHandler::ChargeBody(Exchange& exchange, size_t total) {
  const size_t held_bytes = total + (exchange.gzip ? kGzipReaderBytes : 0);
  const size_t bytes = held_bytes - exchange.charged_bytes;
  if (admission_->Charge(bytes)) {
    exchange.charged_bytes = held_bytes;
    exchange.uncharged_bytes = 0;
    return true;
  }
  // Whether an alert is in it only its records tell. In one read it takes no memory of its own.
  exchange.uncharged_bytes = bytes;
  return !routes_[exchange.route].alerts.empty() && total <= options_.urgent_body_bytes_max &&
         admission_->Fits(bytes, Urgency::kUrgent);
}

std::optional<Answer> IngestHandler::OnBodyWaits(Exchange& exchange) {
  const size_t bytes = std::exchange(exchange.uncharged_bytes, 0);
  if (bytes == 0) return std::nullopt;
  if (!admission_->Charge(bytes, Urgency::kNotKnown)) {
    Discharge(exchange);
    return Shed();
  }
  exchange.charged_bytes += bytes;
  return std::nullopt;
}

std::optional<Answer> IngestHandler::OnRequest(Exchange& exchange, std::string_view body) {
  Discharge(exchange);
  const Token* const token = access_.on() ? access_.Find(exchange.token) : nullptr;
  if (access_.on() && token == nullptr) return Answer::Refusal(Problem::kUnknownToken);  // revoked
  const Route& route = routes_[exchange.route];
  const BodyShape shape =
      exchange.format == BodyFormat::kNdjson ? BodyShape::kLines : BodyShape::kJson;
  sink_->Begin(route.stream, exchange.key ? &*exchange.key : nullptr);
  const uint32_t records = decoder_.Decode(route.schema, route.alerts, shape, body, *sink_,
                                           token != nullptr ? &token->keys : nullptr);
  if (records == 0) {
    sink_->Rollback();
    if (decoder_.errors().only(RecordFault::kForbiddenKey)) access_.Count(AuthFailure::kKey);
    return BadRecords(decoder_.errors());
  }
  const Urgency urgency = decoder_.alert_count() > 0 ? Urgency::kUrgent : Urgency::kBulk;
  const size_t bytes = sink_->Finish();
  if (!admission_->EverFitsRequest(bytes, urgency)) {
    sink_->Rollback();  // waiting would not help
    return Answer::Refusal(Problem::kRecordsTooLarge);
  }
  if (!admission_->FitsRequest(bytes, urgency)) {
    sink_->Rollback();
    return Shed();
  }
  if (token != nullptr) {
    auto refusal = access_.TakeRecords(*token, clock_.now_ns(), records, body.size());
    if (refusal) {
      sink_->Rollback();
      return refusal;
    }
  }
  Ticket ticket;
  ticket.answer = exchange.answer;
  ticket.route = exchange.route;
  ticket.records = records;
  ticket.keyed = exchange.key.has_value();
  if (!route.answers_at_once) {
    ticket.session = exchange.session;
    ticket.deadline_ns = clock_.now_ns() + options_.deadline_ms * kNsPerMs;
  }
  admission_->OnCommit(bytes);
  sink_->Commit(ticket);
  stats_.routes[exchange.route].records_accepted.Add(records);
  if (urgency == Urgency::kUrgent) CountAlerts(exchange.route);
  if (route.answers_at_once) return Answer::Accepted(202, records);
  return std::nullopt;
}

void IngestHandler::CountAlerts(uint32_t route) {
  raised_alerts_ = true;
  for (size_t rule = 0; rule < routes_[route].alerts.size(); ++rule) {
    stats_.routes[route].alerts[rule].Add(decoder_.alerts(rule));
  }
}

void IngestHandler::OnReadEnd() {
  if (std::exchange(raised_alerts_, false)) sink_->SendAlerts();
}

void IngestHandler::OnAbandoned(Exchange& exchange) { Discharge(exchange); }

bool IngestHandler::HoldUnread(size_t bytes) {
  if (admission_->Charge(bytes)) return true;
  stats_.shed[static_cast<size_t>(ShedReason::kMemory)].Add();
  return false;
}

void IngestHandler::Discharge(Exchange& exchange) {
  admission_->Release(std::exchange(exchange.charged_bytes, 0));
}

void IngestHandler::OnAnswered(uint32_t route, uint16_t code, uint64_t start_ns) {
  RouteStats& stats = StatsOf(route);
  stats.requests[code].Add();
  stats.request_ns.Observe(clock_.now_ns() - start_ns);
}

void IngestHandler::OnSettled(const Ticket& ticket, const Settlement& settlement) {
  admission_->OnSettled(settlement.outcome);
  RouteStats& stats = StatsOf(ticket.route);
  switch (settlement.outcome) {
    case Outcome::kStored:
      stats.records_stored.Add(ticket.records);
      stats.records_repeated.Add(settlement.repeated);
      return sessions_->Finish(ticket.session, ticket.answer, StoredAnswer(ticket, settlement));
    case Outcome::kRefused:
      stats.records_refused.Add(ticket.records);
      break;
    case Outcome::kUnknown:
      stats.records_unknown.Add(ticket.records);
      break;
  }
  const Problem problem = ProblemOf(settlement);
  sessions_->Finish(ticket.session, ticket.answer,
                    InfoOf(problem).retry_after ? Unavailable(problem) : Answer::Refusal(problem));
}

Answer IngestHandler::Shed() {
  stats_.shed[static_cast<size_t>(ShedReason::kMemory)].Add();
  return Unavailable(Problem::kShedMemory);
}

Answer IngestHandler::Unavailable(Problem problem) {
  Answer answer = Answer::Refusal(problem);
  // Spread upwards, so that those refused together do not come back together, nor too early.
  constexpr uint64_t kMost = kRetryAfterSecondsMax * 2 / 3;  // and half of it is the most
  const uint64_t seconds = admission_->SecondsToSettle(kMost).value_or(kRetryAfterBlindSeconds);
  const uint64_t spread = std::max(kRetryAfterSpreadSeconds, seconds / 2 + 1);
  answer.retry_after_seconds = static_cast<uint16_t>(seconds + jitter_.Below(spread));
  return answer;
}

}  // namespace sluice
