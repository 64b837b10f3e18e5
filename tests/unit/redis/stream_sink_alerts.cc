// StreamSink's alerts: which commands go to which lane, when they are sent, and what a request is
// told when its lanes differ.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/redis/joint_tickets.h"
#include "sluice/redis/stream_sink.h"
#include "support/fake_clock.h"
#include "unit/redis/one_lane.h"
#include "unit/redis/sink_side.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class StreamSinkAlertsTest : public testing::Test, public TicketListener {
 protected:
  using Values = std::vector<std::string_view>;

  void Append(const Values& values, std::vector<uint32_t> rules = {}) {
    sink_.Append(values);
    for (const uint32_t rule : rules) sink_.AppendAlert(rule, values);
  }
  size_t Commit(uint32_t id, uint32_t records) {
    const size_t bytes = sink_.Finish();
    sink_.Commit({.session = {}, .answer = id, .records = records});
    return bytes;
  }
  // A request of one record with an alert.
  size_t Alarm(uint32_t id) {
    sink_.Begin(0, nullptr);
    Append({"dev-1", "210"}, {0});
    return Commit(id, 1);
  }
  void OnSettled(const Ticket& ticket, const Settlement& settlement) override {
    constexpr const char* kOutcomes[] = {"stored", "refused", "unknown"};
    settled_.push_back(std::to_string(ticket.answer) + " " +
                       kOutcomes[static_cast<size_t>(settlement.outcome)]);
  }

  std::vector<std::string> settled_;
  FakeClock clock_;
  TurnClock turn_clock_{clock_};
  AlertStats stats_;
  JointTickets joints_{*this, turn_clock_, stats_};
  Side bulk_{"ledger", turn_clock_, joints_.bulk()};
  Side urgent_{"ledger:urgent", turn_clock_, joints_.urgent()};
  const std::vector<StreamSpec> streams_ = {{.stream = "vitals",
                                             .fields = {"device_id", "heart_rate"},
                                             .route = "/v1/vitals",
                                             .alert_rules = {"high", "odd"}},
                                            {.stream = "named",
                                             .fields = {"id", "value"},
                                             .identity = {0},
                                             .route = "/v1/named",
                                             .alert_rules = {"bad"}}};
  const AlertWay way_{.stream = {.stream = "alerts", .maxlen = 1'000},
                      .lane = urgent_.lane(),
                      .clock = turn_clock_};
  StreamSink sink_{
      {.dedupe_window_s = 600}, streams_, OneLane(streams_, bulk_.lane(), &joints_).way(), &way_};
};

TEST_F(StreamSinkAlertsTest, AnAlertNamesRuleRouteAndTimeBeforeTheRecordsOwnFields) {
  const std::string now = std::to_string(clock_.WallMs());
  sink_.Begin(0, nullptr);
  Append({"dev-1", "60"});
  Append({"dev-2", "210"}, {0, 1});
  Append({"dev-3", {}}, {1});
  Commit(1, 3);
  sink_.SendAlerts();
  const std::string alert = "XADD alerts MAXLEN ~ 1000 * rule ";
  EXPECT_THAT(
      urgent_.Stores(),
      ElementsAre(
          alert + "high route /v1/vitals received_ms " + now + " device_id dev-2 heart_rate 210",
          alert + "odd route /v1/vitals received_ms " + now + " device_id dev-2 heart_rate 210",
          alert + "odd route /v1/vitals received_ms " + now + " device_id dev-3"));
  EXPECT_THAT(bulk_.Stores(), IsEmpty()) << "what is not urgent waits for the end of the turn";
  bulk_.lane().Flush();
  EXPECT_THAT(bulk_.Stores(), ElementsAre("XADD vitals * device_id dev-1 heart_rate 60",
                                          "XADD vitals * device_id dev-2 heart_rate 210",
                                          "XADD vitals * device_id dev-3"));
}

TEST_F(StreamSinkAlertsTest, ARequestIsSettledWhenBothLanesHaveSettledIt) {
  const size_t bytes = Alarm(1);
  EXPECT_EQ(sink_.unsettled_bytes(), bytes);
  sink_.SendAlerts();
  bulk_.lane().Flush();
  urgent_.redis().Answer();
  EXPECT_THAT(settled_, IsEmpty());
  EXPECT_EQ(stats_.stored.value(), 1u);
  bulk_.redis().Answer();
  EXPECT_THAT(settled_, ElementsAre("1 stored"));
  EXPECT_EQ(sink_.unsettled_bytes(), 0u);
}

TEST_F(StreamSinkAlertsTest, AnAlertNeverWaitsForBulk) {
  for (uint32_t id = 1; id <= 4; ++id) {
    sink_.Begin(0, nullptr);
    Append({"dev-1", "60"});
    Commit(id, 1);
    bulk_.lane().Flush();  // its window is two
  }
  Alarm(5);
  sink_.SendAlerts();
  urgent_.redis().Answer();
  EXPECT_EQ(stats_.stored.value(), 1u);
  EXPECT_THAT(settled_, IsEmpty());
  for (int i = 0; i < 3; ++i) {
    bulk_.redis().Answer();
    bulk_.lane().Flush();
  }
  EXPECT_THAT(settled_, ElementsAre("1 stored", "2 stored", "3 stored", "4 stored", "5 stored"));
}

