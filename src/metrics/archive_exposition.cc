#include "sluice/metrics/archive_exposition.h"

#include <prometheus/text_serializer.h>

#include <cstdint>
#include <utility>

#include "metrics/family.h"
#include "metrics/process_families.h"
#include "sluice/base/check.h"

namespace sluice {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;
using Streams = std::vector<const ArchiveStats*>;
using Families = std::vector<MetricFamily>;

Labels Of(const ArchiveStats& stats) { return {{"stream", stats.stream}}; }

Labels Of(const ArchiveStats& stats, const char* store) {
  return {{"stream", stats.stream}, {"store", store}};
}

void AddCounters(const Streams& streams, Families& families) {
  struct CounterFamily {
    const char* name;
    const char* help;
    Counter ArchiveStats::*counter;
  };
  constexpr CounterFamily kCounters[] = {
      {"sluice_archive_rows_total", "Rows in the database whose entries were acknowledged.",
       &ArchiveStats::rows},
      {"sluice_archive_batches_total", "Batches of such rows.", &ArchiveStats::batches},
      {"sluice_archive_dead_letters_total",
       "Rows that the database refused and entries that are no rows, each now a dead letter.",
       &ArchiveStats::dead_letters},
      {"sluice_archive_claimed_entries_total",
       "Entries taken over from an archive that had left them.", &ArchiveStats::claimed_entries},
      {"sluice_archive_missing_entries_total",
       "Entries trimmed from the stream before they were archived.",
       &ArchiveStats::missing_entries},
      {"sluice_archive_trimmed_entries_total",
       "Archived entries that this archive trimmed from the stream.",
       &ArchiveStats::trimmed_entries}};
  for (const CounterFamily& one : kCounters) {
    MetricFamily& family =
        families.emplace_back(MakeFamily(one.name, MetricType::Counter, one.help));
    for (const ArchiveStats* stats : streams) {
      AddCounter(family, Of(*stats), (stats->*one.counter).value());
    }
  }
}

void AddStores(const Streams& streams, uint64_t now_ms, Families& families) {
  MetricFamily retries = MakeFamily("sluice_archive_retries_total", MetricType::Counter,
                                    "Attempts made again since a store was away or unwilling.");
  MetricFamily up = MakeFamily("sluice_archive_up", MetricType::Gauge,
                               "1 while the store answers this stream's archiver, else 0.");
  for (const ArchiveStats* stats : streams) {
    AddCounter(retries, Of(*stats, "redis"), stats->redis_retries.value());
    AddCounter(retries, Of(*stats, "database"), stats->database_retries.value());
    AddGauge(up, Of(*stats, "redis"), static_cast<double>(stats->redis_up.value()));
    AddGauge(up, Of(*stats, "database"), stats->database_answers(now_ms) ? 1 : 0);
  }
  families.push_back(std::move(retries));
  families.push_back(std::move(up));
}

void AddLag(const Streams& streams, uint64_t now_ms, Families& families) {
  MetricFamily entries =
      MakeFamily("sluice_archive_lag_entries", MetricType::Gauge,
                 "Entries of the stream that no archive of the group has acknowledged.");
  MetricFamily seconds =
      MakeFamily("sluice_archive_lag_seconds", MetricType::Gauge, "Age of the oldest of them.");
  MetricFamily pending = MakeFamily("sluice_archive_pending_entries", MetricType::Gauge,
                                    "Of them, those that some archive has in hand.");
  constexpr double kMsInSecond = 1e3;
  for (const ArchiveStats* stats : streams) {
    AddGauge(entries, Of(*stats), static_cast<double>(stats->lag_entries.value()));
    const uint64_t oldest_ms = stats->oldest_at_ms.value();
    const uint64_t age_ms = oldest_ms > 0 && oldest_ms < now_ms ? now_ms - oldest_ms : 0;
    AddGauge(seconds, Of(*stats), static_cast<double>(age_ms) / kMsInSecond);
    AddGauge(pending, Of(*stats), static_cast<double>(stats->pending_entries.value()));
  }
  families.push_back(std::move(entries));
  families.push_back(std::move(seconds));
  families.push_back(std::move(pending));
}

void AddBatches(const Streams& streams, Families& families) {
  MetricFamily rows =
      MakeFamily("sluice_archive_batch_rows", MetricType::Histogram, "Rows of a batch.");
  MetricFamily seconds =
      MakeFamily("sluice_archive_statement_seconds", MetricType::Histogram,
                 "Seconds of a database transaction, of a batch or of a part of one.");
  for (const ArchiveStats* stats : streams) {
    const Histogram* const batch_rows = &stats->batch_rows;
    const Histogram* const statement_ns = &stats->statement_ns;
    AddHistogram(rows, Of(*stats), 1, {&batch_rows, 1});
    AddHistogram(seconds, Of(*stats), kNsPerSecond, {&statement_ns, 1});
  }
  families.push_back(std::move(rows));
  families.push_back(std::move(seconds));
}

}  // namespace

ArchiveExposition::ArchiveExposition(std::vector<const ArchiveStats*> streams, std::string version,
                                     const Clock& clock)
    : streams_(std::move(streams)), version_(std::move(version)), clock_(clock) {
  SLUICE_CHECK(!streams_.empty());
}

std::string ArchiveExposition::Render() const {
  Families families;
  AddCounters(streams_, families);
  const uint64_t now_ms = clock_.WallMs();
  AddStores(streams_, now_ms, families);
  AddLag(streams_, now_ms, families);
  AddBatches(streams_, families);
  AddProcess(version_, families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace sluice
