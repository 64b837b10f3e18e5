// NodeMap: which node has which hash slot, as Redis Cluster or the sentinels said last. Where the
// sentinels are asked, the primary has them all. A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sluice/net/address.h"
#include "sluice/redis/reply_value.h"

namespace sluice {

class NodeMap {
 public:
  // Of the reply to CLUSTER SLOTS, by the node at `asked`, who may leave its own host out. Nothing
  // if the reply is none, or no slot has a node.
  static std::optional<NodeMap> OfCluster(const ReplyValue& slots, const Address& asked);
  // Of the reply to SENTINEL MASTER; nothing if it is none.
  static std::optional<NodeMap> OfPrimary(const ReplyValue& primary);

  // Null: nobody has it, as far as is known.
  const Address* At(uint16_t slot) const;
  // Those that have slots, each once.
  std::vector<Address> primaries() const;
  // Until the next map: the slot was moved.
  void Move(uint16_t slot, const Address& to);
  // Of sentinels: rises with each failover, so what says less is older. Of a cluster: 0.
  uint64_t epoch() const { return epoch_; }
  // All that may be asked for the next map, each once: replicas too.
  const std::vector<Address>& nodes() const { return nodes_; }

 private:
  struct Range {
    uint16_t first;
    uint16_t last;
    Address node;
  };

  std::vector<Range> ranges_;  // the first that has a slot counts
  std::vector<Address> nodes_;
  uint64_t epoch_ = 0;
};

}  // namespace sluice
