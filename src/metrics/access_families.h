// The metrics of who is let in: failed authentication and rates, summed over the workers. Never a
// token's id.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "sluice/base/worker_stats.h"

namespace sluice {

void AddAccess(const std::vector<const WorkerStats*>& workers,
               std::vector<prometheus::MetricFamily>& families);

}  // namespace sluice
