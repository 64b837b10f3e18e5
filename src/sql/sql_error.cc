#include "sql/sql_error.h"

#include <soci/mysql/soci-mysql.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <array>
#include <string>

namespace sluice {
namespace {

std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  text.resize(text.find_last_not_of(' ') + 1);
  return text;
}

bool IsRefused(const std::exception& error) {
  if (const auto* of_postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
    return IsRefusedByPostgresql(of_postgresql->sqlstate());
  }
  if (const auto* of_mariadb = dynamic_cast<const soci::mysql_soci_error*>(&error)) {
    return IsRefusedByMariadb(of_mariadb->err_num_);
  }
  if (const auto* of_sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    return IsRefusedBySqlite(of_sqlite->result());
  }
  return false;
}

}  // namespace

Insertion FailureOf(const std::exception& error) {
  const auto* of_soci = dynamic_cast<const soci::soci_error*>(&error);
  // what() has the statement with all its values behind the message.
  const std::string message = of_soci != nullptr ? of_soci->get_error_message() : error.what();
  if (IsRefused(error)) return {Insertion::Outcome::kRefused, OneLine(message)};
  // For a log: in these lines PostgreSQL has values.
  const size_t end = std::min(message.find("\nDETAIL:"), message.find("\nCONTEXT:"));
  return {Insertion::Outcome::kFailed, OneLine(message.substr(0, end))};
}

bool IsRefusedByPostgresql(std::string_view sqlstate) {
  // Not of the rows: connections, transactions, privileges and names, resources, the operator, the
  // system. All else is: data, constraints, limits, and what triggers of the operator's raise.
  constexpr std::array<std::string_view, 16> kNotOfRows = {"00", "08", "0A", "25", "26", "28",
                                                           "3D", "3F", "40", "42", "53", "55",
                                                           "57", "58", "XX", "  "};
  return std::find(kNotOfRows.begin(), kNotOfRows.end(), sqlstate.substr(0, 2)) == kNotOfRows.end();
}

bool IsRefusedByMariadb(unsigned error) {
  // Not 1364, a column of the operator's own that has no default: no row could be inserted.
  constexpr std::array kErrors = {
      1022U,  // ER_DUP_KEY
      1048U,  // ER_BAD_NULL_ERROR
      1062U,  // ER_DUP_ENTRY
      1169U,  // ER_DUP_UNIQUE
      1216U,  // ER_NO_REFERENCED_ROW
      1263U,  // ER_WARN_NULL_TO_NOTNULL
      1264U,  // ER_WARN_DATA_OUT_OF_RANGE
      1265U,  // WARN_DATA_TRUNCATED
      1292U,  // ER_TRUNCATED_WRONG_VALUE
      1366U,  // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD
      1367U,  // ER_ILLEGAL_VALUE_FOR_TYPE
      1406U,  // ER_DATA_TOO_LONG
      1411U,  // ER_WRONG_VALUE_FOR_TYPE
      1441U,  // ER_DATETIME_FUNCTION_OVERFLOW
      1452U,  // ER_NO_REFERENCED_ROW_2
      1526U,  // ER_NO_PARTITION_FOR_GIVEN_VALUE
      1586U,  // ER_DUP_ENTRY_WITH_KEY_NAME
      1644U,  // ER_SIGNAL_EXCEPTION: a trigger of the operator's
      1690U,  // ER_DATA_OUT_OF_RANGE
      3819U,  // ER_CHECK_CONSTRAINT_VIOLATED, MySQL's
      4025U,  // ER_CONSTRAINT_FAILED, MariaDB's
  };
  return std::find(kErrors.begin(), kErrors.end(), error) != kErrors.end();
}

bool IsRefusedBySqlite(int result) {
  return result == SQLITE_CONSTRAINT || result == SQLITE_MISMATCH || result == SQLITE_TOOBIG;
}

}  // namespace sluice
