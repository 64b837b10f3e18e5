// WorkerPlan: what all workers are made from: the configuration, with what follows from it. Made
// once, before anything starts; read-only while workers run, but for `tokens`, which a reload
// replaces on the main thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/config.h"
#include "sluice/base/result.h"
#include "sluice/gateway/route.h"
#include "sluice/gateway/token_set.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/lane_layout.h"
#include "sluice/redis/redis_url.h"

namespace sluice {

// What all workers are made from. Outlives them.
struct WorkerPlan {
  Config config;
  std::optional<RedisUrl> redis_url;  // nothing: the journal alone stores
  std::vector<Route> routes;
  std::shared_ptr<const TokenSet> tokens = nullptr;  // null: none are asked for
  std::vector<StreamSpec> streams;
  LaneLayout bulk_layout;
  AlertStreamSpec alert_stream;
  LaneLayout urgent_layout;  // one lane
  bool has_urgent_lane;      // some route has alert rules
  uint32_t worker_count;
  std::string ledger_prefix;  // names gate and process start; the worker's number is appended
  uint64_t seed;
};

// Of a configuration that LoadConfig has checked; the error is redis.url's, the tokens', or of a
// file that [tls] or redis.ca names. Without side effects.
Result<WorkerPlan> PlanWorkers(const Config& config);

std::vector<std::string> NamesOf(const std::vector<AlertRule>& rules);

}  // namespace sluice
