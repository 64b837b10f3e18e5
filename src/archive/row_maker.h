// RowMaker: a stream's entries as rows of the table that its schema makes. An entry is one row, and
// its id the row's; a packed entry (its one field `records` holds a line of JSON a record) is a row
// for each line, with the ids `<entry's id>:0`, `:1` and so on.
//
// Whoever wrote the entry, each value is held against its field's type; a field's bounds were the
// gate's business when it took the record. Only a packed record meets them again. One thread.
#pragma once

#include <string>
#include <vector>

#include "archive/entry.h"
#include "sluice/record/record_decoder.h"
#include "sluice/record/schema.h"
#include "sluice/sql/table.h"

namespace sluice {

// The table of a stream. Its time column is the schema's first timestamp, or else its first
// required int64, or none.
Table TableOf(const std::string& stream, const Schema& schema);

class RowMaker {
 public:
  // `schema` outlives it.
  RowMaker(const Schema& schema, bool packed) : schema_(schema), packed_(packed) {}

  // Appends the entry's rows. Otherwise the reason why it has none, and nothing is appended.
  std::string Append(const Entry& entry, std::vector<Row>& rows);
  // The row's values under their fields' names, for a dead letter.
  NamesAndValues FieldsOf(const Row& row) const;

 private:
  std::string AppendPacked(const Entry& entry, std::vector<Row>& rows);

  const Schema& schema_;
  const bool packed_;
  RecordDecoder decoder_;
  std::string lines_;  // with the decoder's padding behind them
};

}  // namespace sluice
