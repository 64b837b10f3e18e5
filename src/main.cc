#include <csignal>
#include <cstdio>
#include <iostream>
#include <utility>

#include "server/command_line.h"
#include "server/config_printer.h"
#include "server/doctor_command.h"
#include "server/exit_code.h"
#include "server/journal_command.h"
#include "server/known_cpu.h"
#include "server/log_output.h"
#include "server/ready_command.h"
#include "server/server.h"
#include "server/tls_port.h"
#include "server/token_command.h"
#include "server/worker_plan.h"

extern char** environ;

namespace {

int Start(const sluice::Config& config) {
  auto plan = sluice::PlanWorkers(config);
  if (!plan.ok()) {
    std::fprintf(stderr, "sluice: %s\n", plan.error().c_str());
    return sluice::kExitUsage;
  }
  sluice::LogOutput log(config.log);
  sluice::SetLogSink(&log);
  sluice::Server server(std::move(plan.value()), std::cout);
  if (const sluice::Status bound = server.Bind(); !bound.ok()) {
    std::fprintf(stderr, "sluice: %s\n", bound.error().c_str());
    return sluice::kExitNotStarted;
  }
  const int exit_code = server.Run();
  sluice::SetLogSink(nullptr);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  // Until the server takes it, and for the other commands, there is nothing to read again.
  std::signal(SIGHUP, SIG_IGN);
  if (!sluice::CpuIsKnown()) {
    std::fprintf(stderr, "sluice: %s\n", sluice::kUnknownCpu);
    return sluice::kExitNotStarted;
  }
  const sluice::CommandLine command =
      sluice::ParseCommandLine(argc, argv, environ, std::cout, std::cerr);
  switch (command.action) {
    case sluice::CommandLine::Action::kExit:
      return command.exit_code;
    case sluice::CommandLine::Action::kJournal:
      return sluice::RunJournalCommand(command.journal, std::cout, std::cerr);
    case sluice::CommandLine::Action::kToken:
      return sluice::RunTokenCommand(command.token, std::cout, std::cerr);
    case sluice::CommandLine::Action::kDoctor:
      return sluice::RunDoctorCommand(command.config, command.json, std::cout, std::cerr);
    case sluice::CommandLine::Action::kReady:
      return sluice::RunReadyCommand(command.config.admin.listen, std::cerr);
    case sluice::CommandLine::Action::kCheck: {
      const auto plan = sluice::PlanWorkers(command.config);
      if (!plan.ok()) {
        std::fprintf(stderr, "sluice: %s\n", plan.error().c_str());
        return sluice::kExitUsage;
      }
      const std::string expiry = sluice::ExpiryWarning(command.config.tls, sluice::SystemClock());
      if (!expiry.empty()) std::fprintf(stderr, "sluice: warning: %s\n", expiry.c_str());
      sluice::PrintConfig(command.config, std::cout);
      return sluice::kExitDrained;
    }
    case sluice::CommandLine::Action::kRun:
      return Start(command.config);
  }
}
