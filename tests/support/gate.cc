#include "support/gate.h"

#include <cstdlib>
#include <regex>
#include <stdexcept>

#include "support/wait.h"

#ifndef SLUICE_BINARY_DEFAULT
#define SLUICE_BINARY_DEFAULT "build/sluice"
#endif

namespace sluice {
namespace {

uint16_t PortFrom(const std::string& digits) { return static_cast<uint16_t>(std::stoul(digits)); }

}  // namespace

std::string SluiceBinary() {
  const char* named = std::getenv("SLUICE_BINARY");
  return named != nullptr ? named : SLUICE_BINARY_DEFAULT;
}

Gate::Gate(const Options& options) {
  Process::Command command;
  command.args = {SluiceBinary(),
                  "--listen",
                  "127.0.0.1:0",
                  "--admin",
                  "127.0.0.1:0",
                  "--workers",
                  std::to_string(options.workers),
                  "--redis",
                  options.redis_url};
  if (!options.config.empty()) {
    command.args.insert(command.args.end(),
                        {"--config", dir_.Write("sluice.toml", options.config)});
  }
  command.args.insert(command.args.end(), options.args.begin(), options.args.end());
  command.environment = options.environment;
  process_ = std::make_unique<Process>(command);
  const auto up = WaitFor([this] { return ReadListening() || !process_->Running(); },
                          "the gate to say where it listens");
  if (!up || port_ == 0) {
    throw std::runtime_error("the gate does not start: " + SluiceBinary() + "\n" + out() + err());
  }
}

bool Gate::ReadListening() {
  static const std::regex line(
      "sluice [0-9.]+: listening on 127\\.0\\.0\\.1:([0-9]+), admin on 127\\.0\\.0\\.1:([0-9]+), "
      "([0-9]+) workers?\n");
  std::smatch match;
  const std::string text = out();
  if (!std::regex_search(text, match, line)) return false;
  port_ = PortFrom(match[1]);
  admin_port_ = PortFrom(match[2]);
  workers_ = static_cast<unsigned>(std::stoul(match[3]));
  return true;
}

int Gate::Stop(int signal) {
  Signal(signal);
  return WaitExit();
}

std::optional<LedgerLine> Gate::ledger() const {
  static const std::regex line(
      "sluice: drained: accepted ([0-9]+) = stored ([0-9]+) \\+ refused ([0-9]+) \\+ unknown "
      "([0-9]+)(?:; ([0-9]+) unsettled at the deadline)?\n");
  std::smatch match;
  const std::string text = out();
  if (!std::regex_search(text, match, line)) return std::nullopt;
  const uint64_t unsettled = match[5].matched ? std::stoull(match[5]) : 0;
  return LedgerLine{std::stoull(match[1]), std::stoull(match[2]), std::stoull(match[3]),
                    std::stoull(match[4]), unsettled};
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
