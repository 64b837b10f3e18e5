// RowMaker: a stream's entries as rows of the table that its schema makes. An entry is one row, and
// its id the row's; a packed entry (its one field, `records`, holds a line of JSON a record) is a
// row for each line, with the ids `<entry's id>:0`, `:1` and so on. What is no row is a letter.
//
// Whoever wrote the entry, each value is held against its field's type, and a string must be UTF-8
// of at most bytes_max. A field's other bounds were the gate's business when it took the record;
// only a packed record meets them again. One thread.
#pragma once

#include <string>
#include <string_view>
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
  // `schema` outlives it. The suffix stands behind each entry's id, of which it makes the rows'.
  explicit RowMaker(const Schema& schema, std::string id_suffix = "");

  void Append(Entry entry, std::vector<Row>& rows, std::vector<DeadLetter>& letters);
  // The row's values under their fields' names, for a dead letter.
  NamesAndValues FieldsOf(const Row& row) const;

 private:
  std::string AppendRecord(const Entry& entry, std::vector<Row>& rows) const;
  void AppendLines(const Entry& entry, std::vector<Row>& rows, std::vector<DeadLetter>& letters);
  std::string AppendLine(std::string id, std::string_view line, std::vector<Row>& rows);

  const Schema& schema_;
  const std::string id_suffix_;
  const bool may_be_packed_;  // `records` is no field of the schema
  RecordDecoder decoder_;
  std::string line_;  // with the decoder's padding behind it
};

}  // namespace sluice
