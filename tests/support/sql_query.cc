#include "support/sql_query.h"

#include <soci/mysql/soci-mysql.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <array>
#include <charconv>
#include <stdexcept>

#include "sluice/sql/database_url.h"

namespace sluice {
namespace {

std::string DoubleText(double value) {
  std::array<char, 64> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string ValueText(const soci::row& row, size_t i) {
  if (row.get_indicator(i) == soci::i_null) return "NULL";
  switch (row.get_properties(i).get_data_type()) {
    case soci::dt_double:
      return DoubleText(row.get<double>(i));
    case soci::dt_integer:
      return std::to_string(row.get<int>(i));
    case soci::dt_long_long:
      return std::to_string(row.get<long long>(i));
    case soci::dt_unsigned_long_long:
      return std::to_string(row.get<unsigned long long>(i));
    case soci::dt_string:
      return row.get<std::string>(i);
    default:
      throw std::runtime_error("a value of column " + row.get_properties(i).get_name() +
                               " wants a CAST to text");
  }
}

const soci::backend_factory& Factory(DatabaseKind kind) {
  if (kind == DatabaseKind::kSqlite) return *soci::factory_sqlite3();
  if (kind == DatabaseKind::kPostgresql) return *soci::factory_postgresql();
  return *soci::factory_mysql();
}

void Connect(const std::string& url, soci::session& session) {
  const auto parsed = DatabaseUrl::Parse(url);
  if (!parsed.ok()) throw std::runtime_error(parsed.error());
  session.open(Factory(parsed.value().kind), parsed.value().connect);
  // Whoever opens what a killed program left recovers it first, alone.
  if (parsed.value().kind == DatabaseKind::kSqlite) session << "PRAGMA busy_timeout = 20000";
}

}  // namespace

std::vector<std::vector<std::string>> SqlQuery(const std::string& url, const std::string& text) {
  soci::session session;
  Connect(url, session);
  std::vector<std::vector<std::string>> rows;
  soci::row row;
  soci::statement statement(session);
  statement.exchange(soci::into(row));
  statement.alloc();
  statement.prepare(text);
  statement.define_and_bind();
  statement.execute();
  while (statement.fetch()) {
    rows.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) rows.back().push_back(ValueText(row, i));
  }
  return rows;
}

void SqlRun(const std::string& url, const std::string& text) {
  soci::session session;
  Connect(url, session);
  session << text;
}

class SqlLock::Session : public soci::session {};

SqlLock::SqlLock(const std::string& url) : session_(std::make_unique<Session>()) {
  Connect(url, *session_);
  *session_ << "BEGIN IMMEDIATE";
}

SqlLock::~SqlLock() = default;  // closed, and so rolled back

}  // namespace sluice
