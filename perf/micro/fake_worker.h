// FakeWorker: all that a worker has between a device's bytes and its answer, without sockets, clock
// and Redis: the real sessions, handler, sink, lanes and links, as src/server/worker.cc puts them
// together, over FakeWires, a clock that stands and a CannedRedis. It does the same, instruction by
// instruction, in every run.
//
// Turn is one turn of a worker's loop, and all that counts: count_instructions.py has callgrind
// count in it alone, so that the rest here may look as closely at the answers as it likes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "micro/canned_redis.h"
#include "server/worker.h"
#include "sluice/base/check.h"
#include "sluice/base/lane_kind.h"
#include "sluice/base/worker_stats.h"
#include "sluice/gateway/ingest_handler.h"
#include "sluice/gateway/session_table.h"
#include "sluice/redis/joint_tickets.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/link.h"
#include "sluice/redis/shared_link.h"
#include "sluice/redis/stream_sink.h"
#include "support/fake_clock.h"
#include "support/fake_stream.h"

namespace sluice::micro {

// A lane and its link, whose Redis answers when it is asked to.
class FakeStoreLane {
 public:
  FakeStoreLane(const WorkerPlan& plan, LaneKind kind, TurnClock& clock, LaneStats& stats,
                TicketListener& listener)
      : link_({.url = {}, .connect_ms = plan.config.redis.connect_ms}, dialer_, clock, plan.seed),
        shared_(link_, {.lane = LaneName(kind)}, clock, stats.redis_reconnects),
        lane_(OptionsOf(plan, kind), clock, stats, listener) {
    lane_.Attach(shared_);
    link_.Start();
    wire().Connect();
    while (!wire().sent.empty()) wire().Say(TakeReplies());
    SLUICE_CHECK(link_.ready());
  }
  ~FakeStoreLane() {
    SLUICE_CHECK(lane_.empty());
    link_.Close();
    wire().FinishClose();
  }
  FakeStoreLane(const FakeStoreLane&) = delete;
  FakeStoreLane& operator=(const FakeStoreLane&) = delete;

  Lane& lane() { return lane_; }
  FakeWire& wire() { return *dialer_.wires.back(); }
  // To the oldest transaction that was sent; empty: nothing was.
  std::string TakeReplies() {
    std::string_view rest = wire().sent;
    std::string replies = redis_.TakeReplies(rest);
    wire().sent.erase(0, wire().sent.size() - rest.size());
    return replies;
  }
  size_t entries() const { return redis_.entries(); }

 private:
  static LaneOptions OptionsOf(const WorkerPlan& plan, LaneKind kind) {
    const DeliveryConfig& delivery = plan.config.delivery;
    const bool urgent = kind == LaneKind::kUrgent;
    return {.name = LaneName(kind),
            .window = urgent ? kUrgentWindow : delivery.window,
            .batch_records_max = delivery.batch_records_max,
            .batch_bytes_max = delivery.batch_bytes_max,
            .linger_ns = 0,
            .reply_ms = plan.config.redis.reply_ms,
            .ledger_key = plan.ledger_prefix + (urgent ? "0:urgent" : "0"),
            .ledger_ttl_seconds = kLedgerTtlSeconds};
  }

  CannedRedis redis_;
  FakeDialer dialer_;
  Link link_;
  SharedLink shared_;
  Lane lane_;
};

class FakeWorker {
 public:
  // `plan` outlives it.
  FakeWorker(const WorkerPlan& plan, size_t session_count)
      : stats_(plan.routes.size(), true),
        handler_({.body_bytes_max = plan.config.http.body_bytes_max,
                  .inflight_bytes_max = plan.config.delivery.inflight_bytes_max,
                  .deadline_ms = plan.config.delivery.deadline_ms,
                  .urgent_reserve_bytes = plan.config.urgent.reserve_bytes,
                  .urgent_body_bytes_max = plan.config.urgent.body_bytes_max},
                 plan.routes, turn_clock_, stats_, plan.seed),
        sessions_(LimitsOf(plan.config.http), turn_clock_, handler_),
        joints_(handler_, turn_clock_, stats_.alerts),
        bulk_(plan, LaneKind::kBulk, turn_clock_, stats_.bulk(), joints_.bulk()),
        urgent_(plan, LaneKind::kUrgent, turn_clock_, stats_.urgent(), joints_.urgent()),
        sink_({.dedupe_window_s = plan.config.delivery.dedupe_window_s,
               .request_bytes_max = plan.config.delivery.inflight_bytes_max},
              plan.streams,
              {.layout = plan.bulk_layout, .lanes = {&bulk_.lane()}, .joints = &joints_},
              WayOf(plan)) {
    handler_.set_sink(sink_);
    handler_.set_sessions(sessions_);
    handler_.set_tokens(plan.tokens);
    for (size_t i = 0; i < session_count; ++i) {
      wires_.push_back(std::make_shared<FakeWire>());
      std::optional<ShedReason> shed;
      wires_[i]->handler = &sessions_.Adopt(std::make_unique<FakeStream>(wires_[i]), shed);
      SLUICE_CHECK(!shed);
    }
  }
  ~FakeWorker() {
    for (const auto& wire : wires_) wire->FinishClose();
  }
  FakeWorker(const FakeWorker&) = delete;
  FakeWorker& operator=(const FakeWorker&) = delete;

