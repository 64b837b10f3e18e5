// A multi-row INSERT of a fixed number of rows, prepared once and executed with other rows each
// time. Every value goes as text, whatever its column: each database reads it as it reads a literal
// of the column's type.
//
// Throws what SOCI throws, and is then of no more use: SOCI keeps the values of an execution that
// failed, and would send them again in place of a NULL.
#pragma once

#include <soci/soci.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "sluice/sql/table.h"

namespace sluice {

class InsertStatement {
 public:
  InsertStatement(soci::session& session, const std::string& text, size_t row_count,
                  size_t column_count);
  InsertStatement(const InsertStatement&) = delete;
  InsertStatement& operator=(const InsertStatement&) = delete;

  size_t row_count() const { return row_count_; }
  // As many rows as it is for.
  void Execute(std::span<const Row> rows);

 private:
  size_t row_count_;
  std::vector<std::string> values_;  // of each row its id, then its columns; bound where they lie
  std::vector<soci::indicator> indicators_;
  soci::statement statement_;
};

}  // namespace sluice
