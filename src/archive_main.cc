#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <optional>
#include <utility>

#include "server/archive_command_line.h"
#include "server/archive_plan.h"
#include "server/archive_server.h"
#include "server/config_printer.h"
#include "server/exit_code.h"
#include "server/known_cpu.h"
#include "server/log_output.h"
#include "server/terminal_line.h"

extern char** environ;

namespace {

int Start(sluice::ArchivePlan plan) {
  sluice::LogOutput log(plan.config.log);
  std::optional<sluice::TerminalLine> terminal;
  if (::isatty(STDERR_FILENO) != 0) terminal.emplace(log, std::cerr);
  sluice::SetLogSink(terminal ? static_cast<sluice::LogSink*>(&*terminal) : &log);
  sluice::ArchiveServer server(std::move(plan), std::cout, terminal ? &*terminal : nullptr);
  if (const sluice::Status bound = server.Bind(); !bound.ok()) {
    std::fprintf(stderr, "sluice-archive: %s\n", bound.error().c_str());
    return sluice::kExitNotStarted;
  }
  const int exit_code = server.Run();
  sluice::SetLogSink(nullptr);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  using Action = sluice::ArchiveCommandLine::Action;
  std::signal(SIGHUP, SIG_IGN);  // there is nothing to read again
  if (!sluice::CpuIsKnown()) {
    std::fprintf(stderr, "sluice-archive: %s\n", sluice::kUnknownCpu);
    return sluice::kExitNotStarted;
  }
  const sluice::ArchiveCommandLine command =
      sluice::ParseArchiveCommandLine(argc, argv, environ, std::cout, std::cerr);
  if (command.action == Action::kExit) return command.exit_code;
  auto plan = sluice::PlanArchive(command.config, command.routes, command.once);
  if (!plan.ok()) {
    std::fprintf(stderr, "sluice-archive: %s\n", plan.error().c_str());
    return sluice::kExitUsage;
  }
  if (command.action == Action::kRun) return Start(std::move(plan.value()));
  sluice::PrintConfig(command.config, std::cout);
  return sluice::kExitDrained;
}
