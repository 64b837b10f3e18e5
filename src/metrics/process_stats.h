// ProcessStats: what Linux knows of this process, for the standard process_* metrics. Read from
// /proc at each call, so any thread may ask; a value that cannot be read is absent, not 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

struct ProcessStats {
  std::optional<double> cpu_seconds;  // user and system, all threads
  std::optional<double> resident_bytes;
  std::optional<double> virtual_bytes;
  std::optional<double> start_time_seconds;  // since the Unix epoch
  std::optional<double> open_fds;
  std::optional<double> max_fds;  // the soft limit
};

ProcessStats ReadProcessStats();

// The fields used of one line of /proc/PID/stat, see proc(5).
struct ProcStatLine {
  uint64_t user_ticks = 0;
  uint64_t system_ticks = 0;
  uint64_t start_ticks = 0;  // since boot
  uint64_t virtual_bytes = 0;
  uint64_t resident_pages = 0;
};
std::optional<ProcStatLine> ParseProcStat(std::string_view line);

// The line "btime <seconds>" of /proc/stat: when the machine booted, since the Unix epoch.
std::optional<uint64_t> ParseBootSeconds(std::string_view proc_stat);

}  // namespace sluice
