#include "metrics/family.h"

#include <cstddef>
#include <utility>

namespace sluice {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

MetricFamily MakeFamily(const char* name, prometheus::MetricType type, const char* help) {
  return {name, help, type, {}};
}

void AddCounter(MetricFamily& family, Labels labels, uint64_t value) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
}

void AddGauge(MetricFamily& family, Labels labels, double value) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = value;
}

void AddHistogram(MetricFamily& family, Labels labels, double unit,
                  std::span<const Histogram* const> histograms) {
  const std::span<const uint64_t> bounds = histograms.front()->bounds();
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  uint64_t cumulative = 0;
  for (size_t i = 0; i <= bounds.size(); ++i) {
    for (const Histogram* histogram : histograms) cumulative += histogram->bucket(i);
    if (i == bounds.size()) break;  // the serializer writes le="+Inf" from the count
    metric.histogram.bucket.push_back({cumulative, static_cast<double>(bounds[i]) / unit});
  }
  // Made of the buckets as they were read, so that a page read while workers count adds up.
  metric.histogram.sample_count = cumulative;
  uint64_t sum = 0;
  for (const Histogram* histogram : histograms) sum += histogram->sum();
  metric.histogram.sample_sum = static_cast<double>(sum) / unit;
}

}  // namespace sluice
