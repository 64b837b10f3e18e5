// What Database promises, of each of the databases: the same test, run against a real one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "archive/sql_fixture.h"
#include "sluice/sql/database.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Not;

class SqlDatabaseTest : public SqlTest {};

INSTANTIATE_TEST_SUITE_P(Sqlite, SqlDatabaseTest, testing::Values(DatabaseKind::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgresql, SqlDatabaseTest, testing::Values(DatabaseKind::kPostgresql));
INSTANTIATE_TEST_SUITE_P(Mariadb, SqlDatabaseTest, testing::Values(DatabaseKind::kMariadb));

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
  const auto database = ConnectAndUse(VitalsTable());
  EXPECT_EQ(Inserted(*database, {}), "done");
  EXPECT_EQ(Inserted(*database, VitalsRows(2'500)), "done");
  EXPECT_EQ(CountRows(kVitalsTable), 2'500u);
  EXPECT_EQ(Inserted(*database, VitalsRows(2'500)), "done");
  EXPECT_EQ(CountRows(kVitalsTable), 2'500u);
  // Twice in one call as well.
  const std::vector<Row> changed = {VitalsRow(0, {"1", "changed"}), VitalsRow(2'500, {"2", "new"}),
                                    VitalsRow(2'500, {"3", "again"})};
  EXPECT_EQ(Inserted(*database, changed), "done");
  EXPECT_EQ(CountRows(kVitalsTable), 2'501u);
  EXPECT_THAT(Query("SELECT heart_rate, note FROM " + Name(kVitalsTable) +
                    " WHERE entry_id IN ('1700000010000-0', '1700000012500-0') ORDER BY entry_id"),
              ElementsAre(ElementsAre("72.5", "NULL"), ElementsAre("2", "new")));
  // More rows than any database has parameters for.
  EXPECT_EQ(Inserted(*database, VitalsRows(14'000)), "done");
  EXPECT_EQ(CountRows(kVitalsTable), 14'000u);
}

TEST_P(SqlDatabaseTest, ARefusedRowKeepsItsCallOutAndTheConnectionGood) {
  const auto database = ConnectAndUse(VitalsTable());
  // So many that the refused one is in the second statement, the first having been executed.
  std::vector<Row> rows = VitalsRows(14'000);
  rows.back().values[2] = "fast";
  EXPECT_THAT(Inserted(*database, rows), HasSubstr("refused: "));
  EXPECT_EQ(CountRows(kVitalsTable), 0u);

  std::vector<Row> two = {VitalsRow(1, {"60.5", "calm"}), VitalsRow(2, {"61.5", "calm"})};
  EXPECT_EQ(Inserted(*database, two), "done");
  two = {VitalsRow(3, {"62.5", "stale"}), VitalsRow(4, {"63.5", "stale"})};
  two[1].values[0] = std::nullopt;
  const std::string of_null = Inserted(*database, two);
  EXPECT_THAT(of_null, AllOf(HasSubstr("refused: "), HasSubstr("device_id")));
  // Of its own values, and nothing of the statement or the other row.
  EXPECT_THAT(of_null, AllOf(Not(HasSubstr("INSERT")), Not(HasSubstr("62.5"))));
  // The same statement again: of the refused values none may be left.
  two = {VitalsRow(3, {std::nullopt, std::nullopt}), VitalsRow(4, {"64.5", std::nullopt})};
  EXPECT_EQ(Inserted(*database, two), "done");
  EXPECT_THAT(Query("SELECT heart_rate, note FROM " + Name(kVitalsTable) + " ORDER BY entry_id"),
              ElementsAre(ElementsAre("60.5", "calm"), ElementsAre("61.5", "calm"),
                          ElementsAre("NULL", "NULL"), ElementsAre("64.5", "NULL")));

  if (GetParam() == DatabaseKind::kSqlite) return;  // it takes any bytes, of any number
  EXPECT_THAT(Inserted(*database, {VitalsRow(5, {"1", "\xff"})}), HasSubstr("refused: "));
  EXPECT_THAT(Inserted(*database, {VitalsRow(5, {"1e999", {}})}), HasSubstr("refused: "));
  Row late = VitalsRow(5);
  late.values[1] = "9223372036854775808";
  EXPECT_THAT(Inserted(*database, {late}), HasSubstr("refused: "));
  EXPECT_EQ(CountRows(kVitalsTable), 4u);
}

TEST_P(SqlDatabaseTest, WhatTheDatabaseCannotDoNowIsAFailureAndWorksLater) {
  auto database = ConnectAndUse(VitalsTable());
  EXPECT_EQ(Inserted(*database, VitalsRows(10)), "done");
  Kill();
  if (GetParam() == DatabaseKind::kSqlite) {
    SqlRun(url(), "ALTER TABLE \"vitals:{0}\" RENAME TO away");
  }
  EXPECT_THAT(Inserted(*database, VitalsRows(20)), HasSubstr("failed: "));
  EXPECT_THAT(Inserted(*database, VitalsRows(20)), HasSubstr("failed: "));
  if (GetParam() == DatabaseKind::kSqlite) {
    SqlRun(url(), "ALTER TABLE away RENAME TO \"vitals:{0}\"");
  } else {
    EXPECT_FALSE(database->Use(VitalsTable()).ok());
    const auto away = Database::Open(DatabaseUrl::Parse(url()).value(), 2'000);
    ASSERT_FALSE(away.ok());
    EXPECT_THAT(away.error(), AllOf(HasSubstr(" at unix:/"), Not(HasSubstr("secret"))));
  }
  Start();
  database = ConnectAndUse(VitalsTable());
  EXPECT_EQ(Inserted(*database, VitalsRows(20)), "done");
  EXPECT_EQ(CountRows(kVitalsTable), 20u);
}

}  // namespace
}  // namespace sluice
