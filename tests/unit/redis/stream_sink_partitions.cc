// A sink's partitioned streams: which records go to which lane, and what a request is told when its
// parts differ.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/limits.h"
#include "sluice/hash/key_hash.h"
#include "sluice/redis/joint_tickets.h"
#include "sluice/redis/stream_sink.h"
#include "support/fake_clock.h"
#include "unit/redis/sink_side.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr uint32_t kPartitions = 3;
constexpr uint32_t kVitals = 0;
constexpr uint32_t kAnswers = 1;
constexpr uint32_t kPacked = 2;

// A device whose records are that partition's; the next of them with `nth`.
std::string Device(uint32_t partition, int nth = 0) {
  for (int i = 0;; ++i) {
    const std::string device = "dev-" + std::to_string(i);
    if (KeyHash(device) % kPartitions == partition && nth-- == 0) return device;
  }
}

// A sink over the lanes of three partitions, the one of streams without, and one for alerts.
class PartitionsTest : public testing::Test, public TicketListener {
 protected:
  using Records = std::vector<std::pair<std::string, std::string>>;  // device and rate

  PartitionsTest() {
    for (const LaneLayout::OneLane& place : layout_.lanes) {
      sides_.push_back(std::make_unique<Side>(TaggedKey("ledger", place.tag), turn_clock_,
                                              joints_.bulk(), memory_));
      lanes_.push_back(&sides_.back()->lane());
    }
    sink_ = std::make_unique<StreamSink>(
        StreamSinkOptions{.dedupe_window_s = 600}, streams_,
        RecordWay{.layout = layout_, .lanes = lanes_, .joints = &joints_}, &way_);
  }

  void Begin(uint32_t stream, const Records& records, const RequestKey* key = nullptr) {
    sink_->Begin(stream, key);
    for (const auto& [device, rate] : records) {
      const std::vector<std::string_view> values = {device, rate};
      sink_->Append(values);
      if (rate == "210") sink_->AppendAlert(0, values);
    }
  }
  // How many bytes it is.
  size_t Offer(uint32_t id, uint32_t stream, const Records& records,
               const RequestKey* key = nullptr) {
    Begin(stream, records, key);
    const size_t bytes = sink_->Finish();
    sink_->Commit({.session = {},
                   .answer = id,
                   .records = static_cast<uint32_t>(records.size()),
                   .keyed = key != nullptr});
    return bytes;
  }
  void Flush() {
    sink_->SendAlerts();
    for (Lane* lane : lanes_) lane->Flush();
  }
  void OnSettled(const Ticket& ticket, const Settlement& settlement) override {
    constexpr const char* kOutcomes[] = {" stored", " refused", " unknown"};
    settled_.push_back(
        std::to_string(ticket.answer) + kOutcomes[static_cast<size_t>(settlement.outcome)] +
        (settlement.reason == OutcomeReason::kInPart ? " in_part" : "") + " of " +
        std::to_string(ticket.records) +
        (settlement.repeated > 0 ? " repeated " + std::to_string(settlement.repeated) : ""));
  }
  std::vector<std::string> Stores(size_t lane) { return sides_[lane]->Stores(); }
  ScriptedRedis& Redis(size_t lane) { return sides_[lane]->redis(); }

  std::vector<std::string> settled_;
  FakeClock clock_;
  TurnClock turn_clock_{clock_};
  AlertStats stats_;
  JointTickets joints_{*this, turn_clock_, stats_};
  const std::vector<StreamSpec> streams_ = {{.stream = "vitals",
                                             .fields = {"device", "rate"},
                                             .route = "/v1/vitals",
                                             .alert_rules = {"high"},
                                             .partitions = kPartitions},
                                            {.stream = "answers", .fields = {"device", "rate"}},
                                            {.stream = "packed",
                                             .fields = {"device", "rate"},
                                             .packed = {JsonForm::kQuoted, JsonForm::kBare},
                                             .partitions = kPartitions}};
  const LaneLayout layout_ = LaneLayout::Of(streams_, false);
  const std::shared_ptr<BatchMemory> memory_ = MakeBatchMemory();
  std::vector<std::unique_ptr<Side>> sides_;
  std::vector<Lane*> lanes_;
  Side urgent_{"ledger:urgent", turn_clock_, joints_.urgent()};
  const AlertWay way_{.stream = {.stream = "alerts"}, .lane = urgent_.lane(), .clock = turn_clock_};
  std::unique_ptr<StreamSink> sink_;
};

