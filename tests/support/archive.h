// The real sluice-archive, started on a configuration of the test's own with its admin port on a
// free loopback port, and what it says at its end. Running from the constructor on (which throws
// with the program's own words if it does not come up) until Stop, or killed with this object.
#pragma once

#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/metrics_text.h"
#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice {

// `sluice-archive: stopped: archived 12 rows in 3 batches, 1 dead letters, 0 entries left`
struct ArchiveSum {
  uint64_t rows = 0;
  uint64_t batches = 0;
  uint64_t dead_letters = 0;
  uint64_t left = 0;
};

class Archive {
 public:
  struct Options {
    std::string redis_url;
    std::string database_url;
    std::string config;             // the text of its TOML file; none when empty
    std::vector<std::string> args;  // more of them
  };

  explicit Archive(const Options& options);

  uint16_t admin_port() const { return admin_port_; }

  bool Running() { return process_->Running(); }
  void Signal(int signal) { process_->Signal(signal); }
  int WaitExit() { return process_->WaitExit(); }
  // Asks it to end; its exit code.
  int Stop();
  // SIGKILL, and gone when this returns.
  void Kill();

  MetricsText Metrics() const;
  int ReadyStatus() const;  // of /readyz

  // Printed once it has ended.
  std::optional<ArchiveSum> sum() const;
  std::string out() const { return process_->out(); }
  std::string err() const { return process_->err(); }
  size_t RssBytes() const { return process_->RssBytes(); }

  // Runs it to its end with these arguments: for --once, --check and refusals to start.
  struct Run {
    int exit_code = 0;
    std::string out;
    std::string err;
  };
  static Run RunOnce(const std::vector<std::string>& args);

 private:
  bool ReadAdminPort();

  TempDir dir_;
  std::unique_ptr<Process> process_;
  uint16_t admin_port_ = 0;
};

}  // namespace sluice
