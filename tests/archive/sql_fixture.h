// An SQL database for a test of what is the same in all of them: a file of SQLite's, or a server
// whose own settings are what we must not rely on.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "sluice/sql/database.h"
#include "support/mariadb_server.h"
#include "support/postgres_server.h"
#include "support/sql_query.h"
#include "support/temp_dir.h"

namespace sluice {

// A stream's name is a table's; this one is of a Redis cluster, and has SOCI see parameters.
inline constexpr char kVitalsTable[] = "vitals:{0}";

inline Table VitalsTable() {
  return {.name = kVitalsTable,
          .columns = {{"device_id", ColumnType::kText, true, 128},
                      {"timestamp", ColumnType::kInt64, true},
                      {"heart_rate", ColumnType::kDouble},
                      {"note", ColumnType::kText, false, 4'096}},
          .key_column = 0,
          .time_column = 1};
}

inline Row VitalsRow(int n,
                     std::vector<std::optional<std::string>> after_time = {"72.5", std::nullopt}) {
  Row row{"17000000" + std::to_string(10'000 + n) + "-0", {"device-1", std::to_string(n)}};
  row.values.insert(row.values.end(), after_time.begin(), after_time.end());
  return row;
}

inline std::vector<Row> VitalsRows(int count) {
  std::vector<Row> rows;
  for (int n = 0; n < count; ++n) rows.push_back(VitalsRow(n));
  return rows;
}

class SqlTest : public testing::TestWithParam<DatabaseKind> {
 protected:
  using Rows = std::vector<std::vector<std::string>>;

  SqlTest() { Start(); }

  void Start() {
    if (GetParam() == DatabaseKind::kPostgresql) {
      postgres_.Start({"timezone=Asia/Tokyo", "synchronous_commit=off"});
    } else if (GetParam() == DatabaseKind::kMariadb) {
      mariadb_.Start(
          {"--sql-mode=", "--character-set-server=latin1", "--default-time-zone=+09:00"});
    }
  }
  // Of a server: SQLite has none.
  void Kill() {
    if (GetParam() == DatabaseKind::kPostgresql) postgres_.Kill();
    if (GetParam() == DatabaseKind::kMariadb) mariadb_.Kill();
  }

  std::string url() const {
    if (GetParam() == DatabaseKind::kPostgresql) return postgres_.url();
    if (GetParam() == DatabaseKind::kMariadb) return mariadb_.url();
    return "sqlite://" + dir_.File("archive.db");
  }

  std::unique_ptr<Database> Connect() const {
    auto database = Database::Open(DatabaseUrl::Parse(url()).value(), 10'000);
    if (!database.ok()) throw std::runtime_error(database.error());
    return std::move(database.value());
  }
  std::unique_ptr<Database> ConnectAndUse(const Table& table) const {
    auto database = Connect();
    const Status used = database->Use(table);
    if (!used.ok()) throw std::runtime_error(used.error());
    return database;
  }

  // What came of one call, as text.
  static std::string Inserted(Database& database, const std::vector<Row>& rows) {
    const Insertion insertion = database.Insert(rows);
    if (insertion.outcome == Insertion::Outcome::kDone) return "done";
    EXPECT_EQ(insertion.reason.find('\n'), std::string::npos) << insertion.reason;
    EXPECT_FALSE(insertion.reason.empty());
    const bool is_refused = insertion.outcome == Insertion::Outcome::kRefused;
    return (is_refused ? "refused: " : "failed: ") + insertion.reason;
  }

  Rows Query(const std::string& text) const { return SqlQuery(url(), text); }
  size_t CountRows(const std::string& table) const {
    return std::stoul(Query("SELECT COUNT(*) FROM " + Name(table)).at(0).at(0));
  }
  // One of three, for what the databases do not share.
  std::string Own(const std::string& sqlite, const std::string& postgresql,
                  const std::string& mariadb) const {
    if (GetParam() == DatabaseKind::kPostgresql) return postgresql;
    return GetParam() == DatabaseKind::kMariadb ? mariadb : sqlite;
  }
  // A table's or column's, between the comments that keep SOCI from seeing a parameter in it.
  std::string Name(const std::string& name) const {
    const char quote = Own("\"", "\"", "`")[0];
    std::string quoted(1, quote);
    for (const char c : name) quoted.append(c == quote ? 2 : 1, c);
    quoted += quote;
    return Own(quoted, quoted, "/*'*/" + quoted + "/*'*/");
  }
  std::string AsText(const std::string& column) const {
    return "CAST(" + Name(column) + Own(" AS TEXT)", " AS TEXT)", " AS CHAR)");
  }

 private:
  TempDir dir_;
  PostgresServer postgres_;
  MariadbServer mariadb_;
};

}  // namespace sluice