TEST_F(PartitionsTest, ARecordGoesToItsKeysPartitionBehindThoseBeforeIt) {
  Offer(1, kVitals, {{Device(2), "61"}, {Device(0), "62"}, {Device(2, 1), "63"}});
  Offer(2, kVitals, {{Device(2), "64"}});
  Offer(3, kAnswers, {{Device(1), "65"}});
  Flush();
  EXPECT_THAT(Stores(0), ElementsAre("XADD vitals:{0} * device " + Device(0) + " rate 62"));
  EXPECT_THAT(Stores(1), IsEmpty());
  EXPECT_THAT(Stores(2), ElementsAre("XADD vitals:{2} * device " + Device(2) + " rate 61",
                                     "XADD vitals:{2} * device " + Device(2, 1) + " rate 63",
                                     "XADD vitals:{2} * device " + Device(2) + " rate 64"));
  EXPECT_THAT(Stores(3), ElementsAre("XADD answers * device " + Device(1) + " rate 65"));
  EXPECT_THAT(Redis(2).Unanswered(), testing::Contains("SETRANGE ledger:{2} 1"));
}

TEST_F(PartitionsTest, ARequestIsSettledOnceWhenItsLastPartIs) {
  Offer(1, kVitals, {{Device(0), "60"}, {Device(1), "60"}, {Device(2), "60"}, {Device(1), "60"}});
  Flush();
  Redis(1).Answer();
  Redis(2).Answer();
  EXPECT_THAT(settled_, IsEmpty());
  Redis(0).Answer();
  EXPECT_THAT(settled_, ElementsAre("1 stored of 4"));
}

TEST_F(PartitionsTest, WhatItHoldsIsWhatFinishSaidUntilAllOfItIsSettled) {
  const size_t in_one = Offer(1, kVitals, {{Device(0), "60"}, {Device(0), "60"}});
  EXPECT_EQ(sink_->unsettled_bytes(), in_one);
  const size_t in_two = Offer(2, kVitals, {{Device(0), "60"}, {Device(1), "60"}});
  EXPECT_EQ(in_two, in_one + kRequestOverheadBytes);
  EXPECT_EQ(sink_->unsettled_bytes(), in_one + in_two);
  Flush();
  Redis(0).Answer();
  EXPECT_LT(sink_->unsettled_bytes(), in_two);
  EXPECT_GT(sink_->unsettled_bytes(), kRequestOverheadBytes);
  Redis(1).Answer();
  EXPECT_EQ(sink_->unsettled_bytes(), 0u);
  EXPECT_THAT(settled_, ElementsAre("1 stored of 2", "2 stored of 2"));
}

TEST_F(PartitionsTest, PartsThatDifferAreNeitherStoredNorRefused) {
  Redis(1).refused_in_exec["vitals:{1}"] = "WRONGTYPE no";
  Redis(2).refused_while_queueing["vitals:{2}"] = "OOM no";
  Offer(1, kVitals, {{Device(0), "60"}, {Device(1), "60"}});
  Offer(2, kVitals, {{Device(1), "60"}, {Device(2), "60"}});
  Offer(3, kVitals, {{Device(0), "60"}});
  Flush();
  for (size_t lane = 0; lane < kPartitions; ++lane) Redis(lane).Answer();
  EXPECT_THAT(settled_, testing::UnorderedElementsAre("1 unknown in_part of 2", "2 refused of 2",
                                                      "3 stored of 1"));
}

TEST_F(PartitionsTest, EachLaneCountsItsOwnRecords) {
  Offer(1, kVitals, {{Device(0), "60"}, {Device(1), "60"}, {Device(1), "61"}});
  EXPECT_EQ(lanes_[0]->Abandon(), 1u);
  EXPECT_EQ(lanes_[1]->Abandon(), 2u);
  EXPECT_EQ(lanes_[2]->Abandon(), 0u);
  EXPECT_THAT(settled_, ElementsAre("1 refused of 3"));
}

// ---- Keys --------------------------------------------------------------------------------------

// What stands in the lane's only EVAL between the dedupe window and the count of its records.
std::string FingerprintIn(const std::vector<std::string>& stores) {
  EXPECT_EQ(stores.size(), 1u);
  const size_t at = stores.at(0).find(" 600 0 ");
  EXPECT_NE(at, std::string::npos);
  return stores[0].substr(at + 7, 32);
}

