// Ports: the sockets that the program listens on, made before anything starts: bound to http.listen
// and admin.listen, beside a running sluice's (http.takeover), or inherited (inherited_socket.h).
// The admin port may be a unix socket, whose file is removed with this object (socket_file.h).
//
// Every TCP socket that is bound has SO_REUSEPORT: workers share the data port by it, and so does
// the next sluice that takes over. That would let in any program of the same user, so without
// takeover a socket without it is bound first: it fails if anybody has the port.
//
// Descriptors are handed out by Take; what is not taken is closed with this object.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/config.h"
#include "sluice/base/result.h"
#include "sluice/net/address.h"
#include "sluice/net/listener.h"
#include "sluice/net/socket_file.h"

namespace sluice {

class Ports {
 public:
  struct Socket {
    int fd = -1;
    WaitingPeers waiting = WaitingPeers::kAccepted;  // when it is closed
  };

  Ports() = default;
  ~Ports();
  Ports(const Ports&) = delete;
  Ports& operator=(const Ports&) = delete;

  // The error names the setting, or the inherited descriptor, and the remedy.
  Status Open(const Config& config, uint32_t worker_count);

  // Of worker i; of the admin port.
  std::vector<Socket> TakeData(uint32_t i);
  Socket TakeAdmin();

  // Where it listens: "0.0.0.0:8080", several joined by " and ".
  const std::string& data_text() const { return data_text_; }
  const std::string& admin_text() const { return admin_text_; }

 private:
  Status Inherit(uint32_t worker_count);
  Status BindData(const HttpConfig& http, uint32_t worker_count);
  Status BindAdmin(const Config& config);
  Status BindAdminFile(const Address& address, bool takeover);

  std::vector<std::vector<Socket>> data_;  // by worker
  Socket admin_;
  std::unique_ptr<SocketFile> admin_file_;  // null: a TCP port, or inherited
  std::string data_text_;
  std::string admin_text_;
};

}  // namespace sluice
