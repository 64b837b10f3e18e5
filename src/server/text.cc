#include "server/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "sluice/base/limits.h"

namespace sluice {
namespace {

constexpr size_t kEditsMax = 2;
constexpr std::string_view kPasswordParameter = "password=";

// Levenshtein's distance, one row of the table at a time.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

// Control characters as TOML writes them.
void AppendVisible(char c, std::string& to) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '\n') {
    to += "\\n";
  } else if (c == '\t') {
    to += "\\t";
  } else if (byte < 0x20 || byte == 0x7F) {
    to += "\\u00";
    to += kHex[byte >> 4];
    to += kHex[byte & 0xF];
  } else {
    to += c;
  }
}

std::string HideOnce(std::string_view url) {
  // Paths; an '@' in one hides nothing.
  if (url.starts_with("unix:///") || url.starts_with("sqlite:")) return std::string(url);
  constexpr size_t kNone = std::string_view::npos;
  const size_t scheme_end = url.find("://");
  const size_t begin = scheme_end == kNone ? 0 : scheme_end + 3;
  // The last '@': a password that should have been percent-encoded may hold one itself.
  const size_t at = url.rfind('@');
  const bool has_user = at != kNone && at >= begin;
  const size_t colon = url.find(':', begin);
  const size_t secret = !has_user ? kNone : colon < at ? colon + 1 : begin;
  // libpq takes passwords among the parameters, too; to Redis it is a word like others.
  const bool is_of_redis = url.starts_with("redis") || url.starts_with("unix:");
  const size_t name = is_of_redis ? kNone : url.find(kPasswordParameter);
  const size_t parameter = name == kNone ? kNone : name + kPasswordParameter.size();
  if (secret == kNone && parameter == kNone) return std::string(url);
  std::string shown(url.substr(0, std::min(secret, parameter)));
  shown += "***";
  if (secret == kNone || parameter <= at) return shown;
  shown += url.substr(at, parameter == kNone ? kNone : parameter - at);
  return parameter == kNone ? shown : shown + "***";
}

}  // namespace

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    AppendVisible(c, quoted);
  }
  return quoted + '"';
}

std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) AppendVisible(c, line);
  return line;
}

std::string Shown(std::string_view text) {
  // A URL, or what is behind its scheme: user:password@host.
  const size_t at = text.rfind('@');
  const bool names_user = at != std::string_view::npos && text.find(':') < at;
  const bool is_url = names_user || text.find("://") != std::string_view::npos ||
                      text.find(kPasswordParameter) != std::string_view::npos;
  return Quoted(is_url ? HidePassword(text) : text);
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> ParseSize(std::string_view text) {
  struct Unit {
    std::string_view name;
    int64_t bytes;
  };
  constexpr std::array<Unit, 2> kUnits = {{{"KiB", kKiB}, {"MiB", kMiB}}};
  int64_t unit_bytes = 1;
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    unit_bytes = unit.bytes;
    text.remove_suffix(unit.name.size());
    if (text.ends_with(' ')) text.remove_suffix(1);
    break;
  }
  const std::optional<int64_t> count = ParseInteger(text);
  if (!count || *count < 0 || *count > std::numeric_limits<int64_t>::max() / unit_bytes) {
    return std::nullopt;
  }
  return *count * unit_bytes;
}

std::string SizeText(uint64_t bytes) {
  if (bytes != 0 && bytes % kMiB == 0) return std::to_string(bytes / kMiB) + "MiB";
  if (bytes != 0 && bytes % kKiB == 0) return std::to_string(bytes / kKiB) + "KiB";
  return std::to_string(bytes);
}

std::string FloatText(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  const std::string_view digits(text, static_cast<size_t>(end - text));
  const bool is_float = !std::isfinite(value) || digits.find_first_of(".e") != digits.npos;
  return std::string(digits) + (is_float ? "" : ".0");
}

std::string TimeText(int64_t seconds) {
  const time_t at = seconds;
  tm parts{};
  ::gmtime_r(&at, &parts);
  char text[32] = "";
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string Alternatives(std::span<const std::string_view> words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += Quoted(words[i]);
  }
  return text;
}

std::string Suggestion(std::string_view word, std::span<const std::string_view> known) {
  std::string_view nearest;
  size_t nearest_edits = kEditsMax + 1;
  for (const std::string_view name : known) {
    const size_t edits = EditDistance(word, name);
    if (edits >= nearest_edits) continue;
    nearest = name;
    nearest_edits = edits;
  }
  return nearest.empty() ? "" : "; did you mean " + Quoted(nearest) + "?";
}

std::string HidePassword(std::string_view url) {
  // What is no URL may look like another one behind the first time.
  std::string hidden = HideOnce(url);
  for (std::string again = HideOnce(hidden); again != hidden; again = HideOnce(hidden)) {
    hidden = std::move(again);
  }
  return hidden;
}

}  // namespace sluice
