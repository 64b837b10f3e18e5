#include "support/gate.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <stdexcept>

#include "support/sanitizer_options.h"
#include "support/wait.h"

#ifndef SLUICE_BINARY_DEFAULT
#define SLUICE_BINARY_DEFAULT "build/sluice"
#endif

namespace sluice {
namespace {

// Calls `read` with each whole line until it has taken one.
bool AnyLine(const std::string& text, const std::function<bool(const char*)>& read) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && !lines.eof();) {
    if (read(line.c_str())) return true;
  }
  return false;
}

}  // namespace

std::string SluiceBinary() {
  const char* named = std::getenv("SLUICE_BINARY");
  return named != nullptr ? named : SLUICE_BINARY_DEFAULT;
}

Gate::Gate(const Options& options) {
  Process::Command command;
  command.args = {SluiceBinary(),
                  "--listen",
                  options.listen,
                  "--admin",
                  options.admin,
                  "--workers",
                  std::to_string(options.workers)};
  if (!options.redis_url.empty()) {
    command.args.insert(command.args.end(), {"--redis", options.redis_url});
  }
  if (!options.config.empty()) {
    command.args.insert(command.args.end(),
                        {"--config", dir_.Write("sluice.toml", options.config)});
  }
  command.args.insert(command.args.end(), options.args.begin(), options.args.end());
  command.environment = options.environment;
  command.file_bytes_max = options.file_bytes_max;
  const std::vector<std::string> sanitizers = SanitizerOptions(dir_);
  command.environment.insert(command.environment.end(), sanitizers.begin(), sanitizers.end());
  command.sockets = options.sockets;
  process_ = std::make_unique<Process>(command);
  const auto up = WaitFor([this] { return ReadListening() || !process_->Running(); },
                          "the gate to say where it listens");
  if (!up || port_ == 0) {
    throw std::runtime_error("the gate does not start: " + SluiceBinary() + "\n" + out() + err());
  }
}

bool Gate::ReadListening() {
  constexpr const char* kLine =
      "sluice %*[0-9.]: listening on 127.0.0.1:%5hu, admin on 127.0.0.1:%5hu, %9u worker%n";
  constexpr const char* kUnixLine =
      "sluice %*[0-9.]: listening on 127.0.0.1:%5hu, admin on unix://%*[^,], %9u worker%n";
  return AnyLine(out(), [this](const char* line) {
    int end = 0;
    if (std::sscanf(line, kLine, &port_, &admin_port_, &workers_, &end) == 3) return end > 0;
    admin_port_ = 0;
    return std::sscanf(line, kUnixLine, &port_, &workers_, &end) == 2 && end > 0;
  });
}

int Gate::Stop(int signal) {
  Signal(signal);
  return WaitExit();
}

void Gate::Kill() {
  Signal(SIGKILL);
  (void)WaitExit();
}

std::optional<LedgerLine> Gate::ledger() const {
  constexpr const char* kLine =
      "sluice: drained: accepted %19lu = stored %19lu + refused %19lu + unknown %19lu%n";
  constexpr const char* kUnsettled = "; %19lu unsettled at the deadline%n";
  constexpr const char* kAlerts = "; %19lu alerts unsettled at the deadline%n";
  LedgerLine ledger;
  const bool found = AnyLine(out(), [&ledger](const char* line) {
    int end = 0;
    if (std::sscanf(line, kLine, &ledger.accepted, &ledger.stored, &ledger.refused, &ledger.unknown,
                    &end) != 4) {
      return false;
    }
    const auto skip = [&](const char* form, uint64_t* number) {
      line += end;
      end = 0;
      uint64_t read = 0;
      if (std::sscanf(line, form, &read, &end) == 1 && end > 0) *number = read;
    };
    skip(kUnsettled, &ledger.unsettled);
    skip(kAlerts, &ledger.unsettled_alerts);
    return line[end] == '\0';
  });
  return found ? std::optional(ledger) : std::nullopt;
}

ProgramRun RunSluice(const std::vector<std::string>& args,
                     const std::vector<std::string>& environment) {
  Process::Command command;
  command.args = {SluiceBinary()};
  command.args.insert(command.args.end(), args.begin(), args.end());
  command.environment = {"SLUICE_HTTP_LISTEN=127.0.0.1:0", "SLUICE_ADMIN_LISTEN=127.0.0.1:0",
                         "SLUICE_REDIS_URL=unix:///nonexistent/redis.sock"};
  command.environment.insert(command.environment.end(), environment.begin(), environment.end());
  Process process(command);
  const int exit_code = process.WaitExit();
  return {exit_code, process.out(), process.err()};
}

}  // namespace sluice
