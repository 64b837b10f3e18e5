// IngestHandler: what the data port does with a request. Finds its route and whose it is, admits
// its body, decodes its records into the sink, and answers when the sink has settled them. One per
// worker.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/base/worker_stats.h"
#include "sluice/gateway/access.h"
#include "sluice/gateway/admission.h"
#include "sluice/gateway/request_handler.h"
#include "sluice/gateway/route.h"
#include "sluice/gateway/router.h"
#include "sluice/hash/digest.h"
#include "sluice/record/record_decoder.h"
#include "sluice/record/record_sink.h"

namespace sluice {

class SessionTable;

struct IngestOptions {
  size_t body_bytes_max;
  size_t inflight_bytes_max;
  uint64_t deadline_ms;
  // Of inflight_bytes_max, for requests that raise an alert; and up to how many bytes a body is
  // read, once the rest is full, to see whether it does.
  size_t urgent_reserve_bytes = 0;
  size_t urgent_body_bytes_max = 0;
};

class IngestHandler final : public RequestHandler, public TicketListener {
 public:
  // `routes` and the others outlive the handler. `set_sink` and `set_sessions` come before traffic.
  IngestHandler(const IngestOptions& options, const std::vector<Route>& routes, TurnClock& clock,
                WorkerStats& stats, uint64_t jitter_seed);

  void set_sink(RecordSink& sink);
  void set_sessions(SessionTable& sessions) { sessions_ = &sessions; }
  // Null: requests are anybody's. At any time; requests under way go by the new tokens.
  void set_tokens(std::shared_ptr<const TokenSet> tokens) { access_.set_tokens(std::move(tokens)); }

  std::optional<Answer> OnHead(const RequestHead& head, Exchange& exchange) override;
  std::optional<Answer> OnBodyGrown(Exchange& exchange, size_t total) override;
  std::optional<Answer> OnBodyWaits(Exchange& exchange) override;
  std::optional<Answer> OnRequest(Exchange& exchange, std::string_view body) override;
  void OnAbandoned(Exchange& exchange) override;
  void OnReadEnd() override;
  bool HoldUnread(size_t bytes) override;
  void ReleaseUnread(size_t bytes) override { admission_->Release(bytes); }
  void OnAnswered(uint32_t route, uint16_t code, uint64_t start_ns) override;

  void OnSettled(const Ticket& ticket, const Settlement& settlement) override;

  // Measures how fast the sink settles. Every kSweepPeriodMs.
  void Sweep() { admission_->Sweep(clock_.now_ns()); }

  size_t inflight_bytes() const { return admission_->inflight_bytes(); }

 private:
  std::optional<Answer> Authenticate(const RequestHead& head, Exchange& exchange);
  std::optional<Answer> OnFailedAuthentication(Exchange& exchange);
  std::optional<Answer> TakeMoreBytes(const Exchange& exchange, size_t total);
  Answer Shed();
  Answer Unavailable(Problem problem);
  bool ChargeBody(Exchange& exchange, size_t total);
  void CountAlerts(uint32_t route);
  void Discharge(Exchange& exchange);
  RouteStats& StatsOf(uint32_t route);

  const IngestOptions options_;
  const std::vector<Route>& routes_;
  const Router router_;
  TurnClock& clock_;
  WorkerStats& stats_;
  Random jitter_;
  RecordDecoder decoder_;
  Digester digester_;
  RecordSink* sink_ = nullptr;
  SessionTable* sessions_ = nullptr;
  std::optional<Admission> admission_;
  Access access_;
  bool raised_alerts_ = false;  // since the last OnReadEnd
};

}  // namespace sluice
