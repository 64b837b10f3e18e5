// A sink's packed streams: a request is one entry, whatever it holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "sluice/redis/stream_sink.h"
#include "unit/redis/lane_fixture.h"
#include "unit/redis/one_lane.h"

namespace sluice {
namespace {

using testing::_;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// A sink of a packed stream and a plain one over a lane.
class PackedSinkTest : public LaneTest {
 protected:
  void Offer(RecordSink& sink, uint32_t stream, uint32_t id,
             const std::vector<std::vector<std::string_view>>& records,
             const RequestKey* key = nullptr) {
    sink.Begin(stream, key);
    for (const std::vector<std::string_view>& values : records) sink.Append(values);
    const size_t before = sink.unsettled_bytes();
    const size_t bytes = sink.Finish();
    sink.Commit({.session = {},
                 .answer = id,
                 .records = static_cast<uint32_t>(records.size()),
                 .keyed = key != nullptr});
    EXPECT_EQ(sink.unsettled_bytes(), before + bytes);
  }

  const std::vector<StreamSpec> streams_ = {{.stream = "vitals",
                                             .fields = {"id", "rate"},
                                             .packed = {JsonForm::kQuoted, JsonForm::kBare}},
                                            {.stream = "answers", .fields = {"id", "rate"}}};
};

TEST_F(PackedSinkTest, ARequestIsOneEntryBesideOthersOfARecordEach) {
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 600}, streams_, OneLane(streams_, lane()).way());
  Offer(sink, 0, 1, {{"a", "61"}, {"b", "62"}, {"c", {}}});
  Offer(sink, 1, 2, {{"a", "61"}, {"b", "62"}});
  Offer(sink, 0, 3, {{"d", "63"}});
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(),
              ElementsAre("MULTI",
                          "XADD vitals * records {\"id\":\"a\",\"rate\":61}\n"
                          "{\"id\":\"b\",\"rate\":62}\n{\"id\":\"c\"}\n",
                          "XADD answers * id a rate 61", "XADD answers * id b rate 62",
                          "XADD vitals * records {\"id\":\"d\",\"rate\":63}\n", "SETRANGE ledger 1",
                          "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored", "3 stored"));
}

TEST_F(PackedSinkTest, WhatRedisRefusesIsThatRequestsAlone) {
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 600}, streams_, OneLane(streams_, lane()).way());
  Offer(sink, 0, 1, {{"a", "61"}, {"b", "62"}});
  Offer(sink, 1, 2, {{"a", "61"}, {"b", "62"}});
  redis().refused_in_exec["vitals"] = "WRONGTYPE";
  lane().Flush();
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre(StartsWith("1 refused"), "2 stored"));
}

TEST_F(PackedSinkTest, ARequestMayBeRolledBackBeforeAndBehindItsEnd) {
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 600}, streams_, OneLane(streams_, lane()).way());
  Offer(sink, 0, 1, {{"a", "1"}});
  sink.Begin(0, nullptr);
  sink.Append(std::vector<std::string_view>{"gone", "1"});
  sink.Rollback();
  sink.Begin(0, nullptr);
  for (int i = 0; i < 100; ++i) sink.Append(std::vector<std::string_view>{"gone", "1"});
  sink.Finish();
  sink.Rollback();
  Offer(sink, 0, 2, {{"b", "2"}});
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(),
              ElementsAre("MULTI", "XADD vitals * records {\"id\":\"a\",\"rate\":1}\n",
                          "XADD vitals * records {\"id\":\"b\",\"rate\":2}\n", _, _, "EXEC"));
  redis().Answer();
}

TEST_F(PackedSinkTest, ABatchCountsRecordsNotEntries) {
  options.batch_records_max = 4;
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 600}, streams_, OneLane(streams_, lane()).way());
  Offer(sink, 0, 1, {{"a", "1"}, {"b", "2"}});
  Offer(sink, 0, 2, {{"c", "3"}, {"d", "4"}, {"e", "5"}});
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(), ElementsAre("MULTI", HasSubstr("\"a\""), _, _, "EXEC",  //
                                                "MULTI", HasSubstr("\"c\""), _, _, "EXEC"));
  redis().Answer();
  redis().Answer();
}

TEST_F(PackedSinkTest, ARequestWithAKeyIsOneCommandOfOneEntryThatKnowsHowManyRecords) {
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 600}, streams_, OneLane(streams_, lane()).way());
  const RequestKey key = {'k'};
  Offer(sink, 0, 1, {{"a", "1"}, {"b", "2"}, {"c", {}}}, &key);
  lane().Flush();
  EXPECT_THAT(
      redis().Unanswered(),
      ElementsAre("MULTI",
                  AllOf(StartsWith("EVAL "), HasSubstr(" 2 vitals sluice:seen:{vitals}:6b00"),
                        EndsWith(" 3 2 records {\"id\":\"a\",\"rate\":1}\n"
                                 "{\"id\":\"b\",\"rate\":2}\n{\"id\":\"c\"}\n")),
                  _, _, "EXEC"));
  redis().Answer();
}

TEST_F(PackedSinkTest, EncodingEndsWhereTheRequestIsTooLarge) {
  StartConnectedLane();
  constexpr size_t kMost = 1'000;
  StreamSink sink({.dedupe_window_s = 600, .request_bytes_max = kMost}, streams_,
                  OneLane(streams_, lane()).way());
  const RequestKey key = {'k'};
  for (const RequestKey* each : {static_cast<const RequestKey*>(nullptr), &key}) {
    sink.Begin(0, each);
    for (int i = 0; i < 1'000; ++i) sink.Append(std::vector<std::string_view>{"device", "1"});
    const size_t bytes = sink.Finish();
    EXPECT_GT(bytes, kMost);
    EXPECT_LT(bytes, 3 * kMost) << "and no further";
    sink.Rollback();
  }
}

}  // namespace
}  // namespace sluice
