// A lane over a link to a scripted Redis, on fake time. The test is the lane's listener: it keeps
// who was settled and how, in order, and fails when a request is settled twice. At its end
// everything is settled and the lane holds no byte.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/worker_stats.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/link.h"
#include "sluice/redis/resp.h"
#include "sluice/redis/shared_link.h"
#include "support/fake_clock.h"
#include "support/fake_stream.h"
#include "unit/redis/scripted_redis.h"

namespace sluice {

class LaneTest : public testing::Test, public TicketListener {
 protected:
  static constexpr uint64_t kDeadlineAfterMs = 5'000;

  LaneOptions options = {.window = 2,
                         .batch_records_max = 100,
                         .batch_bytes_max = 100'000,
                         .linger_ns = 0,
                         .reply_ms = 10'000,
                         .ledger_key = "ledger",
                         .ledger_ttl_seconds = 86'400};
  LaneGuide* guide = nullptr;        // of a lane that is started
  std::vector<std::string> settled;  // "<request> <outcome>[ <reason>]"

  // A lane with `options`; the link is being dialled.
  void StartLane() {
    lane_.emplace(options, turn_clock_, stats_, *this);
    if (guide != nullptr) lane_->set_guide(*guide);
    lane_->Attach(shared_);
    link_.Start();
  }
  void StartConnectedLane() {
    StartLane();
    ComeUp();
  }
  // The connection being dialled is made, and greeted.
  void ComeUp() {
    Connect();
    while (!redis_->Unanswered().empty()) redis_->Answer();
    ASSERT_TRUE(link_.ready());
  }
  // The same, up to the first question that Redis is asked. What it held is still there.
  void Connect() {
    wire().Connect();
    auto redis = std::make_unique<ScriptedRedis>(wire());
    if (redis_) redis->keys = redis_->keys;
    redis->client_id = ++connections_;
    redis_ = std::move(redis);
  }
  void LoseLink() { wire().FinishClose("connection reset by peer"); }

  // Request `id`: one XADD a value, to `stream`.
  void Offer(uint32_t id, std::vector<std::string> values, const std::string& stream = "s") {
    Buffer& out = lane_->Begin();
    for (const std::string& value : values) AppendCommand({"XADD", stream, "*", "f", value}, out);
    Commit(id, static_cast<uint32_t>(values.size()));
  }
  void Commit(uint32_t id, uint32_t records) {
    lane_->Commit({.session = {},
                   .answer = id,
                   .records = records,
                   .deadline_ns = turn_clock_.now_ns() + kDeadlineAfterMs * kNsPerMs},
                  records);
  }
  void OfferAndFlush(uint32_t id, std::vector<std::string> values,
                     const std::string& stream = "s") {
    Offer(id, std::move(values), stream);
    lane_->Flush();
  }

  void Pass(uint64_t ms) {
    clock_.AdvanceMs(ms);
    turn_clock_.Forget();
  }
  void PassAndSweep(uint64_t ms) {
    Pass(ms);
    link_.Sweep();
    lane_->Sweep();
  }

  Lane& lane() { return *lane_; }
  Link& link() { return link_; }
  SharedLink& shared() { return shared_; }
  TurnClock& turn_clock() { return turn_clock_; }
  LaneStats& stats() { return stats_; }
  FakeWire& wire() { return *dialer_.wires.back(); }
  ScriptedRedis& redis() { return *redis_; }
  // The values that were applied, in order.
  std::vector<std::string> AppliedValues() const {
    std::vector<std::string> values;
    for (const RedisCommand& command : redis_->applied) {
      if (command.front() == "XADD") values.push_back(command.back());
    }
    return values;
  }

  void OnSettled(const Ticket& ticket, const Settlement& settlement) override {
    EXPECT_TRUE(ids_.insert(ticket.answer).second) << ticket.answer << " was settled twice";
    constexpr const char* kOutcomes[] = {"stored", "refused", "unknown"};
    constexpr const char* kReasons[] = {"",          " deadline",   " store_said",
                                        " replicas", " key_reused", " journal",
                                        " in_part",  " drain_ended"};
    settled.push_back(
        std::to_string(ticket.answer) + " " + kOutcomes[static_cast<size_t>(settlement.outcome)] +
        kReasons[static_cast<size_t>(settlement.reason)] +
        (settlement.repeated > 0 ? " repeated " + std::to_string(settlement.repeated) : ""));
  }

  void TearDown() override {
    link_.Close();
    if (!dialer_.wires.empty() && !wire().destroyed) wire().FinishClose();
    ASSERT_TRUE(link_.closed());
    if (!lane_) return;
    lane_->Abandon();
    EXPECT_TRUE(lane_->empty());
    EXPECT_EQ(lane_->unsettled_bytes(), 0u);
  }

 private:
  FakeClock clock_;
  TurnClock turn_clock_{clock_};
  LaneStats stats_{LaneKind::kBulk};
  FakeDialer dialer_;
  Link link_{{.url = {}, .connect_ms = 2'000}, dialer_, turn_clock_, 1};
  SharedLink shared_{link_, {}, turn_clock_, stats_.redis_reconnects};
  std::unique_ptr<ScriptedRedis> redis_;
  std::optional<Lane> lane_;
  std::set<uint32_t> ids_;
  int connections_ = 0;
};

}  // namespace sluice
