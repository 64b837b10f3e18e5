#include "sluice/journal/segment_name.h"

#include <charconv>
#include <cstdio>

namespace sluice {
namespace {

template <typename T>
bool TakeNumber(std::string_view& text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

bool Take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

}  // namespace

std::optional<SegmentName> SegmentName::Parse(std::string_view text) {
  // A segment is opened by its name's parts, so only their own spelling of it will do.
  const auto spelt = [whole = text](const SegmentName& parsed) -> std::optional<SegmentName> {
    if (parsed.ToString() != whole) return {};
    return parsed;
  };
  SegmentName name;
  if (!TakeNumber(text, name.start_ms) || !Take(text, "-")) return {};
  if (!TakeNumber(text, name.worker)) return {};
  if (Take(text, "u")) name.lane = LaneKind::kUrgent;
  if (!Take(text, "-")) return {};
  if (text == "refused.journal.refused") {
    name.kind = Kind::kRefused;
    return spelt(name);
  }
  if (!TakeNumber(text, name.number) || !Take(text, ".journal")) return {};
  if (text.empty()) return spelt(name);
  if (text == ".repaired") {
    name.kind = Kind::kRepaired;
    return name;
  }
  uint32_t copy = 0;
  if (text != ".damaged" && (!Take(text, ".") || !TakeNumber(text, copy))) return {};
  if (text != ".damaged") return {};
  name.kind = Kind::kDamaged;
  return name;
}

std::string SegmentName::ToString() const {
  std::string text(80, '\0');  // longer than three numbers and the words
  const auto start = static_cast<unsigned long long>(start_ms);
  const char* const mark = lane == LaneKind::kUrgent ? "u" : "";
  const int size = kind == Kind::kRefused
                       ? std::snprintf(text.data(), text.size(),
                                       "%013llu-%u%s-refused.journal.refused", start, worker, mark)
                       : std::snprintf(text.data(), text.size(), "%013llu-%u%s-%06u.journal", start,
                                       worker, mark, number);
  text.resize(static_cast<size_t>(size));
  return text;
}

}  // namespace sluice
