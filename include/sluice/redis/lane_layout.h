// LaneLayout: which lanes a worker's records take. A transaction is committed by one node, so in
// Redis Cluster all that a lane writes has one hash tag: each partition has a lane, which is
// `{0}`'s, `{1}`'s and so on whichever routes have so many, and each stream without partitions its
// own. Where one Redis has everything, such streams share one lane, whose tag is empty. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/record/record_sink.h"

namespace sluice {

struct LaneLayout {
  struct OneLane {
    std::string tag;
    uint16_t slot = 0;  // in Redis Cluster
    // The streams as this lane writes them, all of them in the order given; a partitioned one has
    // its full name. Those of other lanes are empty.
    std::vector<StreamSpec> streams;
  };

  std::vector<OneLane> lanes;
  // Of each stream the lanes of its partitions in order, or its one lane.
  std::vector<std::vector<uint32_t>> lanes_of;

  static LaneLayout Of(const std::vector<StreamSpec>& streams, bool by_slot);
};

// What the stream of one partition is called.
std::string PartitionName(const std::string& stream, uint32_t partition);
// A ledger's key for batches of the lane: in the lane's slot.
std::string TaggedKey(const std::string& key, const std::string& tag);

}  // namespace sluice
