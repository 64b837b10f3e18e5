#include "sluice/redis/stream_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "unit/redis/lane_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;

// A sink of two streams over a lane.
class StreamSinkTest : public LaneTest {
 protected:
  void Append(RecordSink& sink, std::vector<std::string_view> values) { sink.Append(values); }

  const std::vector<StreamSpec> streams_ = {
      {.stream = "vitals", .fields = {"device_id", "heart_rate"}},
      {.stream = "answers", .fields = {"patient_id"}, .maxlen = 1'000}};
};

TEST_F(StreamSinkTest, ARequestsRecordsBecomeEntriesOfItsStream) {
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 600}, streams_, lane());
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
                  "SET ledger 1 EX 86400", "EXEC"));
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored"));
  EXPECT_EQ(sink.unsettled_bytes(), 0u);
}

TEST_F(StreamSinkTest, ARequestThatIsRolledBackIsNotSent) {
  StartConnectedLane();
  StreamSink sink({.dedupe_window_s = 600}, streams_, lane());
  sink.Begin(0, nullptr);
  Append(sink, {"dev-1", "61"});
  sink.Rollback();
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(), ElementsAre());
}

}  // namespace
}  // namespace sluice
