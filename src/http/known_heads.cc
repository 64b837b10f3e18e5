#include "sluice/http/known_heads.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>

#include "sluice/base/check.h"

namespace sluice {
namespace {

static_assert(kKnownHeadsMax <= std::numeric_limits<KnownHeads::Hint>::max());
static_assert(kKnownHeadBytesMax <= std::numeric_limits<uint16_t>::max());

// More digits than any body has bytes, and far from where a uint64_t ends.
constexpr size_t kLengthDigitsMax = 12;

}  // namespace

KnownHeads::Found KnownHeads::Find(Hint hint, std::string_view bytes) {
  Entry& entry = entries_[hint];
  if (entry.behind_bytes == 0 || !bytes.starts_with(entry.before())) return {};
  uint64_t length = 0;
  size_t at = entry.before_bytes;
  const size_t digits_end = std::min(at + kLengthDigitsMax, bytes.size());
  for (; at < digits_end && bytes[at] >= '0' && bytes[at] <= '9'; ++at) {
    length = length * 10 + static_cast<uint64_t>(bytes[at] - '0');
  }
  if (at == entry.before_bytes || !bytes.substr(at).starts_with(entry.behind())) return {};
  entry.head.content_length = length;
  return {&entry.head, at + entry.behind_bytes};
}

KnownHeads::Hint KnownHeads::Learn(std::string_view text, std::string_view length,
                                   const RequestHead& head) {
  const std::string_view before(text.data(), static_cast<size_t>(length.data() - text.data()));
  const std::string_view behind = text.substr(before.size() + length.size());
  SLUICE_CHECK(!behind.empty());
  if (before.size() + behind.size() > kKnownHeadBytesMax) return 0;  // a place like any other
  const std::hash<std::string_view> hash;
  const auto hint = static_cast<Hint>((hash(before) ^ hash(behind) << 1) % kKnownHeadsMax);
  Entry& entry = entries_[hint];
  if (entry.before() == before && entry.behind() == behind) return hint;
  entry.before_bytes = static_cast<uint16_t>(before.size());
  entry.behind_bytes = static_cast<uint16_t>(behind.size());
  std::memcpy(entry.text.data(), before.data(), before.size());
  std::memcpy(entry.text.data() + before.size(), behind.data(), behind.size());
  entry.head = head;
  // The text of the entry has no length in its middle.
  const auto in_entry = [&](std::string_view view) -> std::string_view {
    const auto at = static_cast<size_t>(view.data() - text.data());
    const bool is_before = at < before.size();
    const size_t begin = is_before ? 0 : before.size() + length.size();
    const size_t end = is_before ? before.size() : text.size();
    SLUICE_CHECK(at >= begin && at <= end && view.size() <= end - at);
    return {entry.text.data() + (is_before ? at : at - length.size()), view.size()};
  };
  entry.head.path = in_entry(head.path);
  if (!head.bearer.empty()) entry.head.bearer = in_entry(head.bearer);
  return hint;
}

}  // namespace sluice
