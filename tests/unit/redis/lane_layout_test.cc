#include "sluice/redis/lane_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sluice/redis/hash_slot.h"

namespace sluice {
namespace {

using testing::ElementsAre;

StreamSpec Spec(const std::string& stream, uint32_t partitions = 0) {
  return {.stream = stream, .fields = {"id"}, .partitions = partitions};
}

// "<tag>: <stream> ..." of each lane, "-" where a stream is not the lane's.
std::vector<std::string> Lanes(const LaneLayout& layout) {
  std::vector<std::string> lanes;
  for (const LaneLayout::OneLane& lane : layout.lanes) {
    std::string text = lane.tag + ":";
    for (const StreamSpec& spec : lane.streams) {
      text += " " + (spec.stream.empty() ? "-" : spec.stream);
    }
    lanes.push_back(text);
  }
  return lanes;
}

TEST(LaneLayout, OneRedisHasOneLaneForStreamsWithoutPartitions) {
  const LaneLayout layout = LaneLayout::Of({Spec("a"), Spec("b"), Spec("a")}, false);
  EXPECT_THAT(Lanes(layout), ElementsAre(": a b a"));
  EXPECT_THAT(layout.lanes_of, ElementsAre(ElementsAre(0), ElementsAre(0), ElementsAre(0)));
}

TEST(LaneLayout, EachPartitionHasALaneWhicheverRoutesHaveIt) {
  const LaneLayout layout = LaneLayout::Of({Spec("a", 3), Spec("b", 1), Spec("c")}, false);
  EXPECT_THAT(Lanes(layout),
              ElementsAre("0: a:{0} b:{0} -", "1: a:{1} - -", "2: a:{2} - -", ": - - c"));
  EXPECT_THAT(layout.lanes_of, ElementsAre(ElementsAre(0, 1, 2), ElementsAre(0), ElementsAre(3)));
}

TEST(LaneLayout, InAClusterAllThatALaneWritesHasOneSlot) {
  const LaneLayout layout =
      LaneLayout::Of({Spec("a"), Spec("b", 2), Spec("c"), Spec("x{1}"), Spec("a")}, true);
  EXPECT_THAT(Lanes(layout), ElementsAre("a: a - - - a", "0: - b:{0} - - -", "1: - b:{1} - x{1} -",
                                         "c: - - c - -"));
  EXPECT_THAT(layout.lanes_of, ElementsAre(ElementsAre(0), ElementsAre(1, 2), ElementsAre(3),
                                           ElementsAre(2), ElementsAre(0)));
  for (const LaneLayout::OneLane& lane : layout.lanes) {
    EXPECT_EQ(HashSlot(TaggedKey("sluice:ledger:host:7:0", lane.tag)), lane.slot);
    for (const StreamSpec& spec : lane.streams) {
      if (spec.stream.empty()) continue;
      EXPECT_EQ(HashSlot(spec.stream), lane.slot) << spec.stream;
    }
  }
}

TEST(LaneLayout, WithoutATagALedgersKeyIsPlain) {
  EXPECT_EQ(TaggedKey("sluice:ledger:host:7:0", ""), "sluice:ledger:host:7:0");
  EXPECT_EQ(TaggedKey("sluice:ledger:host:7:0", "3"), "sluice:ledger:host:7:0:{3}");
}

}  // namespace
}  // namespace sluice
