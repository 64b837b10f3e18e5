#include "server/archive_progress.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sluice {
namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;

std::string Grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

// A terminal has a column for each character, and none for UTF-8's continuation bytes. What would
// move the cursor does not come so far.
std::string Cut(std::string_view text, size_t columns) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continues = (byte & 0xC0) == 0x80;
    if (!continues && columns-- == 0) break;
    line += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  return line;
}

}  // namespace

ArchiveProgress::ArchiveProgress(std::vector<const ArchiveStats*> streams, uint64_t now_ns)
    : streams_(std::move(streams)), last_rows_(streams_.size()), last_ns_(now_ns) {}

std::string ArchiveProgress::Line(uint64_t now_ns, size_t columns) {
  const uint64_t elapsed_ns = std::max<uint64_t>(now_ns - last_ns_, 1);
  std::string line;
  for (size_t i = 0; i < streams_.size(); ++i) {
    const ArchiveStats& stats = *streams_[i];
    const uint64_t rows = stats.rows.value();
    const double rate =
        static_cast<double>(rows - last_rows_[i]) * kNsPerSecond / static_cast<double>(elapsed_ns);
    line += (i == 0 ? "" : " · ") + stats.stream + " " + Grouped(rows) + " rows (" +
            Grouped(static_cast<uint64_t>(rate)) + "/s), lag " + Grouped(stats.lag_entries.value());
    last_rows_[i] = rows;
  }
  last_ns_ = now_ns;
  return Cut(line, columns);
}

}  // namespace sluice