TEST_F(StreamSinkAlertsTest, ARequestThatIsRolledBackRaisesNoAlert) {
  sink_.Begin(0, nullptr);
  Append({"dev-1", "210"}, {0});
  sink_.Rollback();
  sink_.Begin(0, nullptr);
  Append({"dev-2", "210"}, {0});
  sink_.Finish();
  sink_.Rollback();
  EXPECT_EQ(sink_.unsettled_bytes(), 0u);
  Alarm(1);
  sink_.SendAlerts();
  bulk_.lane().Flush();
  EXPECT_THAT(urgent_.Stores(), ElementsAre(EndsWith("device_id dev-1 heart_rate 210")));
  EXPECT_EQ(bulk_.Stores().size(), 1u);
}

TEST_F(StreamSinkAlertsTest, AlertsOfTooManyBytesAreNotEncodedToTheirEnd) {
  constexpr size_t kMost = 10'000;
  StreamSink sink({.dedupe_window_s = 600, .request_bytes_max = kMost}, streams_,
                  OneLane(streams_, bulk_.lane(), &joints_).way(), &way_);
  const RequestKey key = {'k'};
  const Values values = {"dev-1", "210"};
  for (const RequestKey* each : {static_cast<const RequestKey*>(nullptr), &key}) {
    sink.Begin(0, each);
    sink.Append(values);
    for (int i = 0; i < 1'000; ++i) sink.AppendAlert(0, values);
    const size_t bytes = sink.Finish();
    EXPECT_GT(bytes, kMost) << "it can never be admitted";
    EXPECT_LT(bytes, 2 * kMost);
    sink.Rollback();
  }
}

TEST_F(StreamSinkAlertsTest, WhatOnlyOneLaneStoresIsUnknown) {
  urgent_.redis().refused_in_exec["alerts"] = "WRONGTYPE no stream";
  Alarm(1);
  sink_.SendAlerts();
  bulk_.lane().Flush();
  urgent_.redis().Answer();
  bulk_.redis().Answer();
  EXPECT_THAT(settled_, ElementsAre("1 unknown"));
  EXPECT_EQ(stats_.refused.value(), 1u);
}

TEST_F(StreamSinkAlertsTest, TheAlertsOfARequestWithAKeyAreGuardedByItToo) {
  const RequestKey key = {'k'};
  std::vector<std::string> prints;
  for (int i = 0; i < 2; ++i) {
    sink_.Begin(0, &key);
    Append({"dev-1", "210"}, {0});
    Commit(static_cast<uint32_t>(i), 1);
    sink_.SendAlerts();
    bulk_.lane().Flush();
    ASSERT_EQ(urgent_.Stores().size(), 1u);
    const std::string alert = urgent_.Stores()[0];
    EXPECT_THAT(alert, AllOf(StartsWith("EVAL "), HasSubstr(" 2 alerts sluice:seen:{alerts}:6b00"),
                             HasSubstr(" 1 10 rule high route /v1/vitals received_ms ")));
    // Both keys know the request by the fingerprint of its records: window, maxlen, print.
    const size_t at = alert.find(" 600 1000 ");
    ASSERT_NE(at, std::string::npos);
    const std::string print = alert.substr(at + 10, 32);
    EXPECT_THAT(bulk_.Stores()[0], HasSubstr(" 600 0 " + print + " 1 4 device_id"));
    prints.push_back(print);
    urgent_.redis().Answer();
    bulk_.redis().Answer();
    clock_.AdvanceMs(1'000);
  }
  EXPECT_EQ(prints[0], prints[1]) << "however late it is repeated";
}

TEST_F(StreamSinkAlertsTest, TheAlertOfARecordWithAnIdentityHasItWithRuleAndRoute) {
  std::vector<std::string> guards;
  for (uint32_t id = 0; id < 2; ++id) {
    sink_.Begin(1, nullptr);
    Append({"a", id == 0 ? "1" : "2"}, {0});
    Commit(id, 1);
    sink_.SendAlerts();
    bulk_.lane().Flush();
    const std::string alert = urgent_.Stores().at(0);
    const size_t at = alert.find("sluice:seen:{alerts}:");
    ASSERT_NE(at, std::string::npos);
    guards.push_back(alert.substr(at, 53));
    EXPECT_THAT(bulk_.Stores().at(0), HasSubstr("sluice:seen:{named}:"));
    urgent_.redis().Answer();
    bulk_.redis().Answer();
    clock_.AdvanceMs(1'000);
  }
  EXPECT_EQ(guards[0], guards[1]);
}

TEST_F(StreamSinkAlertsTest, AlertsOfOneRecordAreOneOnlyIfTheyAreOfOneRuleAndRoute) {
  std::vector<StreamSpec> streams = {streams_[1], streams_[1]};
  streams[0].alert_rules.emplace_back("worse");
  streams[1].route = "/v1/other";
  StreamSink sink({.dedupe_window_s = 600}, streams, OneLane(streams, bulk_.lane(), &joints_).way(),
                  &way_);
  std::set<std::string> guards;
  for (const uint32_t stream : {0u, 1u}) {
    sink.Begin(stream, nullptr);
    const Values values = {"a", "1"};
    sink.Append(values);
    for (uint32_t rule = 0; rule < streams[stream].alert_rules.size(); ++rule) {
      sink.AppendAlert(rule, values);
    }
    sink.Finish();
    sink.Commit({.session = {}, .answer = stream, .records = 1});
  }
  sink.SendAlerts();
  constexpr std::string_view kGuard = "sluice:seen:{alerts}:";
  for (const std::string& alert : urgent_.Stores()) {
    for (size_t at = alert.find(kGuard); at != alert.npos; at = alert.find(kGuard, at + 1)) {
      guards.insert(alert.substr(at, kGuard.size() + 32));
    }
  }
  EXPECT_EQ(guards.size(), 3u);
}

}  // namespace
}  // namespace sluice
