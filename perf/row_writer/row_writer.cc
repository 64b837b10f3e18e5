// row_writer: inserts answers of questionnaires the way a good ordinary service does: one INSERT of
// one row, prepared once and executed for each answer. Each answer is committed by itself, or
// --rows-per-transaction of them together, as a questionnaire's are.
//
// The table and the session's settings are those of sluice-archive, from its own Dialect. The
// answers are those of perf/archive/answers.py, made one by one as a service has them from its
// requests. Prints one line of JSON: the rows, and the seconds from the first INSERT to the last
// commit.

#include <soci/mysql/soci-mysql.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "sluice/sql/database_url.h"
#include "sluice/sql/table.h"
#include "sql/dialect.h"
#include "support/arguments.h"
#include "support/socket.h"

namespace {

using sluice::ColumnType;
using sluice::DatabaseKind;

constexpr int64_t kAnswersPerQuestionnaire = 20;
constexpr int64_t kFirstMs = 1'767'225'600'000;  // of the entries' ids: 2026-01-01

// As sluice-archive makes it of the shipped route.
sluice::Table Questionnaires() {
  return {.name = "questionnaires",
          .columns = {{"patient_id", ColumnType::kText, true, 128},
                      {"question_id", ColumnType::kText, true, 128},
                      {"answer", ColumnType::kInt32, true, 0},
                      {"submit_time", ColumnType::kTimestamp, true, 0}},
          .key_column = 0,
          .time_column = 3};
}

struct Answer {
  std::string entry_id;
  std::string patient_id;
  std::string question_id;
  int answer = 0;
  std::string submit_time;
};

template <typename... Values>
void Print(std::string& to, const char* format, Values... values) {
  std::array<char, 64> text;
  const int size = std::snprintf(text.data(), text.size(), format, values...);
  to.assign(text.data(), static_cast<size_t>(size));
}

void Make(int64_t number, Answer& answer) {
  const int64_t questionnaire = number / kAnswersPerQuestionnaire;
  const int64_t question = number % kAnswersPerQuestionnaire;
  Print(answer.entry_id, "%" PRId64 "-%" PRId64, kFirstMs + questionnaire, question);
  Print(answer.patient_id, "pat-%09" PRId64, questionnaire);
  Print(answer.question_id, "q-%02" PRId64, question);
  answer.answer = static_cast<int>(number * 7 % 5);
  Print(answer.submit_time, "2026-01-01 08:%02" PRId64 ":00", question);
}

const soci::backend_factory& FactoryOf(DatabaseKind kind) {
  switch (kind) {
    case DatabaseKind::kSqlite:
      return *soci::factory_sqlite3();
    case DatabaseKind::kPostgresql:
      return *soci::factory_postgresql();
    case DatabaseKind::kMariadb:
      break;
  }
  return *soci::factory_mysql();
}

constexpr uint64_t kLockMs = 10'000;

void MakeTable(const sluice::Dialect& dialect, soci::session& session) {
  for (const std::string& text : dialect.SessionTexts(kLockMs)) session << text;
  session.begin();
  for (const std::string& text : dialect.CreateTexts(Questionnaires())) session << text;
  session.commit();
}

void Insert(soci::session& session, int64_t rows, int64_t rows_per_transaction) {
  Answer answer;
  soci::statement insert =
      (session.prepare << "INSERT INTO questionnaires (entry_id, patient_id, question_id, answer, "
                          "submit_time) VALUES (:id, :patient, :question, :answer, :time)",
       soci::use(answer.entry_id), soci::use(answer.patient_id), soci::use(answer.question_id),
       soci::use(answer.answer), soci::use(answer.submit_time));
  const bool alone = rows_per_transaction == 1;
  for (int64_t i = 0; i < rows; ++i) {
    if (!alone && i % rows_per_transaction == 0) session.begin();
    Make(i, answer);
    insert.execute(true);
    const bool is_last = (i + 1) % rows_per_transaction == 0 || i + 1 == rows;
    if (!alone && is_last) session.commit();
  }
}

void Run(const perf::Arguments& arguments) {
  const auto url = sluice::DatabaseUrl::Parse(arguments.Text("--database"));
  if (!url.ok()) perf::Die("--database: " + url.error());
  const auto rows = static_cast<int64_t>(arguments.Number("--rows", 1, 1e9));
  const auto together = static_cast<int64_t>(arguments.Number("--rows-per-transaction", 1, 1e9));
  soci::session session(FactoryOf(url.value().kind), url.value().connect);
  MakeTable(sluice::Dialect(url.value().kind), session);
  const int64_t begin_ns = perf::NowNs();
  Insert(session, rows, together);
  const int64_t took_ns = perf::NowNs() - begin_ns;
  std::printf("{\"rows\": %" PRId64 ", \"seconds\": %.6f}\n", rows,
              static_cast<double>(took_ns) / static_cast<double>(perf::kNsPerSecond));
}

}  // namespace

int main(int argc, char** argv) {
  const perf::Arguments arguments(
      argc, argv, {{"--database", ""}, {"--rows", "200000"}, {"--rows-per-transaction", "1"}});
  try {
    Run(arguments);
  } catch (const std::exception& error) {
    perf::Die(error.what());
  }
  return 0;
}
