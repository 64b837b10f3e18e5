#include "archive/row_inserter.h"

#include <algorithm>
#include <utility>

namespace sluice {
namespace {

struct Inserter {
  Insertion Insert(size_t first, size_t count) {
    const uint64_t begin_ns = clock.MonotonicNs();
    Insertion insertion = database.Insert(rows.subspan(first, count));
    stats.statement_ns.Observe(clock.MonotonicNs() - begin_ns);
    if (insertion.outcome != Insertion::Outcome::kRefused) return insertion;
    if (count == 1) {
      refused.push_back({first, std::move(insertion.reason)});
      return {};
    }
    Insertion half = Insert(first, count / 2);
    if (half.outcome == Insertion::Outcome::kFailed) return half;
    return Insert(first + count / 2, count - count / 2);
  }

  Database& database;
  std::span<const Row> rows;
  const Clock& clock;
  ArchiveStats& stats;
  std::vector<RefusedRow>& refused;
};

}  // namespace

Insertion InsertRows(Database& database, std::span<const Row> rows, size_t rows_max,
                     const Clock& clock, ArchiveStats& stats, std::vector<RefusedRow>& refused) {
  Inserter inserter{database, rows, clock, stats, refused};
  for (size_t first = 0; first < rows.size(); first += rows_max) {
    const Insertion part = inserter.Insert(first, std::min(rows_max, rows.size() - first));
    if (part.outcome == Insertion::Outcome::kFailed) return part;
  }
  return {};
}

}  // namespace sluice
