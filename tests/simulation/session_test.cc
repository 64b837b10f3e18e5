// A seeded simulation of sessions: clients whose bytes are cut anywhere, a store that settles in
// any order, a kernel that takes writes at any pace, connections that end and time that passes at
// any step. After each step the invariants are looked at. A failure names its seed:
//   SLUICE_SIMULATION_SEED=n runs that one, SLUICE_SIMULATION_SEEDS=n that many.
#include "sluice/gateway/session.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/seeds.h"
#include "simulation/simulated_client.h"
#include "sluice/base/random.h"
#include "sluice/base/worker_stats.h"
#include "sluice/gateway/ingest_handler.h"
#include "sluice/gateway/session_table.h"
#include "support/fake_clock.h"
#include "support/fake_sink.h"
#include "support/fake_stream.h"

namespace sluice {
namespace {

constexpr size_t kBudgetBytes = 2'000 + 8 * kRequestOverheadBytes;
constexpr uint32_t kPipelineMax = 4;
constexpr uint64_t kDeadlineMs = 5'000;

std::vector<Route> VitalsRoute() {
  Field device{.name = "device_id", .required = true, .key = true, .bytes_min = 1};
  Field timestamp{.name = "timestamp", .type = FieldType::kInt64, .required = true};
  Field heart_rate{.name = "heart_rate", .type = FieldType::kDouble};
  auto schema = Schema::Make({device, timestamp, heart_rate}, {}, UnknownFields::kIgnore);
  std::vector<Route> routes;
  routes.push_back({.path = "/v1/vitals", .aliases = {}, .schema = std::move(schema.value())});
  return routes;
}

class Simulation {
 public:
  explicit Simulation(uint64_t seed) : random_(seed) {
    handler_.set_sink(sink_);
    handler_.set_sessions(table_);
    sink_.set_listener(handler_);
    const uint64_t count = 1 + random_.Below(5);
    for (uint32_t i = 0; i < count; ++i) {
      clients_.push_back(std::make_unique<SimulatedClient>(i, random_));
      Connect(*clients_.back());
    }
  }

  void Run() {
    for (int step = 0; step < 150 && !testing::Test::HasFatalFailure(); ++step) {
      Step();
      CheckInvariants();
    }
    if (!testing::Test::HasFatalFailure()) Finish();
    // Also after a failure, so that it is the failure that is reported.
    for (const auto& client : clients_) {
      if (!client->gone) End(*client);
    }
  }

 private:
  void Connect(SimulatedClient& client) {
    std::optional<ShedReason> shed;
    Session& session = table_.Adopt(std::make_unique<FakeStream>(client.wire), shed);
    ASSERT_FALSE(shed);
    client.wire->handler = &session;
    client.wire->reading = true;
  }

  SimulatedClient& AnyClient() { return *clients_[random_.Below(clients_.size())]; }

