// A child program of a test. It runs from the constructor on, with its output kept in memory, and
// is killed and reaped with this object; the kernel kills it should the test die first. It inherits
// no descriptor but the standard three and those it is passed as systemd passes sockets, and none
// of the test's own SLUICE_* settings. One thread, which must outlive the child. Every wait is
// bounded; system failures throw.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

class Process {
 public:
  struct PassedSocket {
    int fd = -1;       // the caller's, who keeps it
    std::string name;  // in LISTEN_FDNAMES
  };
  struct Command {
    std::vector<std::string> args;           // the first is the program, looked up in PATH
    std::vector<std::string> environment;    // NAME=value, over the test's own
    std::string input = {};                  // all of its standard input
    std::vector<PassedSocket> sockets = {};  // from descriptor 3 on, with LISTEN_FDS and the like
    size_t file_bytes_max = 0;               // of any file it writes (RLIMIT_FSIZE); 0: no bound
  };

  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool Running();
  void Signal(int signal);
  // SIGSTOP; returns when it has taken effect, which kill(2) does not wait for.
  void Stop();
  // What a shell would say: the exit code, or 128 and the signal. Throws past the bound.
  int WaitExit();

  // All that it has written so far.
  std::string out() const;
  std::string err() const;
  // Its resident memory now; 0 once it has gone.
  size_t RssBytes() const;

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::optional<int> exit_;
};

}  // namespace sluice
