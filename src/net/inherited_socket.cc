#include "sluice/net/inherited_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "sluice/base/check.h"

namespace sluice {

Result<std::vector<InheritedSocket>> TakeInheritedSockets() {
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);
  if (count < 0) {
    return Error{std::string("LISTEN_FDS: cannot take the sockets that were passed: ") +
                 std::strerror(-count)};
  }
  std::vector<InheritedSocket> sockets;
  std::string strange;
  for (int i = 0; i < count; ++i) {
    InheritedSocket socket{.fd = SD_LISTEN_FDS_START + i, .name = names[i]};
    std::free(names[i]);
    socket.is_unix = ::sd_is_socket(socket.fd, AF_UNIX, SOCK_STREAM, 1) > 0;
    const bool is_tcp = ::sd_is_socket_inet(socket.fd, AF_UNSPEC, SOCK_STREAM, 1, 0) > 0;
    if (strange.empty() && !socket.is_unix && !is_tcp) {
      strange = "LISTEN_FDS: descriptor " + std::to_string(socket.fd) + " (" + socket.name +
                ") is not a listening TCP socket; give the .socket unit ListenStream=host:port";
    }
    sockets.push_back(std::move(socket));
  }
  std::free(names);
  if (!strange.empty()) return Error{strange};
  return sockets;
}

int DuplicateSocket(int fd) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  SLUICE_CHECK(copy >= 0);
  return copy;
}

}  // namespace sluice
