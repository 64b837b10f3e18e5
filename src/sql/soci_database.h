// Database over a session of SOCI. Its exceptions end here: the constructor alone throws.
#pragma once

#include <soci/soci.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "sluice/sql/database.h"
#include "sql/dialect.h"
#include "sql/insert_statement.h"

namespace sluice {

class SociDatabase : public Database {
 public:
  SociDatabase(const DatabaseUrl& url, uint64_t connect_ms);

  Status Use(const Table& table) override;
  Insertion Insert(std::span<const Row> rows) override;

 private:
  // Runs each text, in a transaction; what went wrong, if anything.
  std::optional<std::string> Run(std::span<const std::string> texts);
  std::optional<std::string> RunProbe(const Table& table, std::span<const Column> columns);
  Status ExplainProbe(const Table& table, const std::string& why_not_made);
  std::optional<std::string> LacksPrimaryKey(const Table& table);
  // Why a row cannot be sent as it is.
  std::optional<std::string> Unsendable(const Row& row) const;
  size_t RowsThatFit(std::span<const Row> rows) const;
  InsertStatement& StatementFor(size_t row_count);
  void AbandonTransaction();

  Dialect dialect_;
  soci::session session_;
  Table table_;
  size_t statement_rows_max_ = 1;
  size_t statement_bytes_max_;
  // One for as many rows as fit, and one for the rest of the last Insert: most are of one size.
  std::unique_ptr<InsertStatement> full_;
  std::unique_ptr<InsertStatement> rest_;
};

}  // namespace sluice
