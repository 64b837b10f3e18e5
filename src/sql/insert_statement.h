// A multi-row INSERT of a fixed number of rows, prepared once and executed with other rows each
// time. A value goes as text, whatever its column, since PostgreSQL and MariaDB read it as they
// read a literal of the column's type. So does SQLite, but 3.40 reads one double of 16 digits in
// some 20,000 as its neighbour (27.53367590317586 is one): `as_double` has them read here.
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
  // `as_double` has a word for each column but entry_id.
  InsertStatement(soci::session& session, const std::string& text, size_t row_count,
                  const std::vector<bool>& as_double);
  InsertStatement(const InsertStatement&) = delete;
  InsertStatement& operator=(const InsertStatement&) = delete;

  size_t row_count() const { return row_count_; }
  // As many rows as it is for.
  void Execute(std::span<const Row> rows);

 private:
  // Of one row: its id, then its columns. SOCI has the addresses.
  struct Value {
    std::string text = {};
    double number = 0;
    soci::indicator indicator = soci::i_ok;
    bool is_double = false;
  };

  static void Set(const std::string& from, Value& value);

  size_t row_count_;
  std::vector<Value> values_;
  soci::statement statement_;
};

}  // namespace sluice