  // One read of one connection. kJsonPaddingBytes behind the bytes may be read.
  struct Read {
    StreamHandler* handler;
    std::string_view bytes;
  };

  // Each session reads one of `requests` and no session more; then Redis answers, batch by batch,
  // until all of them have theirs, which must be a 200 for `records`.
  void Serve(std::span<const std::string_view> requests, size_t records) {
    SLUICE_CHECK(requests.size() == wires_.size());
    reads_.clear();
    for (size_t i = 0; i < requests.size(); ++i) {
      reads_.push_back({wires_[i]->handler, requests[i]});
    }
    Turn(reads_);
    SLUICE_CHECK(wires_[0]->sent.empty());  // nothing is answered before Redis has confirmed it
    while (!bulk_.wire().sent.empty()) {
      std::string replies = bulk_.TakeReplies();
      const std::string_view said = replies;
      replies.append(kJsonPaddingBytes, '\0');
      const Read read{bulk_.wire().handler, std::string_view(replies).substr(0, said.size())};
      Turn({&read, 1});
    }
    CheckAnswers(records);
  }

  size_t entries() const { return bulk_.entries(); }

 private:
  // As the loop and Worker::OnTurnEnd do it.
  [[gnu::noinline]] void Turn(std::span<const Read> reads) {
    for (const Read& read : reads) read.handler->OnRead(read.bytes);
    urgent_.lane().Flush();
    bulk_.lane().Flush();
    sessions_.Flush();
    bulk_.lane().Flush();
    stats_.inflight_bytes.Set(handler_.inflight_bytes());
    stats_.connections.Set(sessions_.size());
    turn_clock_.Forget();
  }

  void CheckAnswers(size_t records) {
    const std::string body = R"({"success":true,"accepted":)" + std::to_string(records) + "}";
    for (const auto& wire : wires_) {
      SLUICE_CHECK(wire->sent.starts_with("HTTP/1.1 200 OK\r\n"));
      SLUICE_CHECK(wire->sent.find("\r\n\r\n") == wire->sent.size() - body.size() - 4);
      SLUICE_CHECK(wire->sent.ends_with(body) && !wire->closing);
      wire->sent.clear();
    }
    SLUICE_CHECK(handler_.inflight_bytes() == 0 && urgent_.entries() == 0);
  }

  static SessionLimits LimitsOf(const HttpConfig& http) {
    return {.parser = {.head_bytes_max = http.header_bytes_max,
                       .header_count_max = http.header_count_max},
            .body_bytes_max = http.body_bytes_max,
            .connections_max = http.connections_max,
            .pipeline_max = http.pipeline_max,
            .idle_ms = http.idle_ms,
            .header_ms = http.header_ms,
            .body_ms = http.body_ms};
  }
  const AlertWay* WayOf(const WorkerPlan& plan) {
    SLUICE_CHECK(plan.has_urgent_lane);
    alerts_ = std::make_unique<AlertWay>(
        AlertWay{.stream = plan.alert_stream, .lane = urgent_.lane(), .clock = turn_clock_});
    return alerts_.get();
  }

  FakeClock clock_;
  TurnClock turn_clock_{clock_};
  WorkerStats stats_;
  IngestHandler handler_;
  SessionTable sessions_;
  JointTickets joints_;
  FakeStoreLane bulk_;
  FakeStoreLane urgent_;
  std::unique_ptr<AlertWay> alerts_;
  StreamSink sink_;
  std::vector<std::shared_ptr<FakeWire>> wires_;
  std::vector<Read> reads_;
};

}  // namespace sluice::micro