  void Step() {
    SimulatedClient& client = AnyClient();
    switch (random_.Below(16)) {
      case 0:
        if (!client.gone && random_.Below(8) == 0) End(client);
        break;
      case 1:
        if (!client.gone) client.wire->room = random_.Below(3) == 0 ? SIZE_MAX : random_.Below(400);
        break;
      case 2:
        if (!client.gone && client.wire->has_waiting()) {
          client.wire->TakeWaiting(1 + random_.Below(500));
        }
        break;
      case 3:
        PassTime(random_.Below(20) == 0 ? random_.Below(20'000) : random_.Below(300));
        break;
      case 4:
        if (!client.gone && client.wire->closing) End(client);
        break;
      case 5:
        if (!draining_ && random_.Below(40) == 0) Drain();
        break;
      case 6:
      case 7:
      case 8:
        if (!sink_.committed.empty()) SettleOne(random_.Below(sink_.committed.size()));
        break;
      case 9:
      case 10:
        TurnEnd();
        break;
      default:
        client.SendSome(random_.Below(3) == 0 ? 1 + random_.Below(4) : 1 + random_.Below(700));
        NoteCommits();
    }
  }

  void End(SimulatedClient& client) {
    client.gone = true;
    client.wire->FinishClose("the client left");
  }

  void Drain() {
    draining_ = true;
    table_.Drain();
  }

  void TurnEnd() {
    table_.Flush();
    NoteCommits();  // a session that had stopped reading may have gone on
    turn_clock_.Forget();
  }

  void PassTime(uint64_t ms) {
    clock_.AdvanceMs(ms);
    turn_clock_.Forget();
    table_.Sweep();
    for (size_t i = 0; i < sink_.committed.size();) {
      if (sink_.committed[i].ticket.deadline_ns > turn_clock_.now_ns()) {
        ++i;
      } else {
        Settle(i, random_.Below(2) == 0 ? Outcome::kRefused : Outcome::kUnknown,
               OutcomeReason::kDeadline);
      }
    }
  }

  void SettleOne(size_t i) {
    const uint64_t die = random_.Below(10);
    if (die == 0) {
      Settle(i, Outcome::kRefused, OutcomeReason::kStoreSaid);
    } else if (die == 1) {
      Settle(i, Outcome::kUnknown, OutcomeReason::kReplicas);
    } else {
      Settle(i, Outcome::kStored, OutcomeReason::kNone);
    }
  }

  void Settle(size_t i, Outcome outcome, OutcomeReason reason) {
    RequestOf(sink_.committed[i]).settled = outcome;
    sink_.Settle(i, outcome, reason);
  }

  PlannedRequest& RequestOf(const FakeSink::Request& committed) {
    const std::string& record = committed.records.front();
    const std::string id = record.substr(0, record.find('|'));
    for (const auto& client : clients_) {
      if (PlannedRequest* request = client->Find(id)) return *request;
    }
    CheckFailed(__FILE__, __LINE__, "every committed record was sent by a client");
  }

  // New commits stand at the end of the sink's list.
  void NoteCommits() {
    for (const FakeSink::Request& committed : sink_.committed) {
      PlannedRequest& request = RequestOf(committed);
      if (request.committed) continue;
      ASSERT_TRUE(ids_.insert(request.id).second) << request.id << " was committed twice";
      ASSERT_EQ(request.refusal, 0) << request.id << " was refused and committed";
      ASSERT_EQ(committed.records.size(), request.records) << request.id;
      request.committed = true;
    }
    ASSERT_EQ(ids_.size(), sink_.committed.size() + SettledCount());
  }

  size_t SettledCount() const {
    size_t settled = 0;
    for (const auto& client : clients_) {
      for (const PlannedRequest& request : client->requests) settled += request.settled.has_value();
    }
    return settled;
  }

  void CheckInvariants() {
    ASSERT_LE(handler_.inflight_bytes(), kBudgetBytes);
    for (const auto& client : clients_) {
      client->CheckAnswers();
      if (testing::Test::HasFatalFailure()) return;
      size_t owed = 0;
      for (const PlannedRequest& request : client->requests) {
        owed += request.committed && !request.settled ? 1 : 0;
      }
      ASSERT_LE(owed, kPipelineMax);
    }
  }

  // Everything is let through: whoever is still connected gets every answer that is owed.
  void Finish() {
    for (int round = 0; round < 400; ++round) {
      for (const auto& client : clients_) {
        if (client->gone) continue;
        client->wire->room = SIZE_MAX;
        if (client->wire->has_waiting()) client->wire->TakeWaiting();
        client->SendSome(SIZE_MAX);
        NoteCommits();
        if (client->wire->closing) End(*client);
      }
      while (!sink_.committed.empty()) SettleOne(random_.Below(sink_.committed.size()));
      TurnEnd();
      CheckInvariants();
      if (testing::Test::HasFatalFailure()) return;
    }
    for (const auto& client : clients_) {
      const bool complete = client->answered_count() == client->requests.size();
      // A gate that gave up on a request it had answered already says so by its FIN alone.
      const bool ended = client->told_to_close() || client->wire->write_finished;
      ASSERT_TRUE(client->gone || ended || complete)
          << "only " << client->answered_count() << " of " << client->requests.size()
          << " requests were answered; reading " << client->wire->reading << ", all sent "
          << client->sent_all();
      if (client->gone) continue;
      for (size_t i = client->answered_count(); i < client->requests.size(); ++i) {
        ASSERT_FALSE(client->requests[i].committed)
            << client->requests[i].id << " was committed and never answered";
      }
    }
    for (const auto& client : clients_) {
      if (!client->gone) End(*client);
    }
    ASSERT_EQ(table_.size(), 0u);
    ASSERT_EQ(handler_.inflight_bytes(), 0u);
    const RouteStats& stats = stats_.routes.front();
    ASSERT_EQ(stats.records_accepted.value(), stats.records_stored.value() +
                                                  stats.records_refused.value() +
                                                  stats.records_unknown.value());
  }

  Random random_;
  FakeClock clock_;
  TurnClock turn_clock_{clock_};
  WorkerStats stats_{1};
  const std::vector<Route> routes_ = VitalsRoute();
  IngestHandler handler_{
      {.body_bytes_max = 1'000, .inflight_bytes_max = kBudgetBytes, .deadline_ms = kDeadlineMs},
      routes_,
      turn_clock_,
      stats_,
      1};
  SessionTable table_{{.parser = {.head_bytes_max = 1'000, .header_count_max = 10},
                       .body_bytes_max = 1'000,
                       .connections_max = 100,
                       .pipeline_max = kPipelineMax,
                       .idle_ms = 10'000,
                       .header_ms = 2'000,
                       .body_ms = 3'000},
                      turn_clock_,
                      handler_};
  FakeSink sink_;
  std::vector<std::unique_ptr<SimulatedClient>> clients_;
  std::set<std::string> ids_;
  bool draining_ = false;
};

TEST(SessionSimulation, EveryRequestGetsItsOwnTrueAnswerInOrder) { RunSeeds<Simulation>(); }

}  // namespace
}  // namespace sluice
