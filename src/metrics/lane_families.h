// The metrics of lanes, links and journals, summed over the workers.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "sluice/base/worker_stats.h"

namespace sluice {

void AddLanes(const std::vector<const WorkerStats*>& workers,
              std::vector<prometheus::MetricFamily>& families);

}  // namespace sluice
