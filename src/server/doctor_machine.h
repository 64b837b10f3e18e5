// `sluice doctor`'s look at the machine: open files, queues for connections, memory, and what a
// Redis on this machine wants of it. Reading is apart from judging, so that tests can make up a
// machine. Limits are those of who runs the doctor: run it as the gate is run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/doctor_finding.h"
#include "server/worker_plan.h"

namespace sluice {

// Nothing where it cannot be read.
struct MachineReadings {
  std::optional<uint64_t> open_files_max =
      {};  // RLIMIT_NOFILE's hard limit: the gate raises its own
  std::optional<uint64_t> machine_files_max = {};    // fs.file-max
  std::optional<uint64_t> listen_queue_max = {};     // net.core.somaxconn
  std::optional<uint64_t> handshake_queue_max = {};  // net.ipv4.tcp_max_syn_backlog
  std::optional<uint64_t> available_bytes = {};      // memory
  std::optional<uint64_t> overcommit = {};           // vm.overcommit_memory
  std::string huge_pages = {};                       // "always [madvise] never"
};

// `root` stands before /proc and /sys.
MachineReadings ReadMachine(const std::string& root = "");

Finding CheckOpenFiles(const MachineReadings& machine, const WorkerPlan& plan);
Finding CheckListenQueue(const MachineReadings& machine);
Finding CheckHandshakeQueue(const MachineReadings& machine);
// Whether the budgets of all workers fit.
Finding CheckGateMemory(const MachineReadings& machine, const WorkerPlan& plan);
// For a Redis on this machine.
Finding CheckOvercommit(const MachineReadings& machine);
Finding CheckHugePages(const MachineReadings& machine);

// All of them; the last two where the plan's Redis is on this machine.
Findings CheckMachine(const MachineReadings& machine, const WorkerPlan& plan);

}  // namespace sluice
