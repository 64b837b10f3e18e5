// The tables that Use makes and takes, in each of the databases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "archive/sql_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;

class SqlTableTest : public SqlTest {};

INSTANTIATE_TEST_SUITE_P(Sqlite, SqlTableTest, testing::Values(DatabaseKind::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgresql, SqlTableTest, testing::Values(DatabaseKind::kPostgresql));
INSTANTIATE_TEST_SUITE_P(Mariadb, SqlTableTest, testing::Values(DatabaseKind::kMariadb));

TEST_P(SqlTableTest, MakesATypedTableAndAnIndexOverKeyAndTime) {
  ConnectAndUse({.name = "all",
                 .columns = {{"at", ColumnType::kTimestamp, true},
                             {"who", ColumnType::kText, true, 100},
                             {"small", ColumnType::kInt32},
                             {"large", ColumnType::kInt64},
                             {"real", ColumnType::kDouble},
                             {"yes", ColumnType::kBool},
                             {"short_text", ColumnType::kText, false, 20},
                             {"long_text", ColumnType::kText, false, 1'024}},
                 .key_column = 1,
                 .time_column = 0});
  const Rows columns =
      Query(Own("SELECT name || ' ' || type || ' ' || \"notnull\" FROM pragma_table_info('all')",
                "SELECT column_name || ' ' || data_type || ' ' || is_nullable FROM "
                "information_schema.columns WHERE table_name = 'all' ORDER BY ordinal_position",
                "SELECT CONCAT(column_name, ' ', column_type, ' ', is_nullable, ' ', "
                "COALESCE(collation_name, '')) FROM information_schema.columns WHERE "
                "table_name = 'all' ORDER BY ordinal_position"));
  std::vector<std::string> shown;
  for (const auto& column : columns) shown.push_back(column[0]);
  const std::vector<std::string> in_sqlite = {
      "entry_id TEXT 1", "at TEXT 1",     "who TEXT 1",        "small INTEGER 0", "large INTEGER 0",
      "real REAL 0",     "yes INTEGER 0", "short_text TEXT 0", "long_text TEXT 0"};
  const std::vector<std::string> in_postgresql = {"entry_id character varying NO",
                                                  "at timestamp with time zone NO",
                                                  "who text NO",
                                                  "small integer YES",
                                                  "large bigint YES",
                                                  "real double precision YES",
                                                  "yes boolean YES",
                                                  "short_text text YES",
                                                  "long_text text YES"};
  const std::vector<std::string> in_mariadb = {"entry_id varchar(64) NO ascii_bin",
                                               "at datetime(6) NO ",
                                               "who varchar(100) NO utf8mb4_bin",
                                               "small int(11) YES ",
                                               "large bigint(20) YES ",
                                               "real double YES ",
                                               "yes tinyint(1) YES ",
                                               "short_text varchar(64) YES utf8mb4_bin",
                                               "long_text longtext YES utf8mb4_bin"};
  const auto& expected = GetParam() == DatabaseKind::kSqlite       ? in_sqlite
                         : GetParam() == DatabaseKind::kPostgresql ? in_postgresql
                                                                   : in_mariadb;
  EXPECT_THAT(shown, ElementsAreArray(expected));

  const Rows indexed =
      Query(Own("SELECT group_concat(name) FROM pragma_index_info('all_by_key_and_time')",
                "SELECT substr(indexdef, strpos(indexdef, '(')) FROM pg_indexes WHERE "
                "tablename = 'all' AND indexdef NOT LIKE '%UNIQUE%'",
                "SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM "
                "information_schema.statistics WHERE table_name = 'all' AND non_unique = 1"));
  ASSERT_EQ(indexed.size(), 1u);
  EXPECT_EQ(indexed[0][0], Own("who,at", "(who, at)", "who,at"));
}

TEST_P(SqlTableTest, TakesATableThatIsThereAndSaysWhichColumnItLacks) {
  Table table = VitalsTable();
  ConnectAndUse(table);
  ConnectAndUse(table);
  // Twice the fields of any schema, of the lengths that InnoDB finds it hardest to have in a row.
  for (int i = 0; i < 60; ++i) {
    table.columns.push_back(
        {"f" + std::to_string(i), ColumnType::kText, false, i < 40 ? 62u : 255u});
  }
  table.name = "wide";
  table.key_column = 3;
  ConnectAndUse(table);

  table.columns.push_back({"oxygen", ColumnType::kDouble});
  const Status lacking = Connect()->Use(table);
  ASSERT_FALSE(lacking.ok());
  const std::string remedy = "ALTER TABLE " + Own("\"wide\"", "\"wide\"", "`wide`") +
                             " ADD COLUMN " + Own("\"oxygen\"", "\"oxygen\"", "`oxygen`") +
                             Own(" REAL", " DOUBLE PRECISION", " DOUBLE PRECISION");
  EXPECT_EQ(lacking.error(), "table \"wide\" has no column \"oxygen\", try: " + remedy);
  SqlRun(url(), remedy);
  ConnectAndUse(table);

  // Names at the bound are whole in the database, and none is cut.
  const size_t bytes_max = GetParam() == DatabaseKind::kPostgresql ? 63 : 64;
  table.name = std::string(bytes_max - 1, 'n') + "1";
  ConnectAndUse(table);
  EXPECT_EQ(CountRows(table.name), 0u);
  table.name = std::string(bytes_max, 'n') + "2";
  EXPECT_EQ(Connect()->Use(table).ok(), GetParam() == DatabaseKind::kSqlite);

  table = VitalsTable();
  table.name = "\u00fc:v\"`\\:=?$1;--/*";
  EXPECT_EQ(Inserted(*ConnectAndUse(table), VitalsRows(3)), "done");
  EXPECT_EQ(CountRows(table.name), 3u);

  SqlRun(url(), "CREATE TABLE keyless (entry_id VARCHAR(64), k VARCHAR(10))");
  auto database = Connect();
  const Table keyless{.name = "keyless", .columns = {{"k"}}};
  if (database->Use(keyless).ok()) {
    EXPECT_THAT(Inserted(*database, {{"1-0", {"v"}}}), HasSubstr("failed: "));
  }
  EXPECT_EQ(CountRows("keyless"), 0u);
}

TEST_P(SqlTableTest, ManyMayMakeTheSameTableAtOnce) {
  constexpr int kArchives = 4;
  for (int round = 0; round < 5; ++round) {
    Table table = VitalsTable();
    table.name = "round " + std::to_string(round);
    std::vector<std::unique_ptr<Database>> databases;
    for (int i = 0; i < kArchives; ++i) databases.push_back(Connect());
    std::vector<std::string> outcomes(kArchives);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kArchives; ++i) {
      threads.emplace_back([&, i] {
        const Status used = databases[i]->Use(table);
        outcomes[i] = used.ok() ? Inserted(*databases[i], VitalsRows(50)) : used.error();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(outcomes, testing::Each("done"));
    EXPECT_EQ(CountRows(table.name), 50u);
  }
}

}  // namespace
}  // namespace sluice
