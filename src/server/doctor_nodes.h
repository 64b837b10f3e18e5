// `sluice doctor` on all of Redis: learns where the nodes are, if redis.url names a cluster's nodes
// or sentinels, and looks at each primary as at one Redis (doctor_node.h). Bounded by
// redis.connect_ms for each that redis.url names, and by what bounds CheckNode. One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/doctor_finding.h"
#include "server/worker_plan.h"
#include "sluice/base/clock.h"
#include "sluice/net/address.h"
#include "sluice/redis/node_map.h"

namespace sluice {

Findings CheckRedis(const WorkerPlan& plan, const Clock& clock);

// What one of those that redis.url names said of where the nodes are.
struct SeedAnswer {
  Address seed;
  std::optional<NodeMap> map;
  std::string reason = {};  // why there is no map
};

// "redis nodes": which nodes there are, whether each slot that this gate writes to has one, and who
// did not say. At least one said. Pure.
Finding CheckNodes(const std::vector<SeedAnswer>& answers, const WorkerPlan& plan);

}  // namespace sluice
