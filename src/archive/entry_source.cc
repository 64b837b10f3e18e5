#include "archive/entry_source.h"

namespace sluice {

void EntrySource::Rewind() {
  stage_ = Stage::kPending;
  cursor_ = kBegin;
}

Result<EntriesRead> EntrySource::Read(size_t count, uint64_t block_ms, bool nothing_in_hand) {
  if (stage_ == Stage::kNew && nothing_in_hand && now_ms() >= claim_at_ms_) {
    stage_ = Stage::kLeft;
    cursor_ = kBegin;
  }
  if (options_.once && until_ms_ == 0) {
    const auto now_ms = group_.NowMs();
    if (!now_ms) return Error{now_ms.error()};
    until_ms_ = now_ms.value();
  }
  Result<EntriesRead> read = Ask(count, block_ms);
  if (!read) return read;
  const bool none = read.value().entries.empty() && read.value().gone.empty();
  switch (stage_) {
    case Stage::kPending:
      cursor_ = none ? kBegin : read.value().next;
      if (none) stage_ = Stage::kLeft;
      break;
    case Stage::kLeft:
      stats_.claimed_entries.Add(read.value().entries.size());
      cursor_ = read.value().next;
      if (cursor_ != kBegin) break;
      stage_ = Stage::kNew;
      claim_at_ms_ = now_ms() + options_.claim_ms / 2;
      break;
    case Stage::kNew:
      if (options_.once && (none || EntryId::Parse(read.value().next).ms > until_ms_)) {
        stage_ = Stage::kDry;
      }
      break;
    case Stage::kDry:
      break;
  }
  return read;
}

Result<EntriesRead> EntrySource::Ask(size_t count, uint64_t block_ms) {
  switch (stage_) {
    case Stage::kPending:
      return group_.ReadPending(cursor_, count);
    case Stage::kLeft:
      return group_.Claim(cursor_, count, options_.claim_ms);
    case Stage::kNew:
    case Stage::kDry:
      break;
  }
  return group_.ReadNew(count, options_.once ? 0 : block_ms);
}

}  // namespace sluice
