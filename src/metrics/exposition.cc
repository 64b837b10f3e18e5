#include "sluice/metrics/exposition.h"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "metrics/access_families.h"
#include "metrics/family.h"
#include "metrics/lane_families.h"
#include "metrics/process_families.h"
#include "sluice/base/check.h"

namespace sluice {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr const char* kNoRoute = "none";

class WorkersCollectable final : public prometheus::Collectable {
 public:
  explicit WorkersCollectable(const ExpositionInput& input) : input_(input) {}

  std::vector<MetricFamily> Collect() const override {
    std::vector<MetricFamily> families;
    AddRequests(families);
    AddRecords(families);
    AddAlerts(families);
    AddLanes(input_.workers, families);
    AddLoad(families);
    AddAccess(input_.workers, families);
    AddTls(families);
    AddProcess(input_.version, families);
    return families;
  }

 private:
  // `pick` maps one worker's stats to the number wanted of it.
  template <typename Pick>
  uint64_t Sum(Pick pick) const {
    uint64_t sum = 0;
    for (const WorkerStats* worker : input_.workers) sum += pick(*worker);
    return sum;
  }

  // `pick` maps one worker's stats to its histogram.
  template <typename Pick>
  std::vector<const Histogram*> Histograms(Pick pick) const {
    std::vector<const Histogram*> histograms;
    for (const WorkerStats* worker : input_.workers) histograms.push_back(&pick(*worker));
    return histograms;
  }

  const std::string& RouteName(size_t route) const { return input_.routes[route].name; }
  size_t route_count() const { return input_.routes.size(); }

  void AddRequests(std::vector<MetricFamily>& families) const {
    MetricFamily requests = MakeFamily("sluice_http_requests_total", MetricType::Counter,
                                       "Answers on the data port, by route and status code.");
    MetricFamily seconds =
        MakeFamily("sluice_request_seconds", MetricType::Histogram,
                   "Seconds from a request's head read to its answer handed to the socket.");
    for (size_t route = 0; route <= route_count(); ++route) {
      const bool known = route < route_count();
      const std::string name = known ? RouteName(route) : kNoRoute;
      for (size_t code = 0; code < RouteStats::kCodes; ++code) {
        const uint64_t count = Sum(
            [&](const WorkerStats& worker) { return worker.routes[route].requests[code].value(); });
        // A rate needs a series that starts at 0; the other codes begin when they occur.
        if (count == 0 && !(known && code == 200)) continue;
        AddCounter(requests, {{"route", name}, {"code", std::to_string(code)}}, count);
      }
      AddHistogram(seconds, {{"route", name}}, kNsPerSecond,
                   Histograms([&](const WorkerStats& worker) -> auto& {
                     return worker.routes[route].request_ns;
                   }));
    }
    families.push_back(std::move(requests));
    families.push_back(std::move(seconds));
  }

  void AddRecords(std::vector<MetricFamily>& families) const {
    MetricFamily settled = MakeFamily("sluice_records_total", MetricType::Counter,
                                      "Settled records, by route and outcome.");
    MetricFamily accepted = MakeFamily(
        "sluice_records_accepted_total", MetricType::Counter,
        "Records taken, settled or not; in the end stored, refused and unknown add up to it.");
    MetricFamily repeated =
        MakeFamily("sluice_records_repeated_total", MetricType::Counter,
                   "Records settled as stored that had been stored before, and were not again.");
    struct OutcomeCounter {
      const char* outcome;
      Counter RouteStats::*counter;
    };
    constexpr OutcomeCounter kOutcomes[] = {{"stored", &RouteStats::records_stored},
                                            {"refused", &RouteStats::records_refused},
                                            {"unknown", &RouteStats::records_unknown}};
    for (size_t route = 0; route < route_count(); ++route) {
      const auto sum = [&](Counter RouteStats::*counter) {
        return Sum(
            [&](const WorkerStats& worker) { return (worker.routes[route].*counter).value(); });
      };
      for (const OutcomeCounter& one : kOutcomes) {
        AddCounter(settled, {{"route", RouteName(route)}, {"outcome", one.outcome}},
                   sum(one.counter));
      }
      AddCounter(accepted, {{"route", RouteName(route)}}, sum(&RouteStats::records_accepted));
      AddCounter(repeated, {{"route", RouteName(route)}}, sum(&RouteStats::records_repeated));
    }
    families.push_back(std::move(settled));
    families.push_back(std::move(accepted));
    families.push_back(std::move(repeated));
  }

