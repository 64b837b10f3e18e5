#include "redis/batch.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/redis/resp.h"

namespace sluice {
namespace {

constexpr std::string_view kMulti = "*1\r\n$5\r\nMULTI\r\n";
constexpr std::string_view kExec = "*1\r\n$4\r\nEXEC\r\n";

}  // namespace

Batch::Batch() { Reset(); }

void Batch::Reset() {
  if (bytes_.capacity() > kKeptBytesMax) bytes_ = Buffer();
  bytes_.Clear();
  bytes_.Append(kMulti);
  claims_.clear();
  records_ = commands_ = 0;
  sealed_ = joined_ = finished_ = false;
  sequence = opened_ns = sent_ns = 0;
  exposed = doubted = logged = logging = on_disk = false;
}

void Batch::GiveBackSpare() {
  if (bytes_.capacity() <= std::max(kKeptBytesMax, 2 * bytes_.size())) return;
  Buffer fitting;
  fitting.Reserve(bytes_.size() + 4 * kKiB);  // what Seal appends
  fitting.Append(bytes_.view());
  bytes_ = std::move(fitting);
}

size_t Batch::head_bytes() { return kMulti.size(); }

size_t Batch::claimed_bytes() const {
  size_t bytes = 0;
  for (const Claim& claim : claims_) bytes += claim.bytes;
  return bytes;
}

std::string_view Batch::command_bytes() const {
  return bytes_.view().substr(head_bytes(), claimed_bytes());
}

void Batch::Add(const Ticket& ticket, size_t bytes, uint32_t commands) {
  claims_.push_back({.ticket = ticket, .bytes = bytes, .commands = commands});
  records_ += ticket.records;
  commands_ += commands;
}

void Batch::MoveLastTo(Batch& other) {
  const Claim last = claims_.back();
  const size_t begin = bytes_.size() - last.bytes;
  CopyTo(other, claims_.size() - 1, begin);
  bytes_.Truncate(begin);
  claims_.pop_back();
  records_ -= last.ticket.records;
  commands_ -= last.commands;
  GiveBackSpare();
}

void Batch::CopyTo(Batch& other, size_t i, size_t offset) const {
  const Claim& claim = claims_[i];
  other.bytes_.Append(bytes_.view().substr(offset, claim.bytes));
  other.Add(claim.ticket, claim.bytes, claim.commands);
  other.claims_.back().settled = claim.settled;
}

size_t Batch::TakeOutSettled() {
  const size_t before = bytes_.size();
  size_t from = kMulti.size();
  size_t to = from;
  for (const Claim& claim : claims_) {
    if (claim.settled) {
      records_ -= claim.ticket.records;
      commands_ -= claim.commands;
    } else {
      std::memmove(bytes_.data() + to, bytes_.data() + from, claim.bytes);
      to += claim.bytes;
    }
    from += claim.bytes;
  }
  bytes_.Truncate(to);
  GiveBackSpare();
  std::erase_if(claims_, [](const Claim& claim) { return claim.settled; });
  return before - to;
}

void Batch::Load(const LoggedBatch& from) {
  SLUICE_CHECK(empty() || (logged && !sealed_ && from.sequence > sequence));
  joined_ = !empty();
  bytes_.Append(from.bytes);
  Add({.session = {}, .records = from.records}, from.bytes.size(), from.commands);
  claims_.back().settled = true;
  if (!joined_) first_sequence_ = from.sequence;
  sequence = from.sequence;
  logged = on_disk = true;
}

void Batch::ForgetFailures() {
  for (Claim& claim : claims_) claim.failures = 0;
}

void Batch::Seal(const LedgerOptions& ledger) {
  SLUICE_CHECK(!empty() && !sealed_ && sequence > 0);
  sealed_ = finished_ = true;
  if (joined_) {
    AppendLedgerWriteThrough(ledger, sequence, bytes_);
  } else {
    AppendLedgerWrite(ledger, sequence, bytes_);
  }
  bytes_.Append(kExec);
  if (ledger.replicas == 0) return;
  AppendCommand({"WAIT", std::to_string(ledger.replicas), std::to_string(ledger.replica_wait_ms)},
                bytes_);
}

void Batch::Unseal() {
  SLUICE_CHECK(sealed_);
  bytes_.Truncate(head_bytes() + claimed_bytes());
  sealed_ = false;
}

}  // namespace sluice
