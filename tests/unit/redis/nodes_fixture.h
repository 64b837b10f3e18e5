// Nodes whose connections the test plays, on fake time: two lanes, and whichever Redis nodes and
// sentinels they dial. A step is a turn of the loop, and before it time may pass.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/worker_stats.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/nodes.h"
#include "sluice/redis/resp.h"
#include "support/fake_clock.h"
#include "support/fake_stream.h"
#include "support/heard_log.h"
#include "unit/redis/scripted_redis.h"

namespace sluice {

inline const std::string kA = "10.0.0.1:7001";
inline const std::string kB = "10.0.0.2:7002";
inline const std::string kC = "10.0.0.3:7003";

class NodesTest : public testing::Test, public TicketListener {
 protected:
  static constexpr uint16_t kLowSlot = 100;
  static constexpr uint16_t kHighSlot = 16'000;

  // One connection, to whomever it is.
  struct Wire {
    std::string to;
    std::shared_ptr<FakeWire> fake;
    std::unique_ptr<ScriptedRedis> redis;  // null: not connected, or not a lane's
    bool is_question = false;              // whose connection is its own
    bool connected = false;
  };
  // Some slots in a row, and who has them.
  struct Slots {
    uint16_t first;
    uint16_t last;
    std::string node;
  };

  std::string url = "redis+cluster://" + kA + "," + kB;
  std::vector<std::string> settled;  // "<request> <outcome>"

