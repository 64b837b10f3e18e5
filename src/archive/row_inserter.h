// Inserts rows in transactions of at most so many; those that the database refuses are found by
// halving, each half a transaction of its own, so that they cost their neighbours nothing. Rows
// that are there already change nothing, so after a failure half way all of it may begin anew.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "sluice/base/archive_stats.h"
#include "sluice/base/clock.h"
#include "sluice/sql/database.h"
#include "sluice/sql/table.h"

namespace sluice {

struct RefusedRow {
  size_t place;  // among the rows given
  std::string reason;
};

// kDone, with what was refused appended to `refused`; or kFailed.
Insertion InsertRows(Database& database, std::span<const Row> rows, size_t rows_max,
                     const Clock& clock, ArchiveStats& stats, std::vector<RefusedRow>& refused);

}  // namespace sluice
