#include "sql/insert_statement.h"

#include "sluice/base/check.h"

namespace sluice {

InsertStatement::InsertStatement(soci::session& session, const std::string& text, size_t row_count,
                                 size_t column_count)
    : row_count_(row_count),
      values_(row_count * (1 + column_count)),
      indicators_(values_.size(), soci::i_ok),
      statement_(session) {
  for (size_t i = 0; i < values_.size(); ++i) {
    statement_.exchange(soci::use(values_[i], indicators_[i]));
  }
  statement_.alloc();
  statement_.prepare(text);
  statement_.define_and_bind();
}

void InsertStatement::Execute(std::span<const Row> rows) {
  SLUICE_CHECK(rows.size() == row_count_);
  size_t at = 0;
  for (const Row& row : rows) {
    SLUICE_CHECK(at + 1 + row.values.size() <= values_.size());
    values_[at++] = row.entry_id;
    for (const auto& value : row.values) {
      indicators_[at] = value ? soci::i_ok : soci::i_null;
      if (value) values_[at] = *value;
      ++at;
    }
  }
  SLUICE_CHECK(at == values_.size());
  statement_.execute(true);
}

}  // namespace sluice
