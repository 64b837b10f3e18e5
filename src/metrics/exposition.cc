#include "sluice/metrics/exposition.h"

#include <prometheus/client_metric.h>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "metrics/process_stats.h"
#include "sluice/base/check.h"

namespace sluice {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr double kNsPerSecond = 1e9;
constexpr const char* kNoRoute = "none";

class WorkersCollectable final : public prometheus::Collectable {
 public:
  explicit WorkersCollectable(const ExpositionInput& input) : input_(input) {}

  std::vector<MetricFamily> Collect() const override {
    std::vector<MetricFamily> families;
    AddRequests(families);
    AddRecords(families);
    AddDelivery(families);
    AddJournal(families);
    AddLoad(families);
    AddProcess(families);
    return families;
  }

 private:
  static MetricFamily Family(const char* name, MetricType type, const char* help) {
    return {name, help, type, {}};
  }

  static void AddCounter(MetricFamily& family, Labels labels, uint64_t value) {
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    metric.counter.value = static_cast<double>(value);
  }

  static void AddGauge(MetricFamily& family, Labels labels, double value) {
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    metric.gauge.value = value;
  }

  // `pick` maps one worker's stats to the number wanted of it.
  template <typename Pick>
  uint64_t Sum(Pick pick) const {
    uint64_t sum = 0;
    for (const WorkerStats* worker : input_.workers) sum += pick(*worker);
    return sum;
  }

  // `pick` maps one worker's stats to its histogram; `unit` is what one of it is in base units.
  template <typename Pick>
  void AddHistogram(MetricFamily& family, Labels labels, double unit, Pick pick) const {
    const std::span<const uint64_t> bounds = pick(*input_.workers.front()).bounds();
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    uint64_t cumulative = 0;
    for (size_t i = 0; i <= bounds.size(); ++i) {
      cumulative += Sum([&](const WorkerStats& worker) { return pick(worker).bucket(i); });
      if (i == bounds.size()) break;  // the serializer writes le="+Inf" from the count
      metric.histogram.bucket.push_back({cumulative, static_cast<double>(bounds[i]) / unit});
    }
    // Made of the buckets as they were read, so that a page read while workers count adds up.
    metric.histogram.sample_count = cumulative;
    const uint64_t sum = Sum([&](const WorkerStats& worker) { return pick(worker).sum(); });
    metric.histogram.sample_sum = static_cast<double>(sum) / unit;
  }

  const std::string& RouteName(size_t route) const { return input_.route_names[route]; }
  size_t route_count() const { return input_.route_names.size(); }

  void AddRequests(std::vector<MetricFamily>& families) const {
    MetricFamily requests = Family("sluice_http_requests_total", MetricType::Counter,
                                   "Answers on the data port, by route and status code.");
    MetricFamily seconds =
        Family("sluice_request_seconds", MetricType::Histogram,
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
      AddHistogram(
          seconds, {{"route", name}}, kNsPerSecond, [&](const WorkerStats& worker) -> auto& {
            return worker.routes[route].request_ns;
          });
    }
    families.push_back(std::move(requests));
    families.push_back(std::move(seconds));
  }

