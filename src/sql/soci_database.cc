#include "sql/soci_database.h"

#include <soci/mysql/soci-mysql.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sql/sql_error.h"

namespace sluice {
namespace {

// A statement's values, where the database names no bound. Above any batch; PostgreSQL's messages
// end at 1 GiB.
constexpr size_t kStatementBytesMax = 256 * kMiB;
// How long MariaDB may say nothing: longer than it waits for a lock (innodb_lock_wait_timeout, 50
// s).
constexpr char kMariadbSilence[] = " read_timeout='60' write_timeout='60'";
// A server that has gone without a word is noticed within about a minute.
constexpr char kPostgresqlSilence[] =
    "keepalives_idle='30' keepalives_interval='10' keepalives_count='3' tcp_user_timeout='60000' "
    "fallback_application_name='sluice-archive' ";

std::string WholeSeconds(uint64_t ms) { return std::to_string(std::max<uint64_t>(1, ms / 1'000)); }

const soci::backend_factory& FactoryOf(DatabaseKind kind) {
  switch (kind) {
    case DatabaseKind::kSqlite:
      return *soci::factory_sqlite3();
    case DatabaseKind::kPostgresql:
      return *soci::factory_postgresql();
    case DatabaseKind::kMariadb:
      return *soci::factory_mysql();
  }
  SLUICE_CHECK(false);
}

// What the URL says comes last for libpq, which takes the last; SOCI's MySQL session takes no
// option twice, and a URL of ours has none of these.
std::string ConnectString(const DatabaseUrl& url, uint64_t connect_ms) {
  const std::string timeout = "connect_timeout='" + WholeSeconds(connect_ms) + "' ";
  switch (url.kind) {
    case DatabaseKind::kSqlite:
      return url.connect;
    case DatabaseKind::kPostgresql:
      return timeout + kPostgresqlSilence + url.connect;
    case DatabaseKind::kMariadb:
      return timeout + url.connect + " charset='utf8mb4'" + kMariadbSilence;
  }
  return "";
}

// What else is in a statement: its names, of at most some 70 columns.
constexpr size_t kHeadBytesMax = 16 * kKiB;

// What mysql_real_escape_string writes with two bytes.
bool IsEscaped(char c) {
  return c == '\'' || c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\0' || c == '\x1A';
}

// Of its values, in MariaDB's case as literals in a text.
size_t BytesInStatement(const Row& row, DatabaseKind kind) {
  constexpr size_t kAround = 4;  // quotes, comma, space
  size_t bytes = kAround + row.entry_id.size() + kAround;
  for (const auto& value : row.values) {
    bytes += kAround + (value ? value->size() : 0);  // or NULL
    if (!value || kind != DatabaseKind::kMariadb) continue;
    bytes += static_cast<size_t>(std::count_if(value->begin(), value->end(), IsEscaped));
  }
  return bytes;
}

// SQLite does not wait for a lock, whatever its busy_timeout, where it turns a new file to WAL and
// another does just that.
void Prepare(soci::session& session, const std::string& text, uint64_t lock_ms) {
  constexpr uint64_t kPauseMs = 10;
  for (uint64_t waited_ms = 0;; waited_ms += kPauseMs) {
    try {
      session << text;
      return;
    } catch (const soci::sqlite3_soci_error& error) {
      if (error.result() != SQLITE_BUSY || waited_ms >= lock_ms) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(kPauseMs));
  }
}

}  // namespace

SociDatabase::SociDatabase(const DatabaseUrl& url, uint64_t connect_ms)
    : dialect_(url.kind),
      session_(FactoryOf(url.kind), ConnectString(url, connect_ms)),
      statement_bytes_max_(kStatementBytesMax) {
  for (const std::string& text : dialect_.SessionTexts(connect_ms))
    Prepare(session_, text, connect_ms);
  if (url.kind != DatabaseKind::kMariadb) return;
  long long packet_bytes_max = 0;
  session_ << "SELECT @@max_allowed_packet", soci::into(packet_bytes_max);
  const auto packet_bytes = static_cast<size_t>(packet_bytes_max);
  statement_bytes_max_ =
      std::max(packet_bytes - std::min(packet_bytes, kHeadBytesMax), packet_bytes / 2);
  if (!url.must_encrypt) return;
  std::string name;
  std::string cipher;
  session_ << "SHOW SESSION STATUS LIKE 'Ssl_cipher'", soci::into(name), soci::into(cipher);
  if (cipher.empty())
    throw std::runtime_error("the server does not encrypt, and ssl_ca asks for it");
}

Status SociDatabase::Use(const Table& table) {
  SLUICE_CHECK(table.key_column < table.columns.size());
  if (Status names = dialect_.CheckNames(table); !names.ok()) return names;
  // First of all, and not IF NOT EXISTS: whoever may only write need not be allowed to make tables,
  // and a table that is there is not locked to find its index there too.
  if (RunProbe(table, table.columns)) {
    const auto texts = dialect_.CreateTexts(table);
    // Another archive may make it at this moment: then this fails, and the table is there.
    const auto why_not_made = Run(texts);
    if (RunProbe(table, table.columns)) return ExplainProbe(table, why_not_made.value_or(""));
  }
  if (auto problem = LacksPrimaryKey(table)) return Error{*problem};
  full_.reset();
  rest_.reset();
  table_ = table;
  statement_rows_max_ = std::max<size_t>(1, dialect_.ParametersMax() / (1 + table.columns.size()));
  return {};
}

Insertion SociDatabase::Insert(std::span<const Row> rows) {
  for (const Row& row : rows) {
    if (auto why = Unsendable(row)) return {Insertion::Outcome::kRefused, *why};
  }
  if (rows.empty()) return {};
  try {
    session_.begin();
    while (!rows.empty()) {
      const size_t row_count = RowsThatFit(rows);
      StatementFor(row_count).Execute(rows.first(row_count));
      rows = rows.subspan(row_count);
    }
    session_.commit();
    return {};
  } catch (const std::exception& error) {
    Insertion failure = FailureOf(error);
    AbandonTransaction();
    return failure;
  }
}

std::optional<std::string> SociDatabase::Run(std::span<const std::string> texts) {
  try {
    session_.begin();
    for (const std::string& text : texts) session_ << text;
    session_.commit();
    return std::nullopt;
  } catch (const std::exception& error) {
    std::string why = FailureOf(error).reason;
    AbandonTransaction();
    return why;
  }
}

std::optional<std::string> SociDatabase::RunProbe(const Table& table,
                                                  std::span<const Column> columns) {
  const std::string text = dialect_.ProbeText(table, columns);
  return Run({&text, 1});
}

Status SociDatabase::ExplainProbe(const Table& table, const std::string& why_not_made) {
  const auto without_columns = RunProbe(table, {});
  if (without_columns) {
    return Error{"cannot make table \"" + table.name +
                 "\": " + (why_not_made.empty() ? *without_columns : why_not_made)};
  }
  for (const Column& column : table.columns) {
    if (!RunProbe(table, {&column, 1})) continue;
    return Error{"table \"" + table.name + "\" has no column \"" + column.name +
                 "\", try: " + dialect_.AddColumnText(table, column)};
  }
  return Error{"table \"" + table.name + "\" cannot be read"};
}

// The two others refuse an ON CONFLICT that no key stands behind.
std::optional<std::string> SociDatabase::LacksPrimaryKey(const Table& table) {
  if (dialect_.kind() != DatabaseKind::kMariadb) return std::nullopt;
  try {
    long long keys = 0;
    session_ << "SELECT COUNT(*) FROM (SELECT 1 FROM information_schema.statistics WHERE "
                "table_schema = DATABASE() AND table_name = :name AND non_unique = 0 "
                "GROUP BY index_name HAVING GROUP_CONCAT(column_name) = 'entry_id') k",
        soci::use(table.name), soci::into(keys);
    if (keys > 0) return std::nullopt;
    return "table \"" + table.name + "\" has no primary key of entry_id alone";
  } catch (const std::exception& error) {
    return FailureOf(error).reason;
  }
}

std::optional<std::string> SociDatabase::Unsendable(const Row& row) const {
  const size_t bytes = BytesInStatement(row, dialect_.kind());
  if (bytes > statement_bytes_max_) {
    return "the row takes " + std::to_string(bytes) + " bytes of a statement that may have " +
           std::to_string(statement_bytes_max_);
  }
  if (dialect_.kind() != DatabaseKind::kPostgresql) return std::nullopt;
  // libpq's texts end at a NUL: the rest would be gone without a word.
  for (size_t i = 0; i < row.values.size(); ++i) {
    if (!row.values[i] || row.values[i]->find('\0') == std::string::npos) continue;
    return "column " + table_.columns[i].name + " holds U+0000, which PostgreSQL does not store";
  }
  return std::nullopt;
}

size_t SociDatabase::RowsThatFit(std::span<const Row> rows) const {
  const size_t count_max = std::min(rows.size(), statement_rows_max_);
  size_t bytes = BytesInStatement(rows[0], dialect_.kind());
  size_t count = 1;
  while (count < count_max) {
    bytes += BytesInStatement(rows[count], dialect_.kind());
    if (bytes > statement_bytes_max_) break;
    ++count;
  }
  return count;
}

InsertStatement& SociDatabase::StatementFor(size_t row_count) {
  auto& statement = row_count == statement_rows_max_ ? full_ : rest_;
  if (!statement || statement->row_count() != row_count) {
    statement.reset();
    statement = std::make_unique<InsertStatement>(session_, dialect_.InsertText(table_, row_count),
                                                  row_count, dialect_.SentAsDouble(table_));
  }
  return *statement;
}

void SociDatabase::AbandonTransaction() {
  try {
    session_.rollback();
  } catch (const std::exception&) {
    // The connection is gone, or nothing was begun: the next call finds out.
  }
  // See InsertStatement. After the rollback: until then PostgreSQL would not let go of them.
  full_.reset();
  rest_.reset();
}

Result<std::unique_ptr<Database>> Database::Open(const DatabaseUrl& url, uint64_t connect_ms) {
  try {
    return std::unique_ptr<Database>(std::make_unique<SociDatabase>(url, connect_ms));
  } catch (const std::exception& error) {
    return Error{"cannot open " + url.shown + ": " + FailureOf(error).reason};
  }
}

}  // namespace sluice
