#include "metrics/process_families.h"

#include <prometheus/client_metric.h>

#include <optional>

#include "metrics/family.h"
#include "metrics/process_stats.h"

namespace sluice {

using prometheus::MetricFamily;
using prometheus::MetricType;

void AddProcess(const std::string& version, std::vector<MetricFamily>& families) {
  const auto add = [&](const char* name, MetricType type, const char* help,
                       std::optional<double> value) {
    if (!value) return;
    MetricFamily& family = families.emplace_back(MakeFamily(name, type, help));
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = *value;
  };
  // Names and meanings as Prometheus fixes them for every client library:
  // https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
  const ProcessStats stats = ReadProcessStats();
  add("process_cpu_seconds_total", MetricType::Counter,
      "Total user and system CPU time spent in seconds.", stats.cpu_seconds);
  add("process_open_fds", MetricType::Gauge, "Number of open file descriptors.", stats.open_fds);
  add("process_max_fds", MetricType::Gauge, "Maximum number of open file descriptors.",
      stats.max_fds);
  add("process_virtual_memory_bytes", MetricType::Gauge, "Virtual memory size in bytes.",
      stats.virtual_bytes);
  add("process_resident_memory_bytes", MetricType::Gauge, "Resident memory size in bytes.",
      stats.resident_bytes);
  add("process_start_time_seconds", MetricType::Gauge,
      "Start time of the process since unix epoch in seconds.", stats.start_time_seconds);
  MetricFamily& build = families.emplace_back(
      MakeFamily("sluice_build_info", MetricType::Gauge, "Always 1; the label names the version."));
  AddGauge(build, {{"version", version}}, 1);
}

}  // namespace sluice
