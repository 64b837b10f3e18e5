// Metric families of prometheus-cpp, made one metric at a time.
#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/histogram.h"

namespace sluice {

using Labels = std::vector<prometheus::ClientMetric::Label>;

inline constexpr double kNsPerSecond = 1e9;

prometheus::MetricFamily MakeFamily(const char* name, prometheus::MetricType type,
                                    const char* help);
void AddCounter(prometheus::MetricFamily& family, Labels labels, uint64_t value);
void AddGauge(prometheus::MetricFamily& family, Labels labels, double value);
// The sum of histograms of the same bounds, at least one; `unit` is what one of it is in base
// units.
void AddHistogram(prometheus::MetricFamily& family, Labels labels, double unit,
                  std::span<const Histogram* const> histograms);

}  // namespace sluice
