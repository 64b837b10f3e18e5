// ArchiveExposition: what every stream's archiver counts as one page in Prometheus' text format, at
// the moment it is asked for: a series a stream. It only reads (see exposition.h). Base units;
// labels are streams and stores, never what is in an entry.
//
// The names it serves are a contract with dashboards and alert rules (README, "The archive").
#pragma once

#include <string>
#include <vector>

#include "sluice/base/archive_stats.h"
#include "sluice/base/clock.h"
#include "sluice/metrics/metrics_page.h"

namespace sluice {

class ArchiveExposition final : public MetricsPage {
 public:
  // At least one stream's; they and the clock outlive it.
  ArchiveExposition(std::vector<const ArchiveStats*> streams, std::string version,
                    const Clock& clock);
  ArchiveExposition(const ArchiveExposition&) = delete;
  ArchiveExposition& operator=(const ArchiveExposition&) = delete;

  std::string Render() const override;

 private:
  const std::vector<const ArchiveStats*> streams_;
  const std::string version_;
  const Clock& clock_;
};

}  // namespace sluice
