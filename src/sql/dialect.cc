#include "sql/dialect.h"

#include <algorithm>
#include <array>

#include "sluice/base/text.h"

namespace sluice {
namespace {

constexpr size_t kPostgresqlNameBytesMax = 63;  // NAMEDATALEN - 1; what is longer is cut
constexpr size_t kMariadbNameBytesMax = 64;     // characters in truth, of which bytes are no fewer

// MariaDB's VARCHAR counts characters, of up to 4 bytes. InnoDB moves a value out of its row if the
// column may hold more than 255 bytes, else all of the column counts towards the 8,126 bytes of a
// row: so shorter columns would let a table have fewer of them.
constexpr size_t kVarcharMin = 64;
constexpr size_t kVarcharMax = 255;
constexpr size_t kIndexPrefix = 255;  // characters of a text that an index does not take whole
constexpr size_t kPostgresqlIndexedMax = 2'000;  // bytes; a row of an index has at most 2,704

// https://www.sqlite.org/limits.html, SQLITE_MAX_VARIABLE_NUMBER.
constexpr size_t kSqliteParametersMax = 32'766;
// PQ_QUERY_PARAM_MAX_LIMIT of libpq-fe.h: the protocol counts them in 16 bits.
constexpr size_t kPostgresqlParametersMax = 65'535;
// Nothing in MariaDB bounds them, SOCI writes them into the text: max_allowed_packet does.
constexpr size_t kMariadbParametersMax = 65'535;

bool IsSmallText(const Column& column) {
  return column.bytes_max > 0 && column.bytes_max <= kVarcharMax;
}

Error LongName(std::string_view what, const std::string& name, size_t bytes_max) {
  return Error{std::string(what) + " \"" + name + "\" is longer than the " +
               std::to_string(bytes_max) + " bytes that the database's names have"};
}

}  // namespace

Status Dialect::CheckNames(const Table& table) const {
  if (table.name.empty()) return Error{"the table has no name"};
  if (table.name.find('\0') != std::string::npos) return Error{"the table's name has a NUL in it"};
  const bool is_mariadb = kind_ == DatabaseKind::kMariadb;
  // SOCI's MySQL session would take it for the beginning of a text, see QuotedForSoci.
  if (is_mariadb && table.name.find('\'') != std::string::npos) {
    return Error{"table \"" + table.name + "\": a name with a ' is not possible in MariaDB"};
  }
  if (is_mariadb && table.name.ends_with(' ')) {
    return Error{"table \"" + table.name + "\": a name in MariaDB does not end in a space"};
  }
  for (const Column& column : table.columns) {
    if (EqualsIgnoringCase(column.name, kEntryIdColumn)) {
      return Error{"field \"" + column.name + "\" has the name of the column for the entry's id"};
    }
  }
  if (kind_ == DatabaseKind::kSqlite) return {};
  const size_t bytes_max = is_mariadb ? kMariadbNameBytesMax : kPostgresqlNameBytesMax;
  if (table.name.size() > bytes_max) return LongName("table", table.name, bytes_max);
  for (const Column& column : table.columns) {
    if (column.name.size() > bytes_max) return LongName("column", column.name, bytes_max);
  }
  return {};
}

std::vector<std::string> Dialect::SessionTexts(uint64_t lock_ms) const {
  switch (kind_) {
    case DatabaseKind::kSqlite:
      // FULL, since a commit in WAL with less is lost with the power (sqlite.org/wal.html). The
      // index by key is written all over: with 16 MiB of its pages at hand and fewer checkpoints,
      // of 40 MB of log, a row takes a fifth less of the processor.
      return {"PRAGMA busy_timeout = " + std::to_string(lock_ms), "PRAGMA journal_mode = WAL",
              "PRAGMA synchronous = FULL", "PRAGMA cache_size = -16384",
              "PRAGMA wal_autocheckpoint = 10000"};
    case DatabaseKind::kPostgresql:
      // A server may be told to confirm before it has written: not what we acknowledge.
      // Notices would be on standard error, with values in them.
      return {"SET TIME ZONE 'UTC'", "SET client_encoding = 'UTF8'",
              "SET statement_timeout = '60s'", "SET client_min_messages = 'error'",
              "SELECT set_config('synchronous_commit', 'on', false) "
              "WHERE current_setting('synchronous_commit') = 'off'"};
    case DatabaseKind::kMariadb:
      // Strict, or values that do not fit are changed until they do. Not NO_BACKSLASH_ESCAPES, nor
      // ANSI_QUOTES: SOCI's session writes texts with the one, and we names without the other.
      return {"SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
              "SET SESSION time_zone = '+00:00'"};
  }
  return {};
}

std::vector<std::string> Dialect::CreateTexts(const Table& table) const {
  const bool is_mariadb = kind_ == DatabaseKind::kMariadb;
  std::string columns = Quoted(kEntryIdColumn);
  switch (kind_) {
    case DatabaseKind::kSqlite:
      columns += " TEXT";
      break;
    case DatabaseKind::kPostgresql:
      columns += " VARCHAR(" + std::to_string(kEntryIdBytesMax) + ")";
      break;
    case DatabaseKind::kMariadb:
      columns += " VARCHAR(" + std::to_string(kEntryIdBytesMax) +
                 ") CHARACTER SET ascii COLLATE ascii_bin";
      break;
  }
  columns += " NOT NULL PRIMARY KEY";
  for (const Column& column : table.columns) {
    columns += ", " + Quoted(column.name) + " " + TypeOf(column);
    if (column.required) columns += " NOT NULL";
  }
  const std::string create = "CREATE TABLE " + QuotedForSoci(table.name) + " (" + columns;
  std::string indexed = "(" + Indexed(table.columns[table.key_column]);
  if (table.time_column) indexed += ", " + Indexed(table.columns[*table.time_column]);
  indexed += ")";
  if (is_mariadb) {
    return {create + ", KEY " + indexed +
            ") ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin"};
  }
  if (kind_ == DatabaseKind::kPostgresql) {
    // It finds the index a name that is free, and short enough.
    return {create + ")", "CREATE INDEX ON " + Quoted(table.name) + " " + indexed};
  }
  // STRICT: without it a column's type is a wish, and a text may stand among the numbers.
  return {create + ") STRICT", "CREATE INDEX " + Quoted(table.name + "_by_key_and_time") + " ON " +
                                   Quoted(table.name) + " " + indexed};
}

std::string Dialect::ProbeText(const Table& table, std::span<const Column> columns) const {
  // With t. before it: SQLite takes a name in double quotes that is no column for a text.
  std::string text = "SELECT t." + Quoted(kEntryIdColumn);
  for (const Column& column : columns) text += ", t." + Quoted(column.name);
  return text + " FROM " + QuotedForSoci(table.name) + " AS t WHERE 1 = 0";
}

std::string Dialect::AddColumnText(const Table& table, const Column& column) const {
  return "ALTER TABLE " + Quoted(table.name) + " ADD COLUMN " + Quoted(column.name) + " " +
         TypeOf(column);
}

std::string Dialect::InsertText(const Table& table, size_t row_count) const {
  // SQLite looks a named parameter up among all before it, so there they have none.
  const std::string_view parameter = kind_ == DatabaseKind::kSqlite ? "?" : ":v";
  std::string text = "INSERT INTO " + QuotedForSoci(table.name) + " (" + Quoted(kEntryIdColumn);
  std::string row = "(" + std::string(parameter);
  for (const Column& column : table.columns) {
    text += ", " + Quoted(column.name);
    row.append(", ").append(parameter);
  }
  row += ")";
  text += ") VALUES ";
  text.reserve(text.size() + row_count * (row.size() + 2) + 64);
  for (size_t i = 0; i < row_count; ++i) text.append(i == 0 ? "" : ", ").append(row);
  const std::string id = Quoted(kEntryIdColumn);
  // Not INSERT IGNORE, which would let bad values through as well.
  if (kind_ == DatabaseKind::kMariadb) return text + " ON DUPLICATE KEY UPDATE " + id + " = " + id;
  return text + " ON CONFLICT (" + id + ") DO NOTHING";
}

std::vector<bool> Dialect::SentAsDouble(const Table& table) const {
  std::vector<bool> sent;
  for (const Column& column : table.columns) {
    sent.push_back(kind_ == DatabaseKind::kSqlite && column.type == ColumnType::kDouble);
  }
  return sent;
}

size_t Dialect::ParametersMax() const {
  switch (kind_) {
    case DatabaseKind::kSqlite:
      return kSqliteParametersMax;
    case DatabaseKind::kPostgresql:
      return kPostgresqlParametersMax;
    case DatabaseKind::kMariadb:
      return kMariadbParametersMax;
  }
  return 0;
}

std::string Dialect::Quoted(std::string_view name) const {
  const char quote = kind_ == DatabaseKind::kMariadb ? '`' : '"';
  std::string quoted(1, quote);
  for (const char c : name) quoted.append(c == quote ? 2 : 1, c);
  return quoted + quote;
}

// SOCI's MySQL session knows texts but not names in backticks, and takes a : within one for a
// parameter. Between two comments with a ' in each it believes itself in a text.
std::string Dialect::QuotedForSoci(std::string_view name) const {
  const bool hides = kind_ == DatabaseKind::kMariadb && name.find(':') != std::string_view::npos;
  return hides ? "/*'*/" + Quoted(name) + "/*'*/" : Quoted(name);
}

std::string Dialect::TypeOf(const Column& column) const {
  constexpr std::array<std::array<std::string_view, 3>, 6> kTypes = {{
      // SQLite, PostgreSQL, MariaDB
      {"TEXT", "TEXT", "LONGTEXT"},
      {"INTEGER", "INTEGER", "INTEGER"},
      {"INTEGER", "BIGINT", "BIGINT"},
      {"REAL", "DOUBLE PRECISION", "DOUBLE PRECISION"},
      {"INTEGER", "BOOLEAN", "TINYINT(1)"},
      {"TEXT", "TIMESTAMPTZ", "DATETIME(6)"},
  }};
  if (kind_ == DatabaseKind::kMariadb && column.type == ColumnType::kText && IsSmallText(column)) {
    return "VARCHAR(" + std::to_string(std::max(column.bytes_max, kVarcharMin)) + ")";
  }
  return std::string(kTypes[static_cast<size_t>(column.type)][static_cast<size_t>(kind_)]);
}

std::string Dialect::Indexed(const Column& column) const {
  if (column.type != ColumnType::kText) return Quoted(column.name);
  const std::string prefix = std::to_string(kIndexPrefix);
  if (kind_ == DatabaseKind::kMariadb && !IsSmallText(column)) {
    return Quoted(column.name) + "(" + prefix + ")";
  }
  const bool is_long = column.bytes_max == 0 || column.bytes_max > kPostgresqlIndexedMax;
  if (kind_ == DatabaseKind::kPostgresql && is_long) {
    return "left(" + Quoted(column.name) + ", " + prefix + ")";
  }
  return Quoted(column.name);
}

}  // namespace sluice
