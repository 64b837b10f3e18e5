// Sockets that the process was started with: systemd's socket activation (sd_listen_fds(3)), by the
// variables LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES. systemd keeps them while the program is
// away, so a connection that arrives meanwhile waits and is not refused. Call it once, before any
// thread starts: the variables are taken out of the environment.
#pragma once

#include <string>
#include <vector>

#include "sluice/base/result.h"

namespace sluice {

struct InheritedSocket {
  int fd = -1;  // the caller's now; closed on exec
  std::string name;
  bool is_unix = false;
};

// In the order they were passed; none where nobody passed any. The error names the descriptor that
// is not a listening TCP or unix socket.
Result<std::vector<InheritedSocket>> TakeInheritedSockets();

// Another descriptor of the same socket.
int DuplicateSocket(int fd);

}  // namespace sluice
