#include "metrics/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <system_error>

namespace sluice {
namespace {

std::string ReadWhole(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::optional<uint64_t> ToNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> CountOpenFds() {
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return std::nullopt;
  int64_t count = -1;  // the directory itself is open while it is read
  for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (error) return std::nullopt;
    ++count;
  }
  return static_cast<double>(count);
}

std::optional<double> SoftFdLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  if (limit.rlim_cur == RLIM_INFINITY) return std::numeric_limits<double>::infinity();
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

std::optional<ProcStatLine> ParseProcStat(std::string_view line) {
  // Field 2 is the program's name in brackets and may hold blanks and brackets itself, so fields
  // are counted from the last bracket; what follows it is field 3.
  const size_t name_end = line.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  line.remove_prefix(name_end + 1);

  constexpr size_t kFirst = 3;
  constexpr size_t kLast = 24;
  std::array<std::string_view, kLast + 1> fields;
  for (size_t i = kFirst; i <= kLast; ++i) {
    const size_t begin = line.find_first_not_of(" \n");
    if (begin == std::string_view::npos) return std::nullopt;
    line.remove_prefix(begin);
    fields[i] = line.substr(0, line.find_first_of(" \n"));
    line.remove_prefix(fields[i].size());
  }
  const auto user = ToNumber(fields[14]);
  const auto system = ToNumber(fields[15]);
  const auto start = ToNumber(fields[22]);
  const auto virtual_bytes = ToNumber(fields[23]);
  const auto resident = ToNumber(fields[24]);
  if (!user || !system || !start || !virtual_bytes || !resident) return std::nullopt;
  return ProcStatLine{*user, *system, *start, *virtual_bytes, *resident};
}

std::optional<uint64_t> ParseBootSeconds(std::string_view proc_stat) {
  constexpr std::string_view kName = "btime ";
  size_t begin = proc_stat.find(kName);
  while (begin != std::string_view::npos && begin != 0 && proc_stat[begin - 1] != '\n') {
    begin = proc_stat.find(kName, begin + 1);
  }
  if (begin == std::string_view::npos) return std::nullopt;
  proc_stat.remove_prefix(begin + kName.size());
  return ToNumber(proc_stat.substr(0, proc_stat.find('\n')));
}

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  stats.open_fds = CountOpenFds();
  stats.max_fds = SoftFdLimit();

  const std::optional<ProcStatLine> line = ParseProcStat(ReadWhole("/proc/self/stat"));
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  if (!line || ticks_per_second <= 0) return stats;
  stats.cpu_seconds = static_cast<double>(line->user_ticks + line->system_ticks) / ticks_per_second;
  stats.virtual_bytes = static_cast<double>(line->virtual_bytes);
  stats.resident_bytes =
      static_cast<double>(line->resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (const std::optional<uint64_t> boot = ParseBootSeconds(ReadWhole("/proc/stat"))) {
    stats.start_time_seconds =
        static_cast<double>(*boot) + static_cast<double>(line->start_ticks) / ticks_per_second;
  }
  return stats;
}

}  // namespace sluice
