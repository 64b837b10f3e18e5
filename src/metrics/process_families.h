// The metrics that every program has: process_* of its process, and which version it is.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace sluice {

void AddProcess(const std::string& version, std::vector<prometheus::MetricFamily>& families);

}  // namespace sluice
