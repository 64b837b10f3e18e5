#include "metrics/lane_families.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "metrics/family.h"

namespace sluice {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;
using Workers = std::vector<const WorkerStats*>;

// `pick` maps one lane's stats to the number wanted of it.
template <typename Pick>
uint64_t Sum(const Workers& workers, Pick pick) {
  uint64_t sum = 0;
  for (const WorkerStats* worker : workers) {
    for (const LaneStats& lane : worker->lanes) sum += pick(lane);
  }
  return sum;
}

// One metric for each kind of lane there is.
void AddHistograms(MetricFamily& family, double unit, const Workers& workers,
                   Histogram LaneStats::*histogram) {
  for (size_t i = 0; i < workers.front()->lanes.size(); ++i) {
    std::vector<const Histogram*> histograms;
    for (const WorkerStats* worker : workers) {
      histograms.push_back(&(worker->lanes[i].*histogram));
    }
    const LaneKind kind = workers.front()->lanes[i].kind;
    AddHistogram(family, {{"lane", std::string(LaneName(kind))}}, unit, histograms);
  }
}

void AddDelivery(const Workers& workers, std::vector<MetricFamily>& families) {
  MetricFamily records = MakeFamily("sluice_batch_records", MetricType::Histogram,
                                    "Records committed by one Redis transaction, by lane; in the "
                                    "urgent one they are alerts.");
  AddHistograms(records, 1, workers, &LaneStats::batch_records);
  MetricFamily commit = MakeFamily("sluice_commit_seconds", MetricType::Histogram,
                                   "Seconds from a batch sent to its EXEC reply read, by lane.");
  AddHistograms(commit, kNsPerSecond, workers, &LaneStats::commit_ns);
  MetricFamily up = MakeFamily("sluice_redis_up", MetricType::Gauge,
                               "1 while every worker's links to Redis can carry batches, else 0.");
  const auto is_up = [](const LaneStats& lane) { return lane.all_redis_up(); };
  AddGauge(up, {}, std::all_of(workers.begin(), workers.end(), [&](const WorkerStats* worker) {
             return std::all_of(worker->lanes.begin(), worker->lanes.end(), is_up);
           }));
  MetricFamily reconnects = MakeFamily("sluice_redis_reconnects_total", MetricType::Counter,
                                       "Links to Redis made again after one was lost.");
  AddCounter(reconnects, {},
             Sum(workers, [](const LaneStats& lane) { return lane.redis_reconnects.value(); }));
  MetricFamily redirects = MakeFamily("sluice_redis_redirects_total", MetricType::Counter,
                                      "Lanes turned away by a node of a cluster, or by one that is "
                                      "no primary any more; by what they were told.");
  constexpr std::array<const char*, kRedirectKinds> kKinds = {"moved", "ask", "wait"};
  for (size_t i = 0; i < kKinds.size(); ++i) {
    AddCounter(redirects, {{"kind", kKinds[i]}},
               Sum(workers, [i](const LaneStats& lane) { return lane.redirects[i].value(); }));
  }
  MetricFamily maps = MakeFamily("sluice_redis_node_maps_total", MetricType::Counter,
                                 "How often workers learned where a cluster's slots, or the "
                                 "sentinels' primary, are.");
  AddCounter(maps, {}, Sum(workers, [](const LaneStats& lane) { return lane.node_maps.value(); }));
  for (MetricFamily* family : {&records, &commit, &up, &reconnects, &redirects, &maps}) {
    families.push_back(std::move(*family));
  }
}

void AddJournal(const Workers& workers, std::vector<MetricFamily>& families) {
  const auto sum = [&workers](auto JournalStats::*part) {
    return Sum(workers, [part](const LaneStats& lane) { return (lane.journal.*part).value(); });
  };
  MetricFamily bytes = MakeFamily("sluice_journal_bytes", MetricType::Gauge,
                                  "Bytes of batches in the journal that Redis does not have yet.");
  AddGauge(bytes, {}, static_cast<double>(sum(&JournalStats::bytes)));
  MetricFamily records = MakeFamily("sluice_journal_records_total", MetricType::Counter,
                                    "Records and alerts of the journal: written to disk, sent from "
                                    "there to Redis, set aside since Redis refused them.");
  AddCounter(records, {{"event", "written"}}, sum(&JournalStats::records_written));
  AddCounter(records, {{"event", "sent"}}, sum(&JournalStats::records_sent));
  AddCounter(records, {{"event", "set_aside"}}, sum(&JournalStats::records_set_aside));
  MetricFamily sync = MakeFamily("sluice_journal_sync_seconds", MetricType::Histogram,
                                 "Seconds of one write of batches to the disk, made durable.");
  std::vector<const Histogram*> syncs;
  for (const WorkerStats* worker : workers) {
    for (const LaneStats& lane : worker->lanes) syncs.push_back(&lane.journal.sync_ns);
  }
  AddHistogram(sync, {}, kNsPerSecond, syncs);
  MetricFamily failures =
      MakeFamily("sluice_journal_failures_total", MetricType::Counter,
                 "Batches and writes that the disk or journal.bytes_max refused.");
  AddCounter(failures, {}, sum(&JournalStats::failures));
  MetricFamily damaged = MakeFamily("sluice_journal_damaged_bytes_total", MetricType::Counter,
                                    "Bytes of the journal found damaged, and kept aside.");
  AddCounter(damaged, {}, sum(&JournalStats::damaged_bytes));
  for (MetricFamily* family : {&bytes, &records, &sync, &failures, &damaged}) {
    families.push_back(std::move(*family));
  }
}

}  // namespace

void AddLanes(const Workers& workers, std::vector<MetricFamily>& families) {
  AddDelivery(workers, families);
  AddJournal(workers, families);
}

}  // namespace sluice
