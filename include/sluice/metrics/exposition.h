// Exposition: every worker's plain counters as one page in Prometheus' text format (version 0.0.4),
// summed over the workers at the moment it is asked for. Base units, bounded labels, never a device
// id. It only reads, so any thread may call Render while the workers count; a page is therefore not
// one instant, but each counter on it is exact and never falls, and a histogram agrees with itself.
//
// The names it serves are a contract with dashboards and alert rules (README, "Running it").
#pragma once

#include <string>
#include <vector>

#include "sluice/base/worker_stats.h"
#include "sluice/metrics/metrics_page.h"

namespace sluice {

struct ExposedRoute {
  std::string name;
  std::vector<std::string> alert_rules;  // in order
};

struct ExpositionInput {
  std::vector<const WorkerStats*> workers;  // at least one; they outlive the Exposition
  std::vector<ExposedRoute> routes;         // by route index, as every worker counts them
  std::string version;
  // Seconds since the Unix epoch; null: the data port has no certificate. Outlives the Exposition.
  const Gauge* tls_expires_at = nullptr;
};

class Exposition final : public MetricsPage {
 public:
  explicit Exposition(ExpositionInput input);
  Exposition(const Exposition&) = delete;
  Exposition& operator=(const Exposition&) = delete;

  std::string Render() const override;

 private:
  ExpositionInput input_;
};

}  // namespace sluice
