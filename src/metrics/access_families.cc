#include "metrics/access_families.h"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "metrics/family.h"

namespace sluice {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

// One metric for each value of an enum, whose name is the label's, and its counters in order.
template <size_t kCount>
MetricFamily MakeCounters(MetricFamily family, const char* label,
                          const std::array<const char*, kCount>& names,
                          std::array<Counter, kCount> WorkerStats::*counters,
                          const std::vector<const WorkerStats*>& workers) {
  for (size_t i = 0; i < kCount; ++i) {
    uint64_t sum = 0;
    for (const WorkerStats* worker : workers) sum += (worker->*counters)[i].value();
    AddCounter(family, {{label, names[i]}}, sum);
  }
  return family;
}

}  // namespace

void AddAccess(const std::vector<const WorkerStats*>& workers,
               std::vector<MetricFamily>& families) {
  constexpr std::array<const char*, kAuthFailures> kReasons = {"missing", "unknown", "route",
                                                               "key"};
  constexpr std::array<const char*, kRateKinds> kLimits = {"token_records", "token_bytes"};
  families.push_back(
      MakeCounters(MakeFamily("sluice_auth_failures_total", MetricType::Counter,
                              "Requests refused for their credentials, by what they lack."),
                   "reason", kReasons, &WorkerStats::auth_failures, workers));
  families.push_back(MakeCounters(MakeFamily("sluice_rate_limited_total", MetricType::Counter,
                                             "Requests answered 429, by the rate they were over."),
                                  "limit", kLimits, &WorkerStats::rate_limited, workers));
}

}  // namespace sluice