  void AddRecords(std::vector<MetricFamily>& families) const {
    MetricFamily settled = Family("sluice_records_total", MetricType::Counter,
                                  "Settled records, by route and outcome.");
    MetricFamily accepted = Family(
        "sluice_records_accepted_total", MetricType::Counter,
        "Records taken, settled or not; in the end stored, refused and unknown add up to it.");
    MetricFamily repeated =
        Family("sluice_records_repeated_total", MetricType::Counter,
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

  void AddDelivery(std::vector<MetricFamily>& families) const {
    MetricFamily records = Family("sluice_batch_records", MetricType::Histogram,
                                  "Records committed by one Redis transaction.");
    AddHistogram(
        records, {}, 1, [](const WorkerStats& worker) -> auto& { return worker.batch_records; });
    MetricFamily commit = Family("sluice_commit_seconds", MetricType::Histogram,
                                 "Seconds from a batch sent to its EXEC reply read.");
    AddHistogram(
        commit, {}, kNsPerSecond,
        [](const WorkerStats& worker) -> auto& { return worker.commit_ns; });
    MetricFamily up = Family("sluice_redis_up", MetricType::Gauge,
                             "1 while every worker's link to Redis can carry batches, else 0.");
    AddGauge(up, {},
             std::all_of(input_.workers.begin(), input_.workers.end(),
                         [](const WorkerStats* w) { return w->redis_up.value() == 1; }));
    MetricFamily reconnects = Family("sluice_redis_reconnects_total", MetricType::Counter,
                                     "Links to Redis made again after one was lost.");
    AddCounter(reconnects, {},
               Sum([](const WorkerStats& w) { return w.redis_reconnects.value(); }));
    families.push_back(std::move(records));
    families.push_back(std::move(commit));
    families.push_back(std::move(up));
    families.push_back(std::move(reconnects));
  }

  void AddJournal(std::vector<MetricFamily>& families) const {
    const auto sum = [this](auto JournalStats::*part) {
      return Sum([part](const WorkerStats& worker) { return (worker.journal.*part).value(); });
    };
    MetricFamily bytes = Family("sluice_journal_bytes", MetricType::Gauge,
                                "Bytes of batches in the journal that Redis does not have yet.");
    AddGauge(bytes, {}, static_cast<double>(sum(&JournalStats::bytes)));
    MetricFamily records = Family("sluice_journal_records_total", MetricType::Counter,
                                  "Records of the journal: written to disk, sent from there to "
                                  "Redis, set aside since Redis refused them.");
    AddCounter(records, {{"event", "written"}}, sum(&JournalStats::records_written));
    AddCounter(records, {{"event", "sent"}}, sum(&JournalStats::records_sent));
    AddCounter(records, {{"event", "set_aside"}}, sum(&JournalStats::records_set_aside));
    MetricFamily sync = Family("sluice_journal_sync_seconds", MetricType::Histogram,
                               "Seconds of one write of batches to the disk, made durable.");
    AddHistogram(
        sync, {}, kNsPerSecond,
        [](const WorkerStats& worker) -> auto& { return worker.journal.sync_ns; });
    MetricFamily failures =
        Family("sluice_journal_failures_total", MetricType::Counter,
               "Batches and writes that the disk or journal.bytes_max refused.");
    AddCounter(failures, {}, sum(&JournalStats::failures));
    MetricFamily damaged = Family("sluice_journal_damaged_bytes_total", MetricType::Counter,
                                  "Bytes of the journal found damaged, and kept aside.");
    AddCounter(damaged, {}, sum(&JournalStats::damaged_bytes));
    for (MetricFamily* family : {&bytes, &records, &sync, &failures, &damaged}) {
      families.push_back(std::move(*family));
    }
  }

  void AddLoad(std::vector<MetricFamily>& families) const {
    const auto sum = [&](Gauge WorkerStats::*gauge) {
      return static_cast<double>(Sum([&](const WorkerStats& w) { return (w.*gauge).value(); }));
    };
    MetricFamily inflight = Family("sluice_inflight_bytes", MetricType::Gauge,
                                   "Bytes of records taken and not yet settled.");
    AddGauge(inflight, {}, sum(&WorkerStats::inflight_bytes));
    MetricFamily connections =
        Family("sluice_connections", MetricType::Gauge, "Device connections open.");
    AddGauge(connections, {}, sum(&WorkerStats::connections));
    MetricFamily shed = Family("sluice_shed_total", MetricType::Counter,
                               "Requests or connections refused because of load, by reason.");
    const auto add_shed = [&](const char* reason, ShedReason which) {
      AddCounter(shed, {{"reason", reason}}, Sum([&](const WorkerStats& w) {
                   return w.shed[static_cast<size_t>(which)].value();
                 }));
    };
    static_assert(kShedReasons == 2, "every reason has its line below");
    add_shed("memory", ShedReason::kMemory);
    add_shed("connections", ShedReason::kConnections);
    families.push_back(std::move(inflight));
    families.push_back(std::move(connections));
    families.push_back(std::move(shed));
  }

  void AddProcess(std::vector<MetricFamily>& families) const {
    const auto add = [&](const char* name, MetricType type, const char* help,
                         std::optional<double> value) {
      if (!value) return;
      MetricFamily& family = families.emplace_back(Family(name, type, help));
      ClientMetric& metric = family.metric.emplace_back();
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
        Family("sluice_build_info", MetricType::Gauge, "Always 1; the label names the version."));
    AddGauge(build, {{"version", input_.version}}, 1);
  }

  const ExpositionInput& input_;
};

}  // namespace

Exposition::Exposition(ExpositionInput input) : input_(std::move(input)) {
  SLUICE_CHECK(!input_.workers.empty());
  for (const WorkerStats* worker : input_.workers) {
    SLUICE_CHECK(worker->routes.size() == input_.route_names.size() + 1);
  }
}

std::string Exposition::Render() const {
  return prometheus::TextSerializer().Serialize(WorkersCollectable(input_).Collect());
}

}  // namespace sluice
