// The data port's handler behind real sessions, with a fake sink for a store: two routes,
// /v1/vitals (alias /vitals), whose records are urgent with a heart_rate above 150 or below 40, and
// /v1/fast, which answers at once. At its end no byte of a body is charged.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/worker_stats.h"
#include "sluice/gateway/address_table.h"
#include "sluice/gateway/ingest_handler.h"
#include "sluice/gateway/session_table.h"
#include "support/fake_clock.h"
#include "support/fake_sink.h"
#include "support/fake_stream.h"
#include "unit/gateway/session_fixture.h"

namespace sluice {

// A chunked request's head, and one chunk of fewer than 256 bytes.
inline std::string Chunked(std::string_view path) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n";
}
inline std::string Chunk(std::string_view bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string chunk{kDigits[bytes.size() / 16], kDigits[bytes.size() % 16]};
  return chunk + "\r\n" + std::string(bytes) + "\r\n";
}

// A store whose entries take `overhead` bytes more than their values, as commands do.
class CostlySink final : public RecordSink {
 public:
  CostlySink(RecordSink& sink, size_t overhead) : sink_(sink), overhead_(overhead) {}
  void Begin(uint32_t stream, const RequestKey* key) override { sink_.Begin(stream, key); }
  void Append(std::span<const std::string_view> values) override { sink_.Append(values); }
  void AppendAlert(uint32_t rule, std::span<const std::string_view> values) override {
    sink_.AppendAlert(rule, values);
  }
  void Commit(const Ticket& ticket) override { sink_.Commit(ticket); }
  void Rollback() override { sink_.Rollback(); }
  void SendAlerts() override { sink_.SendAlerts(); }
  size_t Finish() override { return sink_.Finish() + overhead_; }
  size_t unsettled_bytes() const override { return sink_.unsettled_bytes(); }

 private:
  RecordSink& sink_;
  const size_t overhead_;
};

inline std::vector<Route> TwoRoutes() {
  const Field device{.name = "device_id", .required = true, .key = true};
  const Field heart_rate{.name = "heart_rate", .type = FieldType::kDouble, .double_max = 350};
  const Schema schema = Schema::Make({device, heart_rate}, {}, UnknownFields::kIgnore).value();
  std::vector<Route> routes(2);
  routes[0] = {.path = "/v1/vitals",
               .aliases = {"/vitals"},
               .stream = 4,
               .alerts = {{.name = "high", .field = 1, .double_above = 150},
                          {.name = "low", .field = 1, .double_below = 40}},
               .schema = schema};
  routes[1] = {
      .path = "/v1/fast", .aliases = {}, .stream = 7, .answers_at_once = true, .schema = schema};
  return routes;
}

inline uint64_t RetryAfter(const HttpResponse& answer) {
  const std::string* text = answer.Header("Retry-After");
  return text == nullptr ? 0 : std::stoull(*text);
}

class IngestHandlerTest : public testing::Test {
 protected:
  static constexpr size_t kBodyBytesMax = 200;
  static constexpr size_t kBudgetBytes = 500;
  static constexpr size_t kUrgentBodyBytesMax = 100;
  static constexpr uint64_t kDeadlineMs = 5'000;
  static constexpr uint32_t kPipelineMax = 8;

  explicit IngestHandlerTest(size_t budget_bytes = kBudgetBytes, size_t reserve_bytes = 0)
      : budget_bytes_(budget_bytes), reserve_bytes_(reserve_bytes) {
    handler_.set_sink(sink);
    handler_.set_sessions(table_);
    sink.set_listener(handler_);
  }

  // The clients' rates and connections; outlive the test's connections.
  void set_addresses(AddressTable& addresses) {
    table_.set_addresses(addresses);
    handler_.set_addresses(addresses.limits());
  }
  void set_sink(RecordSink& store) { handler_.set_sink(store); }
  void set_tokens(std::shared_ptr<const TokenSet> tokens) {
    handler_.set_tokens(std::move(tokens));
  }

  Client& Connect(std::optional<IpAddress> from = std::nullopt) {
    clients_.push_back(std::make_unique<Client>());
    Client& client = *clients_.back();
    client.wire->address = from;
    std::optional<ShedReason> shed;
    Session& session = table_.Adopt(std::make_unique<FakeStream>(client.wire), shed);
    client.wire->handler = &session;
    client.wire->reading = true;
    return client;
  }
  void TurnEnd() {
    table_.Flush();
    turn_clock_.Forget();
  }
  void Pass(uint64_t ms) {
    clock_.AdvanceMs(ms);
    turn_clock_.Forget();
    table_.Sweep();
    TurnEnd();
  }
  // What each sweep period does for the handler alone.
  void Sweep() {
    clock_.AdvanceMs(kSweepPeriodMs);
    turn_clock_.Forget();
    handler_.Sweep();
  }
  // The answer to one request, on a connection of its own.
  HttpResponse Ask(std::string_view bytes, std::optional<IpAddress> from = std::nullopt) {
    Client& client = Connect(from);
    client.Say(bytes);
    TurnEnd();
    auto answers = client.Answers();
    EXPECT_EQ(answers.size(), 1u) << bytes;
    return answers.empty() ? HttpResponse() : std::move(answers.front());
  }
  // One sound request is committed and then settled; its answer.
  HttpResponse AskAndSettle(Outcome outcome, OutcomeReason reason) {
    Client& client = Connect();
    client.Say(Post("/v1/vitals", R"({"device_id":"d"})"));
    sink.Settle(sink.committed.size() - 1, outcome, reason);
    TurnEnd();
    auto answers = client.Answers();
    EXPECT_EQ(answers.size(), 1u);
    return answers.empty() ? HttpResponse() : std::move(answers.front());
  }

  uint64_t Count(uint16_t code, size_t route = 0) const {
    return stats.routes[route].requests[code].value();
  }
  size_t inflight_bytes() const { return handler_.inflight_bytes(); }
  uint64_t now_ns() { return turn_clock_.now_ns(); }

  void TearDown() override {
    table_.CloseAll();
    for (const auto& client : clients_) {
      if (!client->wire->destroyed) client->wire->FinishClose();
    }
    EXPECT_EQ(inflight_bytes(),
              sink.unsettled_bytes() + sink.committed.size() * kRequestOverheadBytes);
  }

  FakeSink sink;
  WorkerStats stats{2};

 private:
  const size_t budget_bytes_;
  const size_t reserve_bytes_;
  FakeClock clock_;
  TurnClock turn_clock_{clock_};
  const std::vector<Route> routes_ = TwoRoutes();
  IngestHandler handler_{{.body_bytes_max = kBodyBytesMax,
                          .inflight_bytes_max = budget_bytes_,
                          .deadline_ms = kDeadlineMs,
                          .urgent_reserve_bytes = reserve_bytes_,
                          .urgent_body_bytes_max = kUrgentBodyBytesMax},
                         routes_,
                         turn_clock_,
                         stats,
                         1};
  SessionTable table_{{.parser = {.head_bytes_max = 1'000, .header_count_max = 10},
                       .body_bytes_max = kBodyBytesMax,
                       .connections_max = 1'000,
                       .pipeline_max = kPipelineMax,
                       .idle_ms = 10'000,
                       .header_ms = 2'000,
                       .body_ms = 3'000},
                      turn_clock_,
                      handler_};
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace sluice
