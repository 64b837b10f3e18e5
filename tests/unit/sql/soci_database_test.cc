// What is SQLite's own, in a file; what all databases have in common is in
// integration/sql_database_test.cc.
#include "sql/soci_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>
#include <string>
#include <vector>

#include "support/sql_query.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;

using Outcome = Insertion::Outcome;

const Table kTable{.name = "t",
                   .columns = {{"k", ColumnType::kText, true},
                               {"whole", ColumnType::kInt64},
                               {"real", ColumnType::kDouble}}};

class SociDatabaseTest : public testing::Test {
 protected:
  std::string url() const { return "sqlite://" + path(); }
  std::string path() const { return dir_.File("a=b c.db"); }

  Result<std::unique_ptr<Database>> Open(const std::string& url, uint64_t lock_ms = 5'000) const {
    return Database::Open(DatabaseUrl::Parse(url).value(), lock_ms);
  }
  std::unique_ptr<Database> OpenAndUse(uint64_t lock_ms = 5'000) const {
    auto database = Open(url(), lock_ms);
    EXPECT_TRUE(database.ok()) << database.error();
    const Status used = database.value()->Use(kTable);
    EXPECT_TRUE(used.ok()) << used.error();
    return std::move(database.value());
  }
  static Insertion InsertOne(Database& database, const Row& row) {
    return database.Insert({&row, 1});
  }

  TempDir dir_;
};

TEST_F(SociDatabaseTest, AFileIsMadeWithAJournalThatReadersDoNotBlock) {
  const auto database = OpenAndUse();
  EXPECT_EQ(InsertOne(*database, {"1-0", {"k", "1", "2.5"}}).outcome, Outcome::kDone);
  EXPECT_EQ(SqlQuery(url(), "PRAGMA journal_mode").at(0).at(0), "wal");
  soci::session reader(*soci::factory_sqlite3(), DatabaseUrl::Parse(url()).value().connect);
  int rows = 0;
  reader << "BEGIN";
  reader << "SELECT COUNT(*) FROM t", soci::into(rows);
  EXPECT_EQ(rows, 1);
  EXPECT_EQ(InsertOne(*database, {"2-0", {"k", "1", "2.5"}}).outcome, Outcome::kDone);
}

TEST_F(SociDatabaseTest, AFileThatCannotBeMadeIsToldByItsPath) {
  const auto database = Open("sqlite://" + dir_.File("none/a.db"));
  ASSERT_FALSE(database.ok());
  EXPECT_EQ(database.error().find("cannot open SQLite at " + dir_.File("none/a.db") + ": "), 0u)
      << database.error();
  dir_.Write("text.db", std::string(4'096, 'x'));
  EXPECT_THAT(Open("sqlite://" + dir_.File("text.db")).error(), HasSubstr("not a database"));
}

TEST_F(SociDatabaseTest, ALockOfAnotherProgramIsAFailureAndItsEndIsSeen) {
  const auto database = OpenAndUse(20);
  soci::session other(*soci::factory_sqlite3(), DatabaseUrl::Parse(url()).value().connect);
  other << "BEGIN IMMEDIATE";
  const Insertion locked = InsertOne(*database, {"1-0", {"k", "1", "2.5"}});
  EXPECT_EQ(locked.outcome, Outcome::kFailed);
  EXPECT_THAT(locked.reason, HasSubstr("locked"));
  other << "COMMIT";
  EXPECT_EQ(InsertOne(*database, {"1-0", {"k", "1", "2.5"}}).outcome, Outcome::kDone);
}

TEST_F(SociDatabaseTest, AValueOfAnotherTypeIsRefusedAndNotStoredAsItIs) {
  const auto database = OpenAndUse();
  for (const char* const real : {"", "x", "1x", "nan", "inf", "1e999", " 1"}) {
    EXPECT_EQ(InsertOne(*database, {"1-0", {"k", "1", real}}).outcome, Outcome::kRefused) << real;
  }
  for (const char* const whole : {"", "x", "1.5", "9223372036854775808"}) {
    EXPECT_EQ(InsertOne(*database, {"1-0", {"k", whole, "1"}}).outcome, Outcome::kRefused) << whole;
  }
  EXPECT_EQ(SqlQuery(url(), "SELECT COUNT(*) FROM t").at(0).at(0), "0");
}

TEST_F(SociDatabaseTest, NothingIsInsertedByHalves) {
  SqlRun(url(),
         "CREATE TABLE t (entry_id TEXT PRIMARY KEY, k TEXT, whole INT, real REAL CHECK "
         "(real < 10))");
  const auto database = OpenAndUse();
  std::vector<Row> rows;
  for (int i = 0; i < 10'000; ++i) rows.push_back({std::to_string(i), {"k", "1", "9"}});
  rows.back().values[2] = "10";
  EXPECT_EQ(database->Insert(rows).outcome, Outcome::kRefused);
  EXPECT_EQ(SqlQuery(url(), "SELECT COUNT(*) FROM t").at(0).at(0), "0");
  rows.pop_back();
  EXPECT_EQ(database->Insert(rows).outcome, Outcome::kDone);
  EXPECT_EQ(SqlQuery(url(), "SELECT COUNT(*) FROM t").at(0).at(0), "9999");
}

}  // namespace
}  // namespace sluice
