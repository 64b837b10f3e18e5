#include "sql/insert_statement.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include <charconv>
#include <cmath>

#include "sluice/base/check.h"

namespace sluice {

InsertStatement::InsertStatement(soci::session& session, const std::string& text, size_t row_count,
                                 const std::vector<bool>& as_double)
    : row_count_(row_count), values_(row_count * (1 + as_double.size())), statement_(session) {
  for (size_t i = 0; i < values_.size(); ++i) {
    Value& value = values_[i];
    const size_t column = i % (1 + as_double.size());
    value.is_double = column > 0 && as_double[column - 1];
    if (value.is_double) {
      statement_.exchange(soci::use(value.number, value.indicator));
    } else {
      statement_.exchange(soci::use(value.text, value.indicator));
    }
  }
  statement_.alloc();
  statement_.prepare(text);
  statement_.define_and_bind();
}

void InsertStatement::Execute(std::span<const Row> rows) {
  SLUICE_CHECK(rows.size() == row_count_);
  size_t at = 0;
  for (const Row& row : rows) {
    SLUICE_CHECK((1 + row.values.size()) * row_count_ == values_.size());
    values_[at++].text = row.entry_id;
    for (const auto& value : row.values) {
      values_[at].indicator = value ? soci::i_ok : soci::i_null;
      if (value) Set(*value, values_[at]);
      ++at;
    }
  }
  statement_.execute(true);
}

void InsertStatement::Set(const std::string& from, Value& value) {
  if (!value.is_double) {
    value.text = from;
    return;
  }
  const char* const end = from.data() + from.size();
  const auto [read_to, error] = std::from_chars(from.data(), end, value.number);
  if (error == std::errc() && read_to == end && std::isfinite(value.number)) return;
  throw soci::sqlite3_soci_error("\"" + from + "\" is no number that a double holds",
                                 SQLITE_MISMATCH);
}

}  // namespace sluice
