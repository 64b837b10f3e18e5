#include "redis/batch.h"

#include <charconv>
#include <cstring>
#include <string>

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
  records_ = 0;
  finished_ = false;
  opened_ns = 0;
  sent_ns = 0;
}

size_t Batch::head_bytes() { return kMulti.size(); }

size_t Batch::claimed_bytes() const {
  size_t bytes = 0;
  for (const Claim& claim : claims_) bytes += claim.bytes;
  return bytes;
}

void Batch::Add(const Ticket& ticket, size_t bytes) {
  claims_.push_back({.ticket = ticket, .bytes = bytes});
  records_ += ticket.records;
}

void Batch::MoveLastTo(Batch& other) {
  const Claim last = claims_.back();
  const size_t begin = bytes_.size() - last.bytes;
  CopyTo(other, claims_.size() - 1, begin);
  bytes_.Truncate(begin);
  claims_.pop_back();
  records_ -= last.ticket.records;
}

void Batch::CopyTo(Batch& other, size_t i, size_t offset) const {
  const Claim& claim = claims_[i];
  other.bytes_.Append(bytes_.view().substr(offset, claim.bytes));
  other.Add(claim.ticket, claim.bytes);
}

size_t Batch::TakeOutSettled() {
  const size_t before = bytes_.size();
  size_t from = kMulti.size();
  size_t to = from;
  for (const Claim& claim : claims_) {
    if (claim.settled) {
      records_ -= claim.ticket.records;
    } else {
      std::memmove(bytes_.data() + to, bytes_.data() + from, claim.bytes);
      to += claim.bytes;
    }
    from += claim.bytes;
  }
  bytes_.Truncate(to);
  std::erase_if(claims_, [](const Claim& claim) { return claim.settled; });
  return before - to;
}

void Batch::Seal(std::string_view ledger_key, uint64_t sequence) {
  SLUICE_CHECK(!empty());
  finished_ = true;
  static const std::string kTtl = std::to_string(kLedgerTtlSeconds);
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, sequence);
  AppendCommand({"SET", ledger_key, {digits, end}, "EX", kTtl}, bytes_);
  bytes_.Append(kExec);
}

}  // namespace sluice
