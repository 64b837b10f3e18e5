#include "sluice/redis/stream_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "unit/redis/lane_fixture.h"
#include "unit/redis/one_lane.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// A sink of two streams over a lane.
class StreamSinkTest : public LaneTest {
 protected:
  void Append(RecordSink& sink, std::vector<std::string_view> values) { sink.Append(values); }

  const std::vector<StreamSpec> streams_ = {
      {.stream = "vitals", .fields = {"device_id", "heart_rate"}},
      {.stream = "answers", .fields = {"patient_id"}, .maxlen = 1'000},
      {.stream = "named", .fields = {"id", "value"}, .identity = {0}}};
};

TEST_F(StreamSinkTest, ARequestsRecordsBecomeEntriesOfItsStream) {
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 600}, streams_, OneLane(streams_, lane()).way());
  sink.Begin(0, nullptr);
  Append(sink, {"dev-1", "61"});
  Append(sink, {"dev-2", {}});
  const size_t bytes = sink.Finish();
  EXPECT_GT(bytes, 0u);
  sink.Commit({.session = {}, .answer = 1, .records = 2});
  EXPECT_EQ(sink.unsettled_bytes(), bytes);
  sink.Begin(1, nullptr);
  Append(sink, {"pat-1"});
  sink.Finish();
  sink.Commit({.session = {}, .answer = 2, .records = 1});
  lane().Flush();
  EXPECT_THAT(
      redis().Unanswered(),
      ElementsAre("MULTI", "XADD vitals * device_id dev-1 heart_rate 61",
                  "XADD vitals * device_id dev-2", "XADD answers MAXLEN ~ 1000 * patient_id pat-1",
                  "SETRANGE ledger 1", "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
  EXPECT_EQ(sink.unsettled_bytes(), 0u);
}

TEST_F(StreamSinkTest, ARequestThatIsRolledBackIsNotSent) {
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 600}, streams_, OneLane(streams_, lane()).way());
  sink.Begin(0, nullptr);
  Append(sink, {"dev-1", "61"});
  sink.Rollback();
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(), ElementsAre());
}

TEST_F(StreamSinkTest, ARequestWithAKeyIsOneCommandAndOthersStayPlain) {
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 600}, streams_, OneLane(streams_, lane()).way());
  const RequestKey key = {'k'};
  sink.Begin(0, &key);
  Append(sink, {"dev-1", "61"});
  const size_t bytes = sink.Finish();
  EXPECT_GT(bytes, 0u) << "nothing but the whole command";
  sink.Commit({.session = {}, .answer = 1, .records = 1});
  EXPECT_EQ(sink.unsettled_bytes(), bytes);
  sink.Begin(0, nullptr);
  Append(sink, {"dev-2", "62"});
  sink.Finish();
  sink.Commit({.session = {}, .answer = 2, .records = 1});
  lane().Flush();
  EXPECT_THAT(
      redis().Unanswered(),
      ElementsAre("MULTI",
                  AllOf(StartsWith("EVAL "), HasSubstr(" 2 vitals sluice:seen:{vitals}:6b00"),
                        EndsWith(" 1 4 device_id dev-1 heart_rate 61")),
                  "XADD vitals * device_id dev-2 heart_rate 62", "SETRANGE ledger 1",
                  "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
}

TEST_F(StreamSinkTest, ARecordWithAnIdentityIsGuardedWithoutAKey) {
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 7}, streams_, OneLane(streams_, lane()).way());
  sink.Begin(2, nullptr);
  Append(sink, {"a", "1"});
  sink.Finish();
  sink.Commit({.session = {}, .answer = 1, .records = 1});
  lane().Flush();
  EXPECT_THAT(redis().Unanswered()[1],
              AllOf(StartsWith("EVAL "), HasSubstr(" 2 named sluice:seen:"),
                    EndsWith(" 7 0  1 4 id a value 1")));
  redis().Answer();
}

TEST_F(StreamSinkTest, AGuardedRequestMayBeRolledBackBeforeAndBehindItsEnd) {
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 600}, streams_, OneLane(streams_, lane()).way());
  sink.Begin(2, nullptr);
  Append(sink, {"a", "1"});
  sink.Rollback();
  sink.Begin(2, nullptr);
  Append(sink, {"b", "2"});
  sink.Finish();
  sink.Rollback();
  sink.Begin(2, nullptr);
  Append(sink, {"c", "3"});
  sink.Finish();
  sink.Commit({.session = {}, .answer = 1, .records = 1});
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(),
              ElementsAre("MULTI", EndsWith(" 1 4 id c value 3"), testing::_, testing::_, "EXEC"));
  redis().Answer();
}

}  // namespace
}  // namespace sluice
