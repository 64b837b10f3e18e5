#include "archive/row_batch.h"

#include <algorithm>
#include <utility>

#include "sluice/base/check.h"

namespace sluice {

void RowBatch::Add(Entry entry) {
  InHand& in_hand = entries_.emplace_back(InHand{entry.id, rows_.size(), {}});
  maker_.Append(std::move(entry), rows_, in_hand.letters);
  for (size_t i = in_hand.first_row; i < rows_.size(); ++i) {
    bytes_ += rows_[i].entry_id.size();
    for (const auto& value : rows_[i].values) bytes_ += value ? value->size() : 0;
  }
}

void RowBatch::AddGone(std::string id) {
  entries_.push_back(InHand{std::move(id), rows_.size(), {}});
}

void RowBatch::Refuse(size_t row, std::string reason) {
  SLUICE_CHECK(row < rows_.size());
  // The last that begins at the row or before it: entries without rows begin where the next does.
  const auto behind =
      std::upper_bound(entries_.begin(), entries_.end(), row,
                       [](size_t place, const InHand& entry) { return place < entry.first_row; });
  SLUICE_CHECK(behind != entries_.begin());
  std::prev(behind)->letters.push_back(
      {rows_[row].entry_id, std::move(reason), maker_.FieldsOf(rows_[row])});
  ++refused_count_;
}

Result<size_t> RowBatch::Acknowledge(StreamGroup& group) const {
  size_t letters = 0;
  std::vector<std::string> ids;
  ids.reserve(entries_.size());
  for (const InHand& entry : entries_) {
    if (entry.letters.empty()) {
      ids.push_back(entry.id);
      continue;
    }
    const auto buried = group.Bury(entry.id, entry.letters);
    if (!buried) return Error{buried.error()};
    letters += buried.value();
  }
  if (Status said = group.Acknowledge(ids); !said) return Error{said.error()};
  return letters;
}

void RowBatch::Clear() {
  entries_.clear();
  rows_.clear();
  refused_count_ = 0;
  bytes_ = 0;
}

}  // namespace sluice
