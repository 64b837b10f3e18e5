// The real program, started with a configuration of the test's own on free loopback ports, and what
// it says: where it listens, and its ledger at the end. Running from the constructor on (which
// throws with the program's own words if it does not come up) until Stop, or killed with this
// object.
#pragma once

#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice {

// `sluice: drained: accepted 12 = stored 10 + refused 1 + unknown 1`, and behind it, each with a
// semicolon before, `N unsettled at the deadline` and `N alerts unsettled at the deadline`.
struct LedgerLine {
  uint64_t accepted = 0;
  uint64_t stored = 0;
  uint64_t refused = 0;
  uint64_t unknown = 0;
  uint64_t unsettled = 0;
  uint64_t unsettled_alerts = 0;
};

// Whether the tests, and so the program built with them, run under a sanitizer: their memory and
// time say nothing of the program's own then.
inline constexpr bool kSanitized = SLUICE_SANITIZED;

// The program under test: $SLUICE_BINARY, or the one that was built with the tests.
std::string SluiceBinary();

class Gate {
 public:
  struct Options {
    std::string redis_url;  // empty: as the configuration says
    std::string listen = "127.0.0.1:0";
    std::string admin = "127.0.0.1:0";
    std::string config;  // the text of its TOML file; none when empty
    unsigned workers = 2;
    std::vector<std::string> args;  // more of them
    std::vector<std::string> environment;
    std::vector<Process::PassedSocket> sockets;
    size_t file_bytes_max = 0;  // of any file it writes; 0: no bound
  };

  explicit Gate(const Options& options);

  uint16_t port() const { return port_; }
  uint16_t admin_port() const { return admin_port_; }  // 0: a unix socket
  unsigned workers() const { return workers_; }

  bool Running() { return process_->Running(); }
  void Signal(int signal) { process_->Signal(signal); }
  int WaitExit() { return process_->WaitExit(); }
  // Drains it; its exit code.
  int Stop(int signal = SIGTERM);
  // SIGKILL, and gone when this returns.
  void Kill();

  // Printed once it has drained.
  std::optional<LedgerLine> ledger() const;
  std::string out() const { return process_->out(); }
  std::string err() const { return process_->err(); }
  size_t RssBytes() const { return process_->RssBytes(); }

 private:
  bool ReadListening();

  TempDir dir_;
  std::unique_ptr<Process> process_;
  uint16_t port_ = 0;
  uint16_t admin_port_ = 0;
  unsigned workers_ = 0;
};

// Runs the program to its end with these arguments: for --check, usage and refusals to start.
// Should it start in spite of all, then on free ports and without a Redis.
struct ProgramRun {
  int exit_code = 0;
  std::string out;
  std::string err;
};
ProgramRun RunSluice(const std::vector<std::string>& args,
                     const std::vector<std::string>& environment = {});

}  // namespace sluice
