// What Database promises, of each of the databases: the same test, run against a real one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "integration/sql_fixture.h"
#include "sluice/sql/database.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Not;

using Outcome = Insertion::Outcome;
using Values = std::vector<std::optional<std::string>>;

// A stream's name is a table's; this one is of a Redis cluster, and has SOCI see parameters.
constexpr char kVitals[] = "vitals:{0}";

Table Vitals() {
  return {.name = kVitals,
          .columns = {{"device_id", ColumnType::kText, true, 128},
                      {"timestamp", ColumnType::kInt64, true},
                      {"heart_rate", ColumnType::kDouble},
                      {"note", ColumnType::kText, false, 4'096}},
          .key_column = 0,
          .time_column = 1};
}

Row Reading(int n, Values after_time = {"72.5", std::nullopt}) {
  Row row{"17000000" + std::to_string(10'000 + n) + "-0", {"device-1", std::to_string(n)}};
  row.values.insert(row.values.end(), after_time.begin(), after_time.end());
  return row;
}

std::vector<Row> Readings(int count) {
  std::vector<Row> rows;
  for (int n = 0; n < count; ++n) rows.push_back(Reading(n));
  return rows;
}

class SqlDatabaseTest : public SqlTest {
 protected:
  // What came of one call, as text.
  static std::string Inserted(Database& database, const std::vector<Row>& rows) {
    const Insertion insertion = database.Insert(rows);
    if (insertion.outcome == Outcome::kDone) return "done";
    EXPECT_EQ(insertion.reason.find('\n'), std::string::npos) << insertion.reason;
    EXPECT_FALSE(insertion.reason.empty());
    return (insertion.outcome == Outcome::kRefused ? "refused: " : "failed: ") + insertion.reason;
  }
};

INSTANTIATE_TEST_SUITE_P(Sqlite, SqlDatabaseTest, testing::Values(DatabaseKind::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgresql, SqlDatabaseTest, testing::Values(DatabaseKind::kPostgresql));
INSTANTIATE_TEST_SUITE_P(Mariadb, SqlDatabaseTest, testing::Values(DatabaseKind::kMariadb));

TEST_P(SqlDatabaseTest, MakesATypedTableAndAnIndexOverKeyAndTime) {
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

TEST_P(SqlDatabaseTest, TakesATableThatIsThereAndSaysWhichColumnItLacks) {
  Table table = Vitals();
  ConnectAndUse(table);
  ConnectAndUse(table);
  // Longer than any field: also what makes the largest row that InnoDB must be able to have.
  for (int i = 0; i < 60; ++i) {
    table.columns.push_back(
        {"f" + std::to_string(i), ColumnType::kText, false, i < 30 ? 8u : 255u});
  }
  table.name = "wide";
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

  table = Vitals();
  table.name = "\u00fc:v\"`\\:=?$1;--/*";
  EXPECT_EQ(Inserted(*ConnectAndUse(table), Readings(3)), "done");
  EXPECT_EQ(CountRows(table.name), 3u);

  SqlRun(url(), "CREATE TABLE keyless (entry_id VARCHAR(64), k VARCHAR(10))");
  auto database = Connect();
  const Table keyless{.name = "keyless", .columns = {{"k"}}};
  if (database->Use(keyless).ok()) {
    EXPECT_THAT(Inserted(*database, {{"1-0", {"v"}}}), HasSubstr("failed: "));
  }
  EXPECT_EQ(CountRows("keyless"), 0u);
}

TEST_P(SqlDatabaseTest, ValuesComeBackAsTheyWent) {
  const Table table{.name = "values",
                    .columns = {{"text", ColumnType::kText, false, 100},
                                {"long_text", ColumnType::kText},
                                {"small", ColumnType::kInt32},
                                {"large", ColumnType::kInt64},
                                {"real", ColumnType::kDouble},
                                {"yes", ColumnType::kBool},
                                {"at", ColumnType::kTimestamp}}};
  const auto database = ConnectAndUse(table);
  const std::string nul("a\0b", 3);
  const std::string texts = "quotes ' '' \" ` \\ \\' \\\\ :v :1 ? $1 % _ /* -- ; \r\n\t";
  const std::vector<Row> rows = {
      {"1-0", {"", "", "0", "0", "0", "0", "1970-01-01 00:00:00.000000"}},
      {"2-0", {{}, {}, {}, {}, {}, {}, {}}},
      {"3-0",
       {texts, texts + texts, "2147483647", "9223372036854775807", "1.7976931348623157e+308", "1",
        "2026-01-31 08:00:00.000001"}},
      {"4-0",
       {"\u00e4\u20ac\U0001F600 ", "\U0001F9D1\u200D\u2695", "-2147483648", "-9223372036854775808",
        "2.2250738585072014e-308", "1", "9999-12-31 23:59:59.999999"}},
      {"5-0", {"NULL", "true", "-0", "-1", "-0.1", "0", "2026-07-31 23:30:00.000000"}},
      // SQLite itself would read this double as its neighbour.
      {"6-0", {"", "", "7", "9007199254740993", "27.53367590317586", "0", {}}}};
  EXPECT_EQ(Inserted(*database, rows), "done");

  const Rows read = Query(
      "SELECT entry_id, " + Name("text") + ", long_text, " + AsText("small") + ", " +
      AsText("large") + ", " + Name("real") + ", " + Own("yes", "CAST(yes AS INTEGER)", "yes") +
      ", " +
      Own("at", "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')", "CAST(at AS CHAR)") +
      " FROM " + Name("values") + " ORDER BY entry_id");
  ASSERT_EQ(read.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<std::string> expected = {rows[i].entry_id};
    for (const auto& value : rows[i].values) expected.push_back(value.value_or("NULL"));
    if (i == 4) expected[3] = "0";
    EXPECT_THAT(read[i], ElementsAreArray(expected));
  }

  const std::string of_nul = Inserted(*database, {{"7-0", {nul, {}, {}, {}, {}, {}, {}}}});
  if (GetParam() == DatabaseKind::kPostgresql) {
    EXPECT_EQ(of_nul, "refused: column text holds U+0000, which PostgreSQL does not store");
  } else {
    EXPECT_EQ(of_nul, "done");
    const Rows with_nul = Query("SELECT " + Own("hex(CAST(text AS BLOB))", "", "hex(text)") +
                                " FROM " + Name("values") + " WHERE entry_id = '7-0'");
    EXPECT_EQ(with_nul.at(0).at(0), "610062");
  }
}

TEST_P(SqlDatabaseTest, RowsThatAreThereStayAsTheyAreAndTheOthersComeIn) {
  const auto database = ConnectAndUse(Vitals());
  EXPECT_EQ(Inserted(*database, {}), "done");
  EXPECT_EQ(Inserted(*database, Readings(2'500)), "done");
  EXPECT_EQ(CountRows(kVitals), 2'500u);
  EXPECT_EQ(Inserted(*database, Readings(2'500)), "done");
  EXPECT_EQ(CountRows(kVitals), 2'500u);
  // Twice in one call as well.
  const std::vector<Row> changed = {Reading(0, {"1", "changed"}), Reading(2'500, {"2", "new"}),
                                    Reading(2'500, {"3", "again"})};
  EXPECT_EQ(Inserted(*database, changed), "done");
  EXPECT_EQ(CountRows(kVitals), 2'501u);
  EXPECT_THAT(Query("SELECT heart_rate, note FROM " + Name(kVitals) +
                    " WHERE entry_id IN ('1700000010000-0', '1700000012500-0') ORDER BY entry_id"),
              ElementsAre(ElementsAre("72.5", "NULL"), ElementsAre("2", "new")));
  // More rows than any database has parameters for.
  EXPECT_EQ(Inserted(*database, Readings(14'000)), "done");
  EXPECT_EQ(CountRows(kVitals), 14'000u);
}

TEST_P(SqlDatabaseTest, ARefusedRowKeepsItsCallOutAndTheConnectionGood) {
  const auto database = ConnectAndUse(Vitals());
  // So many that the refused one is in the second statement, the first having been executed.
  std::vector<Row> rows = Readings(14'000);
  rows.back().values[2] = "fast";
  EXPECT_THAT(Inserted(*database, rows), HasSubstr("refused: "));
  EXPECT_EQ(CountRows(kVitals), 0u);

  std::vector<Row> two = {Reading(1, {"60.5", "calm"}), Reading(2, {"61.5", "calm"})};
  EXPECT_EQ(Inserted(*database, two), "done");
  two = {Reading(3, {"62.5", "stale"}), Reading(4, {"63.5", "stale"})};
  two[1].values[0] = std::nullopt;
  const std::string of_null = Inserted(*database, two);
  EXPECT_THAT(of_null, AllOf(HasSubstr("refused: "), HasSubstr("device_id")));
  // Of its own values, and nothing of the statement or the other row.
  EXPECT_THAT(of_null, AllOf(Not(HasSubstr("INSERT")), Not(HasSubstr("62.5"))));
  // The same statement again: of the refused values none may be left.
  two = {Reading(3, {std::nullopt, std::nullopt}), Reading(4, {"64.5", std::nullopt})};
  EXPECT_EQ(Inserted(*database, two), "done");
  EXPECT_THAT(Query("SELECT heart_rate, note FROM " + Name(kVitals) + " ORDER BY entry_id"),
              ElementsAre(ElementsAre("60.5", "calm"), ElementsAre("61.5", "calm"),
                          ElementsAre("NULL", "NULL"), ElementsAre("64.5", "NULL")));

  if (GetParam() == DatabaseKind::kSqlite) return;  // it takes any bytes, of any number
  EXPECT_THAT(Inserted(*database, {Reading(5, {"1", "\xff"})}), HasSubstr("refused: "));
  EXPECT_THAT(Inserted(*database, {Reading(5, {"1e999", {}})}), HasSubstr("refused: "));
  Row late = Reading(5);
  late.values[1] = "9223372036854775808";
  EXPECT_THAT(Inserted(*database, {late}), HasSubstr("refused: "));
  EXPECT_EQ(CountRows(kVitals), 4u);
}

TEST_P(SqlDatabaseTest, WhatTheDatabaseCannotDoNowIsAFailureAndWorksLater) {
  auto database = ConnectAndUse(Vitals());
  EXPECT_EQ(Inserted(*database, Readings(10)), "done");
  Kill();
  if (GetParam() == DatabaseKind::kSqlite) {
    SqlRun(url(), "ALTER TABLE \"vitals:{0}\" RENAME TO away");
  }
  EXPECT_THAT(Inserted(*database, Readings(20)), HasSubstr("failed: "));
  EXPECT_THAT(Inserted(*database, Readings(20)), HasSubstr("failed: "));
  if (GetParam() == DatabaseKind::kSqlite) {
    SqlRun(url(), "ALTER TABLE away RENAME TO \"vitals:{0}\"");
  } else {
    EXPECT_FALSE(database->Use(Vitals()).ok());
    const auto away = Database::Open(DatabaseUrl::Parse(url()).value(), 2'000);
    ASSERT_FALSE(away.ok());
    EXPECT_THAT(away.error(), AllOf(HasSubstr(" at unix:/"), Not(HasSubstr("secret"))));
  }
  Start();
  database = ConnectAndUse(Vitals());
  EXPECT_EQ(Inserted(*database, Readings(20)), "done");
  EXPECT_EQ(CountRows(kVitals), 20u);
}

TEST_P(SqlDatabaseTest, ManyMayMakeTheSameTableAtOnce) {
  constexpr int kArchives = 4;
  for (int round = 0; round < 5; ++round) {
    Table table = Vitals();
    table.name = "round " + std::to_string(round);
    std::vector<std::unique_ptr<Database>> databases;
    for (int i = 0; i < kArchives; ++i) databases.push_back(Connect());
    std::vector<std::string> outcomes(kArchives);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kArchives; ++i) {
      threads.emplace_back([&, i] {
        const Status used = databases[i]->Use(table);
        outcomes[i] = used.ok() ? Inserted(*databases[i], Readings(50)) : used.error();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(outcomes, testing::Each("done"));
    EXPECT_EQ(CountRows(table.name), 50u);
  }
}

}  // namespace
}  // namespace sluice
