#include "redis/ledger.h"

#include <algorithm>
#include <charconv>

#include "sluice/redis/resp.h"

namespace sluice {
namespace {

constexpr size_t kDigits = 20;  // of 2^64 - 1

void PutDigits(uint64_t sequence, char* to) {
  char number[kDigits];
  const auto size =
      static_cast<size_t>(std::to_chars(number, number + kDigits, sequence).ptr - number);
  std::fill(to, to + kDigits - size, '0');
  std::copy(number, number + size, to + kDigits - size);
}

void AppendSlots(const LedgerOptions& ledger, size_t first, std::string_view slots, Buffer& out) {
  AppendCommand({"SETRANGE", ledger.key, std::to_string(first * kDigits), slots}, out);
  AppendCommand({"EXPIRE", ledger.key, std::to_string(ledger.ttl_seconds)}, out);
}

}  // namespace

void AppendLedgerWrite(const LedgerOptions& ledger, uint64_t sequence, Buffer& out) {
  char digits[kDigits];
  PutDigits(sequence, digits);
  AppendSlots(ledger, sequence % kLedgerSlots, {digits, kDigits}, out);
}

void AppendLedgerWriteThrough(const LedgerOptions& ledger, uint64_t sequence, Buffer& out) {
  char slots[kLedgerSlots * kDigits];
  for (uint64_t back = 0; back < kLedgerSlots; ++back) {
    const uint64_t slot = (sequence + kLedgerSlots - back) % kLedgerSlots;
    PutDigits(sequence - std::min(sequence, back), slots + slot * kDigits);
  }
  AppendSlots(ledger, 0, {slots, sizeof slots}, out);
}

std::optional<CommittedBatches> CommittedBatches::Parse(std::string_view text) {
  if (text.size() % kDigits != 0 || text.size() > kLedgerSlots * kDigits) return std::nullopt;
  CommittedBatches committed;
  for (size_t slot = 0; slot * kDigits < text.size(); ++slot) {
    const std::string_view digits = text.substr(slot * kDigits, kDigits);
    if (digits.front() == '\0') continue;  // Redis's padding: nothing was written here
    const char* const end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, committed.slots_[slot]);
    if (error != std::errc() || rest != end) return std::nullopt;
  }
  return committed;
}

}  // namespace sluice