  void AddAlerts(std::vector<MetricFamily>& families) const {
    MetricFamily raised = MakeFamily("sluice_alerts_total", MetricType::Counter,
                                     "Alerts raised by records that were taken, by rule.");
    for (size_t route = 0; route < route_count(); ++route) {
      const std::vector<std::string>& rules = input_.routes[route].alert_rules;
      for (size_t rule = 0; rule < rules.size(); ++rule) {
        AddCounter(raised, {{"route", RouteName(route)}, {"rule", rules[rule]}},
                   Sum([&](const WorkerStats& worker) {
                     return worker.routes[route].alerts[rule].value();
                   }));
      }
    }
    MetricFamily settled = MakeFamily("sluice_alerts_settled_total", MetricType::Counter,
                                      "Alerts settled by the urgent lane, by outcome.");
    const auto add = [&](const char* outcome, Counter AlertStats::*counter) {
      AddCounter(settled, {{"outcome", outcome}},
                 Sum([&](const WorkerStats& worker) { return (worker.alerts.*counter).value(); }));
    };
    add("stored", &AlertStats::stored);
    add("refused", &AlertStats::refused);
    add("unknown", &AlertStats::unknown);
    MetricFamily seconds =
        MakeFamily("sluice_alert_seconds", MetricType::Histogram,
                   "Seconds from a request read to Redis's confirmation of its alert.");
    AddHistogram(seconds, {}, kNsPerSecond, Histograms([](const WorkerStats& worker) -> auto& {
                   return worker.alerts.confirm_ns;
                 }));
    families.push_back(std::move(raised));
    families.push_back(std::move(settled));
    families.push_back(std::move(seconds));
  }

  void AddLoad(std::vector<MetricFamily>& families) const {
    const auto sum = [&](Gauge WorkerStats::*gauge) {
      return static_cast<double>(Sum([&](const WorkerStats& w) { return (w.*gauge).value(); }));
    };
    MetricFamily inflight = MakeFamily("sluice_inflight_bytes", MetricType::Gauge,
                                       "Bytes of records taken and not yet settled.");
    AddGauge(inflight, {}, sum(&WorkerStats::inflight_bytes));
    MetricFamily connections =
        MakeFamily("sluice_connections", MetricType::Gauge, "Device connections open.");
    AddGauge(connections, {}, sum(&WorkerStats::connections));
    MetricFamily shed = MakeFamily("sluice_shed_total", MetricType::Counter,
                                   "Requests or connections refused because of load, by reason.");
    const auto add_shed = [&](const char* reason, ShedReason which) {
      AddCounter(shed, {{"reason", reason}}, Sum([&](const WorkerStats& w) {
                   return w.shed[static_cast<size_t>(which)].value();
                 }));
    };
    static_assert(kShedReasons == 3, "every reason has its line below");
    add_shed("memory", ShedReason::kMemory);
    add_shed("connections", ShedReason::kConnections);
    add_shed("address_connections", ShedReason::kAddressConnections);
    families.push_back(std::move(inflight));
    families.push_back(std::move(connections));
    families.push_back(std::move(shed));
  }

  void AddTls(std::vector<MetricFamily>& families) const {
    MetricFamily handshakes =
        MakeFamily("sluice_tls_handshakes_total", MetricType::Counter,
                   "TLS handshakes of devices: in full, of an earlier session, or failed.");
    const auto add = [&](const char* result, Counter TlsStats::*counter) {
      AddCounter(handshakes, {{"result", result}},
                 Sum([&](const WorkerStats& worker) { return (worker.tls.*counter).value(); }));
    };
    add("ok", &TlsStats::ok);
    add("resumed", &TlsStats::resumed);
    add("failed", &TlsStats::failed);
    families.push_back(std::move(handshakes));
    if (input_.tls_expires_at == nullptr) return;
    MetricFamily expiry =
        MakeFamily("sluice_tls_certificate_expiry_timestamp_seconds", MetricType::Gauge,
                   "When the certificate in use expires, in seconds since unix epoch.");
    AddGauge(expiry, {}, static_cast<double>(input_.tls_expires_at->value()));
    families.push_back(std::move(expiry));
  }

  const ExpositionInput& input_;
};

}  // namespace

Exposition::Exposition(ExpositionInput input) : input_(std::move(input)) {
  SLUICE_CHECK(!input_.workers.empty());
  for (const WorkerStats* worker : input_.workers) {
    SLUICE_CHECK(worker->routes.size() == input_.routes.size() + 1);
  }
}

std::string Exposition::Render() const {
  return prometheus::TextSerializer().Serialize(WorkersCollectable(input_).Collect());
}

}  // namespace sluice