TEST_F(PartitionsTest, PartsOfAKeyedRequestAreKnownByOneFingerprint) {
  const RequestKey key = {'k'};
  std::vector<std::string> fingerprints;
  for (const std::string rate : {"60", "61"}) {
    Offer(1, kVitals, {{Device(0), rate}, {Device(1), "60"}}, &key);
    Flush();
    EXPECT_THAT(Stores(0)[0], HasSubstr(" 2 vitals:{0} sluice:seen:vitals:{0}:6b0000"));
    fingerprints.push_back(FingerprintIn(Stores(0)));
    EXPECT_EQ(FingerprintIn(Stores(1)), fingerprints.back());
    Redis(0).Answer();
    Redis(1).Answer();
  }
  EXPECT_NE(fingerprints[0], fingerprints[1]) << "wherever they differ";
}

TEST_F(PartitionsTest, WhatWasThereBeforeIsCountedOverAllParts) {
  const RequestKey key = {'k'};
  Offer(1, kVitals, {{Device(0), "60"}, {Device(1), "60"}, {Device(1), "61"}}, &key);
  Flush();
  Redis(0).repeated = 1;
  Redis(1).repeated = 2;
  Redis(0).Answer();
  Redis(1).Answer();
  EXPECT_THAT(settled_, ElementsAre("1 stored of 3 repeated 3"));
}

// ---- Rollback, packing, alerts -----------------------------------------------------------------

TEST_F(PartitionsTest, ARequestMayBeRolledBackBeforeAndBehindItsEnd) {
  const RequestKey key = {'k'};
  for (const RequestKey* each : {static_cast<const RequestKey*>(nullptr), &key}) {
    for (const uint32_t stream : {kVitals, kPacked}) {
      Begin(stream, {{Device(0), "1"}, {Device(1), "1"}}, each);
      sink_->Rollback();
      Begin(stream, {{Device(1), "2"}, {Device(2), "2"}}, each);
      sink_->Finish();
      sink_->Rollback();
      Begin(stream, {}, each);
      sink_->Rollback();
    }
  }
  EXPECT_EQ(sink_->unsettled_bytes(), 0u);
  Offer(1, kVitals, {{Device(1), "3"}});
  Flush();
  EXPECT_THAT(Stores(0), IsEmpty());
  EXPECT_THAT(Stores(1), ElementsAre(EndsWith(" rate 3")));
  EXPECT_THAT(Stores(2), IsEmpty());
  Redis(1).Answer();
}

TEST_F(PartitionsTest, APackedRequestIsAnEntryInEachOfItsPartitions) {
  Offer(1, kPacked, {{Device(0), "1"}, {Device(1), "2"}, {Device(0), "3"}});
  Flush();
  EXPECT_THAT(Stores(0),
              ElementsAre("XADD packed:{0} * records {\"device\":\"" + Device(0) +
                          "\",\"rate\":1}\n{\"device\":\"" + Device(0) + "\",\"rate\":3}\n"));
  EXPECT_THAT(Stores(1), ElementsAre("XADD packed:{1} * records {\"device\":\"" + Device(1) +
                                     "\",\"rate\":2}\n"));
  Redis(0).Answer();
  Redis(1).Answer();
  EXPECT_THAT(settled_, ElementsAre("1 stored of 3"));
}

TEST_F(PartitionsTest, AlertsAreOneMorePartWhicheverPartitionsRaisedThem) {
  const size_t bytes = Offer(1, kVitals, {{Device(0), "210"}, {Device(1), "210"}});
  EXPECT_EQ(sink_->unsettled_bytes(), bytes);
  Flush();
  EXPECT_THAT(urgent_.Stores(), ElementsAre(HasSubstr(Device(0)), HasSubstr(Device(1))));
  Redis(0).Answer();
  urgent_.redis().Answer();
  EXPECT_EQ(stats_.stored.value(), 2u);
  EXPECT_THAT(settled_, IsEmpty());
  Redis(1).Answer();
  EXPECT_THAT(settled_, ElementsAre("1 stored of 2"));
  EXPECT_EQ(sink_->unsettled_bytes(), 0u);
}

}  // namespace
}  // namespace sluice
