#include "sql/dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

const Dialect kSqlite(DatabaseKind::kSqlite);
const Dialect kPostgresql(DatabaseKind::kPostgresql);
const Dialect kMariadb(DatabaseKind::kMariadb);

Table Answers(const std::string& name = "answers") {
  return {.name = name,
          .columns = {{"patient_id", ColumnType::kText, true, 2'000},
                      {"at", ColumnType::kTimestamp, true},
                      {"answer", ColumnType::kInt32}},
          .key_column = 0,
          .time_column = 1};
}

TEST(Dialect, ATableIsMadeWithItsIndex) {
  EXPECT_THAT(kSqlite.CreateTexts(Answers()),
              ElementsAre("CREATE TABLE \"answers\" (\"entry_id\" TEXT NOT NULL PRIMARY KEY, "
                          "\"patient_id\" TEXT NOT NULL, \"at\" TEXT NOT NULL, "
                          "\"answer\" INTEGER) STRICT",
                          "CREATE INDEX \"answers_by_key_and_time\" ON \"answers\" "
                          "(\"patient_id\", \"at\")"));
  EXPECT_THAT(
      kPostgresql.CreateTexts(Answers()),
      ElementsAre("CREATE TABLE \"answers\" (\"entry_id\" VARCHAR(64) NOT NULL PRIMARY KEY, "
                  "\"patient_id\" TEXT NOT NULL, \"at\" TIMESTAMPTZ NOT NULL, "
                  "\"answer\" INTEGER)",
                  "CREATE INDEX ON \"answers\" (\"patient_id\", \"at\")"));
  EXPECT_THAT(
      kMariadb.CreateTexts(Answers()),
      ElementsAre("CREATE TABLE `answers` (`entry_id` VARCHAR(64) CHARACTER SET ascii "
                  "COLLATE ascii_bin NOT NULL PRIMARY KEY, `patient_id` LONGTEXT NOT NULL, "
                  "`at` DATETIME(6) NOT NULL, `answer` INTEGER, "
                  "KEY (`patient_id`(255), `at`)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 "
                  "COLLATE = utf8mb4_bin"));
}

TEST(Dialect, ATableWithoutATimeIsIndexedByItsKey) {
  Table table = Answers();
  table.time_column.reset();
  table.key_column = 2;
  EXPECT_THAT(kSqlite.CreateTexts(table), Contains(HasSubstr("ON \"answers\" (\"answer\")")));
  EXPECT_THAT(kMariadb.CreateTexts(table), Contains(HasSubstr("KEY (`answer`)")));
}

TEST(Dialect, RowsAreInsertedByOneTextAndLeftAloneIfTheyAreThere) {
  const Table table{.name = "t", .columns = {{"a"}, {"b"}}};
  EXPECT_EQ(kSqlite.InsertText(table, 2),
            "INSERT INTO \"t\" (\"entry_id\", \"a\", \"b\") VALUES (?, ?, ?), (?, ?, ?) "
            "ON CONFLICT (\"entry_id\") DO NOTHING");
  EXPECT_EQ(kPostgresql.InsertText(table, 1),
            "INSERT INTO \"t\" (\"entry_id\", \"a\", \"b\") VALUES (:v, :v, :v) "
            "ON CONFLICT (\"entry_id\") DO NOTHING");
  EXPECT_EQ(kMariadb.InsertText(table, 1),
            "INSERT INTO `t` (`entry_id`, `a`, `b`) VALUES (:v, :v, :v) "
            "ON DUPLICATE KEY UPDATE `entry_id` = `entry_id`");
}

TEST(Dialect, NamesAreQuotedWhateverTheyAre) {
  const Table table{.name = "a\"`; DROP TABLE x", .columns = {{"select"}}};
  EXPECT_EQ(kPostgresql.ProbeText(table, table.columns),
            "SELECT t.\"entry_id\", t.\"select\" FROM \"a\"\"`; DROP TABLE x\" AS t WHERE 1 = 0");
  EXPECT_EQ(kMariadb.ProbeText(table, {}),
            "SELECT t.`entry_id` FROM `a\"``; DROP TABLE x` AS t WHERE 1 = 0");
  // Hidden from SOCI, and plain to a person.
  const Table clustered{.name = "vitals:{0}", .columns = {{"a", ColumnType::kDouble}}};
  EXPECT_THAT(kMariadb.InsertText(clustered, 1), HasSubstr("INSERT INTO /*'*/`vitals:{0}`/*'*/ ("));
  EXPECT_EQ(kMariadb.AddColumnText(clustered, clustered.columns[0]),
            "ALTER TABLE `vitals:{0}` ADD COLUMN `a` DOUBLE PRECISION");
}

struct BadName {
  std::string name;
  const char* in_sqlite;  // "": fine there
  const char* in_postgresql;
  const char* in_mariadb;
};

class DialectNameTest : public testing::TestWithParam<BadName> {};

TEST_P(DialectNameTest, IsToldBeforeADatabaseCouldMistakeIt) {
  const auto said = [](const Dialect& dialect) {
    const Status status = dialect.CheckNames(Answers(GetParam().name));
    return status.ok() ? std::string() : status.error();
  };
  EXPECT_EQ(said(kSqlite), GetParam().in_sqlite);
  EXPECT_EQ(said(kPostgresql), GetParam().in_postgresql);
  EXPECT_EQ(said(kMariadb), GetParam().in_mariadb);
}

INSTANTIATE_TEST_SUITE_P(
    , DialectNameTest,
    testing::Values(
        BadName{"vitals:{0} \"`\\", "", "", ""},
        BadName{"", "the table has no name", "the table has no name", "the table has no name"},
        BadName{std::string("a\0b", 3), "the table's name has a NUL in it",
                "the table's name has a NUL in it", "the table's name has a NUL in it"},
        BadName{"a'b", "", "", "table \"a'b\": a name with a ' is not possible in MariaDB"},
        BadName{"a ", "", "", "table \"a \": a name in MariaDB does not end in a space"},
        BadName{std::string(63, 'n'), "", "", ""},
        BadName{"sixty-four-bytes-of-a-name-that-goes-on-and-on-until-it-is-there", "",
                "table \"sixty-four-bytes-of-a-name-that-goes-on-and-on-until-it-is-there\" is "
                "longer than the 63 bytes that the database's names have",
                ""},
        BadName{"sixty-five-bytes-of-a-name-that-goes-on-and-on-until-it-is-there!", "",
                "table \"sixty-five-bytes-of-a-name-that-goes-on-and-on-until-it-is-there!\" is "
                "longer than the 63 bytes that the database's names have",
                "table \"sixty-five-bytes-of-a-name-that-goes-on-and-on-until-it-is-there!\" is "
                "longer than the 64 bytes that the database's names have"}));

TEST(Dialect, AColumnIsNeitherTooLongNorNamedAsTheId) {
  Table table = Answers();
  table.columns[2].name = std::string(64, 'c');
  EXPECT_TRUE(kSqlite.CheckNames(table).ok());
  EXPECT_THAT(kPostgresql.CheckNames(table).error(), HasSubstr("column \"ccc"));
  table.columns[2].name = "Entry_ID";
  for (const Dialect& dialect : {kSqlite, kPostgresql, kMariadb}) {
    EXPECT_EQ(dialect.CheckNames(table).error(),
              "field \"Entry_ID\" has the name of the column for the entry's id");
  }
}

TEST(Dialect, WhatIsCommittedOutlivesThePower) {
  EXPECT_THAT(kSqlite.SessionTexts(1), Contains("PRAGMA synchronous = FULL"));
  EXPECT_THAT(kPostgresql.SessionTexts(1), Contains(HasSubstr("set_config('synchronous_commit'")));
}

}  // namespace
}  // namespace sluice
