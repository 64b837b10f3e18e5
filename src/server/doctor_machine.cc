#include "server/doctor_machine.h"

#include <sys/resource.h>

#include <charconv>
#include <fstream>
#include <string_view>

#include "server/file_limit.h"
#include "server/text.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

constexpr uint64_t kBacklog = kListenBacklog;

std::string FirstLine(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::optional<uint64_t> ToNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

// Of meminfo's "MemAvailable:    1234 kB".
std::optional<uint64_t> AvailableBytes(const std::string& file) {
  constexpr std::string_view kName = "MemAvailable:";
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(kName)) continue;
    const size_t digits = line.find_first_of("0123456789");
    if (digits == std::string::npos) return std::nullopt;
    const auto kib = ToNumber(std::string_view(line).substr(digits));
    return kib ? std::optional(*kib * kKiB) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<uint64_t> OpenFilesMax() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return limit.rlim_max;
}

Finding Unread(const std::string& check, const std::string& what) {
  return {Verdict::kSkipped, check, what + " cannot be read here"};
}

// Of a queue that the kernel cuts to `most`.
Finding CheckQueue(const std::string& check, const std::string& name, std::optional<uint64_t> most,
                   uint64_t recommended) {
  if (!most) return Unread(check, name);
  const std::string found = name + " is " + std::to_string(*most);
  if (*most >= kBacklog) return {Verdict::kOk, check, found};
  return {Verdict::kWarning, check,
          found + ": of " + std::to_string(kBacklog) +
              " devices that reconnect at once some are turned away",
          "sysctl " + name + "=" + std::to_string(recommended) + " (deploy/sysctl.conf)"};
}

}  // namespace

MachineReadings ReadMachine(const std::string& root) {
  const auto number = [&](const char* file) { return ToNumber(FirstLine(root + file)); };
  return {.open_files_max = OpenFilesMax(),
          .machine_files_max = number("/proc/sys/fs/file-max"),
          .listen_queue_max = number("/proc/sys/net/core/somaxconn"),
          .handshake_queue_max = number("/proc/sys/net/ipv4/tcp_max_syn_backlog"),
          .available_bytes = AvailableBytes(root + "/proc/meminfo"),
          .overcommit = number("/proc/sys/vm/overcommit_memory"),
          .huge_pages = FirstLine(root + "/sys/kernel/mm/transparent_hugepage/enabled")};
}

Finding CheckOpenFiles(const MachineReadings& machine, const WorkerPlan& plan) {
  const std::string check = "open files";
  if (!machine.open_files_max) return Unread(check, "the limit");
  const uint64_t needed =
      plan.config.http.connections_max + FilesBesideConnections(plan.worker_count);
  const std::string need = std::to_string(needed) + " needed for http.connections_max of " +
                           std::to_string(plan.config.http.connections_max);
  if (*machine.open_files_max < needed) {
    return {Verdict::kWarning, check,
            std::to_string(*machine.open_files_max) + " allowed, " + need +
                ": fewer connections are taken",
            "raise LimitNOFILE (systemd) or ulimit -Hn, or lower http.connections_max"};
  }
  if (machine.machine_files_max && *machine.machine_files_max < needed) {
    return {Verdict::kWarning, check,
            "fs.file-max allows all programs " + std::to_string(*machine.machine_files_max) + ", " +
                need,
            "raise fs.file-max, or lower http.connections_max"};
  }
  return {Verdict::kOk, check, std::to_string(*machine.open_files_max) + " allowed, " + need};
}

Finding CheckListenQueue(const MachineReadings& machine) {
  return CheckQueue("listen queue", "net.core.somaxconn", machine.listen_queue_max, kBacklog);
}

Finding CheckHandshakeQueue(const MachineReadings& machine) {
  return CheckQueue("handshakes", "net.ipv4.tcp_max_syn_backlog", machine.handshake_queue_max,
                    2 * kBacklog);
}

Finding CheckGateMemory(const MachineReadings& machine, const WorkerPlan& plan) {
  const std::string check = "gate memory";
  if (!machine.available_bytes) return Unread(check, "MemAvailable");
  const uint64_t budget = plan.config.delivery.inflight_bytes_max * plan.worker_count;
  const std::string found = "budget of " + std::to_string(budget / kMiB) + " MiB in " +
                            std::to_string(plan.worker_count) +
                            (plan.worker_count == 1 ? " worker, " : " workers, ") +
                            std::to_string(*machine.available_bytes / kMiB) + " MiB available";
  if (budget <= *machine.available_bytes) return {Verdict::kOk, check, found};
  return {Verdict::kWarning, check, found, "lower delivery.inflight_bytes_max or http.workers"};
}

Finding CheckOvercommit(const MachineReadings& machine) {
  const std::string check = "overcommit";
  if (!machine.overcommit) return Unread(check, "vm.overcommit_memory");
  const std::string found = "vm.overcommit_memory is " + std::to_string(*machine.overcommit);
  if (*machine.overcommit == 1) return {Verdict::kOk, check, found};
  return {Verdict::kWarning, check,
          found + ": Redis, which is on this machine, may not be able to fork for a rewrite",
          "sysctl vm.overcommit_memory=1"};
}

Finding CheckHugePages(const MachineReadings& machine) {
  const std::string check = "huge pages";
  if (machine.huge_pages.empty()) return Unread(check, "transparent_hugepage");
  if (machine.huge_pages.find("[always]") == std::string::npos) {
    return {Verdict::kOk, check, "transparent_hugepage is " + OneLine(machine.huge_pages)};
  }
  return {
      Verdict::kWarning, check,
      "transparent_hugepage is always: Redis, which is on this machine, stalls behind its forks",
      "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled, at each boot"};
}

Findings CheckMachine(const MachineReadings& machine, const WorkerPlan& plan) {
  Findings findings = {CheckOpenFiles(machine, plan), CheckListenQueue(machine),
                       CheckHandshakeQueue(machine), CheckGateMemory(machine, plan)};
  if (plan.redis_url && plan.redis_url->address.is_local()) {
    Append({CheckOvercommit(machine), CheckHugePages(machine)}, findings);
  }
  return findings;
}

}  // namespace sluice
