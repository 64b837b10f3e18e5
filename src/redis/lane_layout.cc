#include "sluice/redis/lane_layout.h"

#include <algorithm>

#include "sluice/redis/hash_slot.h"

namespace sluice {
namespace {

// The lane of this tag, made if it is the first.
uint32_t LaneOf(LaneLayout& layout, const std::string& tag, size_t stream_count) {
  for (uint32_t i = 0; i < layout.lanes.size(); ++i) {
    if (layout.lanes[i].tag == tag) return i;
  }
  layout.lanes.push_back(
      {.tag = tag, .slot = HashSlot(tag), .streams = std::vector<StreamSpec>(stream_count)});
  return static_cast<uint32_t>(layout.lanes.size() - 1);
}

}  // namespace

LaneLayout LaneLayout::Of(const std::vector<StreamSpec>& streams, bool by_slot) {
  LaneLayout layout;
  layout.lanes_of.resize(streams.size());
  for (size_t i = 0; i < streams.size(); ++i) {
    for (uint32_t partition = 0; partition < std::max(streams[i].partitions, 1u); ++partition) {
      StreamSpec spec = streams[i];
      std::string tag = by_slot ? std::string(HashTag(spec.stream)) : "";
      if (spec.partitions > 0) {
        tag = std::to_string(partition);
        spec.stream = PartitionName(spec.stream, partition);
      }
      const uint32_t lane = LaneOf(layout, tag, streams.size());
      layout.lanes[lane].streams[i] = std::move(spec);
      layout.lanes_of[i].push_back(lane);
    }
  }
  return layout;
}

std::string PartitionName(const std::string& stream, uint32_t partition) {
  return stream + ":{" + std::to_string(partition) + "}";
}

std::string TaggedKey(const std::string& key, const std::string& tag) {
  return tag.empty() ? key : key + ":{" + tag + "}";
}

}  // namespace sluice
