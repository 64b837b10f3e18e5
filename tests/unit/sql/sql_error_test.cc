#include "sql/sql_error.h"

#include <gtest/gtest.h>
#include <soci/mysql/soci-mysql.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <new>
#include <stdexcept>
#include <string>

namespace sluice {
namespace {

using Outcome = Insertion::Outcome;

Outcome OfPostgresql(const char* sqlstate) {
  return FailureOf(soci::postgresql_soci_error("text", sqlstate)).outcome;
}
Outcome OfMariadb(int error) { return FailureOf(soci::mysql_soci_error("text", error)).outcome; }
Outcome OfSqlite(int result) { return FailureOf(soci::sqlite3_soci_error("text", result)).outcome; }

TEST(SqlError, RowsAreRefusedForTheirValues) {
  // Too large, bad bytes, no such date, NULL, twice, a CHECK, too long for the index, a trigger.
  for (const char* const state : {"22003", "22021", "22008", "22P02", "23502", "23505", "23514",
                                  "44000", "45000", "54000", "P0001"}) {
    EXPECT_EQ(OfPostgresql(state), Outcome::kRefused) << state;
  }
  for (const int error : {1048, 1062, 1264, 1265, 1292, 1366, 1406, 1411, 1452, 1690, 3819, 4025}) {
    EXPECT_EQ(OfMariadb(error), Outcome::kRefused) << error;
  }
  for (const int result : {SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG}) {
    EXPECT_EQ(OfSqlite(result), Outcome::kRefused) << result;
  }
}

TEST(SqlError, WhatIsNotTheRowsFaultMayBeTriedAgain) {
  // Connection lost, deadlock, disk full, too many clients, no permission, no such table or column,
  // shutting down, none at all.
  for (const char* const state :
       {"08000", "40P01", "53100", "53300", "42501", "42P01", "42703", "57P01", "     "}) {
    EXPECT_EQ(OfPostgresql(state), Outcome::kFailed) << state;
  }
  for (const int error : {1021, 1040, 1054, 1114, 1142, 1146, 1153, 1205, 1213, 1364, 2006, 2013}) {
    EXPECT_EQ(OfMariadb(error), Outcome::kFailed) << error;
  }
  for (const int result : {SQLITE_ERROR, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_IOERR,
                           SQLITE_CORRUPT, SQLITE_FULL, SQLITE_CANTOPEN}) {
    EXPECT_EQ(OfSqlite(result), Outcome::kFailed) << result;
  }
  EXPECT_EQ(FailureOf(soci::soci_error("text")).outcome, Outcome::kFailed);
  EXPECT_EQ(FailureOf(std::bad_alloc()).outcome, Outcome::kFailed);
}

TEST(SqlError, AReasonIsOneLineWithoutTheStatement) {
  soci::postgresql_soci_error error("ERROR:  too long\nDETAIL:\tof a value\r\n", "22001");
  error.add_context("while executing \"INSERT ...\" with :v=\"value\"");
  EXPECT_EQ(FailureOf(error).reason, "ERROR:  too long DETAIL: of a value");
  EXPECT_EQ(FailureOf(std::runtime_error("one\ntwo")).reason, "one two");
}

TEST(SqlError, AFailureIsForALogAndHasNoValues) {
  const soci::postgresql_soci_error error("ERROR:  no\nHINT:  ask\nDETAIL:  (a)=(b)\nCONTEXT:  b\n",
                                          "42501");
  EXPECT_EQ(FailureOf(error).reason, "ERROR:  no HINT:  ask");
}

}  // namespace
}  // namespace sluice