  void Start() {
    nodes_.reset();
    wires_.clear();
    low_.emplace(OptionsOf("low"), turn_clock_, stats_, *this);
    high_.emplace(OptionsOf("high"), turn_clock_, stats_, *this);
    nodes_.emplace(
        Nodes::Options{.url = RedisUrl::Parse(url).value(), .connect_ms = 2'000, .jitter_seed = 0},
        [this](const Address& address) { return MakeDialer(address); }, turn_clock_, stats_);
    nodes_->Add(low(), kLowSlot);
    nodes_->Add(high(), kHighSlot);
    makes_questions_ = !RedisUrl::Parse(url).value().is_single();
    nodes_->Start();
    makes_questions_ = false;
  }
  // The low half of the slots is A's and the high one B's, whom the lanes have reached.
  void StartUp() {
    Start();
    Tell({{0, 8'191, kA}, {8'192, 16'383, kB}});
    LinkUp(kA);
    LinkUp(kB);
    Step();
    ASSERT_EQ(stats_.redis_up.value(), 2u);
  }

  Lane& low() { return *low_; }
  Lane& high() { return *high_; }
  void Step(uint64_t ms = 0) {
    clock_.AdvanceMs(ms);
    turn_clock_.Forget();
    if (ms > 0) {
      makes_questions_ = true;
      nodes_->Sweep();
      makes_questions_ = false;
      low().Sweep();
      high().Sweep();
    }
    for (size_t i = 0; i < wires_.size(); ++i) {
      if (wires_[i].fake->closing && !wires_[i].fake->destroyed) wires_[i].fake->FinishClose();
    }
    nodes_->Turn();
    low().Flush();
    high().Flush();
  }
  void Offer(Lane& lane, uint32_t id) {
    AppendCommand({"XADD", "s", "*", "f", std::to_string(id)}, lane.Begin());
    lane.Commit({.session = {}, .answer = id, .records = 1}, 1);
    Step();
  }

  // The newest connection of lanes to `to`; none: the test ends.
  Wire& To(const std::string& to) {
    for (size_t i = wires_.size(); i > 0; --i) {
      if (wires_[i - 1].to == to && !wires_[i - 1].is_question) return wires_[i - 1];
    }
    SLUICE_CHECK(false);
  }
  ScriptedRedis& Redis(const std::string& to) { return *To(to).redis; }
  // The connection of lanes that is being made to `to` is made and greeted, and no more.
  void LinkUp(const std::string& to) {
    Wire& wire = To(to);
    SLUICE_CHECK(!wire.connected);
    wire.connected = true;
    wire.fake->Connect();
    wire.redis = std::make_unique<ScriptedRedis>(*wire.fake);
    wire.redis->client_id = ++connections_;
    wire.redis->Answer();
  }
  // Whom the question that is being asked goes to; none is asked: "".
  std::string Asked() {
    const Wire* last = LastQuestion();
    return last == nullptr || last->connected || last->fake->destroyed ? "" : last->to;
  }
  void RefuseQuestion() { LastQuestion()->fake->FinishClose("connection refused"); }
  // That one is reached; what it is asked.
  std::string Question() {
    Wire& wire = *LastQuestion();
    wire.connected = true;
    wire.fake->Connect();
    std::string question;
    for (const std::string& command : ScriptedRedis(*wire.fake).Unanswered()) {
      question += (question.empty() ? "" : ", ") + command;
    }
    return question;
  }
  // It answers.
  void Say(const std::string& reply) {
    LastQuestion()->fake->Say(reply);
    Step();
  }
  void Tell(const std::vector<Slots>& slots) {
    EXPECT_EQ(Question(), "CLUSTER SLOTS");
    std::string reply = "*" + std::to_string(slots.size()) + "\r\n";
    for (const Slots& range : slots) {
      const Address node = Address::Parse(range.node).value();
      reply += "*3\r\n:" + std::to_string(range.first) + "\r\n:" + std::to_string(range.last) +
               "\r\n*3\r\n$" + std::to_string(node.host.size()) + "\r\n" + node.host +
               "\r\n:" + std::to_string(node.port) + "\r\n$2\r\nid\r\n";
    }
    Say(reply);
  }
  // However long it takes until one is asked; after 2 s none is.
  void WaitForQuestion() {
    for (int i = 0; i < 40 && Asked().empty(); ++i) Step(50);
  }
  void TellNext(const std::vector<Slots>& slots) {
    WaitForQuestion();
    Tell(slots);
  }
  bool IsOpen(const std::string& to) { return !To(to).fake->destroyed; }

  void FinishWires() {
    for (size_t i = 0; i < wires_.size(); ++i) {
      if (!wires_[i].fake->destroyed) wires_[i].fake->FinishClose();
    }
  }
  void TearDown() override {
    nodes_->Close();
    FinishWires();
    EXPECT_TRUE(nodes_->closed());
    for (Lane* lane : {&low(), &high()}) {
      lane->Abandon();
      EXPECT_TRUE(lane->empty());
      EXPECT_EQ(lane->unsettled_bytes(), 0u);
    }
  }

  void OnSettled(const Ticket& ticket, const Settlement& settlement) override {
    constexpr const char* kOutcomes[] = {" stored", " refused", " unknown"};
    settled.push_back(std::to_string(ticket.answer) +
                      kOutcomes[static_cast<size_t>(settlement.outcome)]);
  }

  static LaneOptions OptionsOf(const std::string& ledger) {
    return {.window = 2,
            .batch_records_max = 100,
            .batch_bytes_max = 100'000,
            .linger_ns = 0,
            .reply_ms = 10'000,
            .ledger_key = ledger,
            .ledger_ttl_seconds = 86'400};
  }

  HeardLog log_;
  FakeClock clock_;
  TurnClock turn_clock_{clock_};
  LaneStats stats_{LaneKind::kBulk};
  std::vector<Wire> wires_;  // in the order of dialling
  std::optional<Nodes> nodes_;

 private:
  Wire* LastQuestion() {
    for (size_t i = wires_.size(); i > 0; --i) {
      if (wires_[i - 1].is_question) return &wires_[i - 1];
    }
    return nullptr;
  }

  class NotingDialer final : public Dialer {
   public:
    NotingDialer(std::string to, bool is_question, std::vector<Wire>& wires)
        : to_(std::move(to)), is_question_(is_question), wires_(wires) {}

    std::unique_ptr<ByteStream> Dial(uint32_t, StreamHandler& handler) override {
      auto wire = std::make_shared<FakeWire>();
      wire->handler = &handler;
      wires_.push_back({.to = to_, .fake = wire, .redis = nullptr, .is_question = is_question_});
      return std::make_unique<FakeStream>(wire);
    }

   private:
    const std::string to_;
    const bool is_question_;
    std::vector<Wire>& wires_;
  };

  std::unique_ptr<Dialer> MakeDialer(const Address& address) {
    return std::make_unique<NotingDialer>(address.ToString(), makes_questions_, wires_);
  }

  std::optional<Lane> low_;
  std::optional<Lane> high_;
  bool makes_questions_ = false;  // for whom a dialer is asked for
  int connections_ = 0;
};

}  // namespace sluice
