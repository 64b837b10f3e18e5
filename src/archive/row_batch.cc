#include "archive/row_batch.h"

#include <algorithm>
#include <utility>

#include "sluice/base/check.h"

namespace sluice {

void RowBatch::Add(Entry entry) {
  InHand& in_hand = entries_.emplace_back(InHand{entry.id, rows_.size(), {}});
  std::string reason = maker_.Append(entry, rows_);
  for (size_t i = in_hand.first_row; i < rows_.size(); ++i) {
    bytes_ += rows_[i].entry_id.size();
    for (const auto& value : rows_[i].values) bytes_ += value ? value->size() : 0;
  }
  if (reason.empty()) return;
  in_hand.letters.push_back({std::move(entry.id), std::move(reason), std::move(entry.fields)});
  ++letter_count_;
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
  ++letter_count_;
  ++refused_count_;
}

Status RowBatch::Acknowledge(StreamGroup& group) const {
  std::vector<std::string> ids;
  ids.reserve(entries_.size());
  for (const InHand& entry : entries_) {
    if (entry.letters.empty()) {
      ids.push_back(entry.id);
    } else if (Status buried = group.Bury(entry.id, entry.letters); !buried) {
      return buried;
    }
  }
  return group.Acknowledge(ids);
}

void RowBatch::Clear() {
  entries_.clear();
  rows_.clear();
  letter_count_ = 0;
  refused_count_ = 0;
  bytes_ = 0;
}

}  // namespace sluice
