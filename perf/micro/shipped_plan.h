// What a worker of the program with its defaults is made from: so that the microbenchmarks and the
// counted path have the routes, fields, alert rules and bounds that are shipped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/config_file.h"
#include "server/worker.h"
#include "server/worker_plan.h"

namespace sluice::micro {

inline constexpr uint32_t kVitals = 0;  // the shipped routes and their streams, in order
inline constexpr uint32_t kQuestionnaires = 1;

// `entry` of the vitals route. The ledger's name and the seed are the same in every run.
inline WorkerPlan ShippedPlan(EntryForm entry = EntryForm::kRecord) {
  Config config = LoadConfig(std::nullopt, {}).value();
  config.http.workers = 1;
  config.routes[kVitals].entry = entry;
  WorkerPlan plan = PlanWorkers(config).value();
  plan.ledger_prefix = "sluice:ledger:gateway-1:12345:1767225600000:";
  plan.seed = 1;
  return plan;
}

}  // namespace sluice::micro
