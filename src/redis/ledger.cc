#include "redis/ledger.h"

#include <algorithm>
#include <charconv>

#include "sluice/redis/resp.h"

namespace sluice {
namespace {

constexpr size_t kDigits = 20;  // of 2^64 - 1

}  // namespace

void AppendLedgerWrite(const LedgerOptions& ledger, uint64_t sequence, Buffer& out) {
  char digits[kDigits];
  std::fill(digits, digits + kDigits, '0');
  char number[kDigits];
  const auto size =
      static_cast<size_t>(std::to_chars(number, number + kDigits, sequence).ptr - number);
  std::copy(number, number + size, digits + kDigits - size);
  const size_t offset = sequence % kLedgerSlots * kDigits;
  AppendCommand({"SETRANGE", ledger.key, std::to_string(offset), {digits, kDigits}}, out);
  AppendCommand({"EXPIRE", ledger.key, std::to_string(ledger.ttl_seconds)}, out);
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
