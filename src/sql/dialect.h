// How each database wants to be spoken to: texts of statements, types, and bounds. Pure functions
// of a table; nothing here talks to a database.
//
// Names are quoted, whatever bytes they have; a name that a database would cut or could not hold is
// an error of CheckNames, and the other functions are for tables that passed it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/sql/database_url.h"
#include "sluice/sql/table.h"

namespace sluice {

class Dialect {
 public:
  explicit Dialect(DatabaseKind kind) : kind_(kind) {}

  DatabaseKind kind() const { return kind_; }

  Status CheckNames(const Table& table) const;

  // After the connection is made, before anything else. SQLite waits for another's lock for
  // `lock_ms`; the servers have settings of their own for that.
  std::vector<std::string> SessionTexts(uint64_t lock_ms) const;
  // The table with its index, to be run in one transaction; each fails if its object is there.
  std::vector<std::string> CreateTexts(const Table& table) const;
  // Has no rows, and fails unless the table is there and has entry_id and each of these.
  std::string ProbeText(const Table& table, std::span<const Column> columns) const;
  // For a person to run.
  std::string AddColumnText(const Table& table, const Column& column) const;
  // `row_count` rows, their values in order as parameters of SOCI's; rows that are there already
  // are left as they are.
  std::string InsertText(const Table& table, size_t row_count) const;

  // Of each column, see InsertStatement.
  std::vector<bool> SentAsDouble(const Table& table) const;
  // Of one statement.
  size_t ParametersMax() const;

 private:
  std::string Quoted(std::string_view name) const;
  std::string QuotedForSoci(std::string_view name) const;
  std::string TypeOf(const Column& column) const;
  std::string Indexed(const Column& column) const;

  DatabaseKind kind_;
};

}  // namespace sluice
