#include "server/doctor_machine.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "support/temp_dir.h"
#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::HasSubstr;

WorkerPlan Plan(const std::string& toml = "") {
  return PlanWorkers(Loaded("[http]\nworkers = 2\nconnections_max = 1000\n" + toml)).value();
}

TEST(DoctorMachineTest, ReadsWhatTheKernelSays) {
  const TempDir dir;
  for (const char* folder : {"proc/sys/fs", "proc/sys/net/core", "proc/sys/net/ipv4", "proc/sys/vm",
                             "sys/kernel/mm/transparent_hugepage"}) {
    std::filesystem::create_directories(dir.File(folder));
  }
  dir.Write("proc/sys/fs/file-max", "9223372036854775807\n");
  dir.Write("proc/sys/net/core/somaxconn", "4096\n");
  dir.Write("proc/sys/net/ipv4/tcp_max_syn_backlog", "512\n");
  dir.Write("proc/sys/vm/overcommit_memory", "1\n");
  dir.Write("proc/meminfo", "MemTotal:  9 kB\nMemAvailable:     2048 kB\n");
  dir.Write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  const MachineReadings machine = ReadMachine(dir.path());
  EXPECT_EQ(machine.machine_files_max, 9'223'372'036'854'775'807u);
  EXPECT_EQ(machine.listen_queue_max, 4'096u);
  EXPECT_EQ(machine.handshake_queue_max, 512u);
  EXPECT_EQ(machine.overcommit, 1u);
  EXPECT_EQ(machine.available_bytes, 2'097'152u);
  EXPECT_EQ(machine.huge_pages, "always [madvise] never");
  EXPECT_TRUE(machine.open_files_max.has_value());
}

TEST(DoctorMachineTest, WhatCannotBeReadIsSkipped) {
  const TempDir dir;
  MachineReadings machine = ReadMachine(dir.path());
  machine.open_files_max.reset();
  const Findings findings = CheckMachine(machine, Plan());
  EXPECT_EQ(findings.size(), 6u);
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.verdict, Verdict::kSkipped) << finding.check;
  }
}

TEST(DoctorMachineTest, EachConnectionNeedsAFile) {
  constexpr uint64_t kNeeded = 1'000 + 128 + 2 * 256;
  const auto check = [](uint64_t own, uint64_t all) {
    return CheckOpenFiles({.open_files_max = own, .machine_files_max = all}, Plan());
  };
  EXPECT_EQ(check(kNeeded, kNeeded).verdict, Verdict::kOk);
  EXPECT_THAT(check(kNeeded - 1, kNeeded).remedy, HasSubstr("LimitNOFILE"));
  EXPECT_THAT(check(kNeeded, kNeeded - 1).remedy, HasSubstr("fs.file-max"));
}

TEST(DoctorMachineTest, QueuesThatTheKernelCutsAreNamed) {
  EXPECT_EQ(CheckListenQueue({.listen_queue_max = 4'096}).verdict, Verdict::kOk);
  EXPECT_EQ(CheckListenQueue({.listen_queue_max = 128}).remedy,
            "sysctl net.core.somaxconn=4096 (deploy/sysctl.conf)");
  EXPECT_EQ(CheckHandshakeQueue({.handshake_queue_max = 4'096}).verdict, Verdict::kOk);
  EXPECT_EQ(CheckHandshakeQueue({.handshake_queue_max = 512}).remedy,
            "sysctl net.ipv4.tcp_max_syn_backlog=8192 (deploy/sysctl.conf)");
}

TEST(DoctorMachineTest, TheBudgetsOfAllWorkersFit) {
  constexpr uint64_t kBudget = 2 * 64 * 1'048'576;
  EXPECT_EQ(CheckGateMemory({.available_bytes = kBudget}, Plan()).verdict, Verdict::kOk);
  EXPECT_THAT(CheckGateMemory({.available_bytes = kBudget - 1}, Plan()).remedy,
              HasSubstr("delivery.inflight_bytes_max"));
}

TEST(DoctorMachineTest, ARedisOnThisMachineForks) {
  EXPECT_EQ(CheckOvercommit({.overcommit = 1}).verdict, Verdict::kOk);
  EXPECT_EQ(CheckOvercommit({.overcommit = 0}).remedy, "sysctl vm.overcommit_memory=1");
  EXPECT_EQ(CheckHugePages({.huge_pages = "always [madvise] never"}).verdict, Verdict::kOk);
  EXPECT_EQ(CheckHugePages({.huge_pages = "[always] madvise never"}).verdict, Verdict::kWarning);
}

TEST(DoctorMachineTest, OfARedisElsewhereThisMachineSaysNothing) {
  const auto count = [](const char* url) {
    return CheckMachine({}, Plan("[redis]\nurl = '" + std::string(url) + "'\n")).size();
  };
  EXPECT_EQ(count("redis://127.0.0.1"), count("redis://10.0.0.1") + 2);
}

}  // namespace
}  // namespace sluice
