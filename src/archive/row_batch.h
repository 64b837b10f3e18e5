// RowBatch: entries that were read and not acknowledged yet, the rows they make, and the letters of
// those that make none or were refused. One thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "archive/entry.h"
#include "archive/row_maker.h"
#include "archive/stream_group.h"
#include "sluice/base/result.h"
#include "sluice/sql/table.h"

namespace sluice {

class RowBatch {
 public:
  RowBatch(const Schema& schema, const std::string& id_suffix) : maker_(schema, id_suffix) {}

  void Add(Entry entry);
  void AddGone(std::string id);  // to be acknowledged; there is nothing to be had of it
  // The row at this place goes to the dead letters.
  void Refuse(size_t row, std::string reason);
  // Everything is in the database or in a letter: says so to Redis. The batch stays as it is, so
  // that this can be done again.
  // How many letters were written.
  Result<size_t> Acknowledge(StreamGroup& group) const;
  void Clear();

  bool empty() const { return entries_.empty(); }
  std::span<const Row> rows() const { return rows_; }
  size_t entry_count() const { return entries_.size(); }
  size_t refused_count() const { return refused_count_; }  // of the rows
  size_t bytes() const { return bytes_; }                  // of the rows' values

 private:
  struct InHand {
    std::string id;
    size_t first_row;
    std::vector<DeadLetter> letters;
  };

  RowMaker maker_;
  std::vector<InHand> entries_;  // ascending by first_row
  std::vector<Row> rows_;
  size_t refused_count_ = 0;
  size_t bytes_ = 0;
};

}  // namespace sluice
