// AdminSocket: the socket of an admin port: bound to a TCP address or a unix socket's path, whose
// file is removed with this object (socket_file.h), or inherited. Before any thread starts.
#pragma once

#include <memory>
#include <string>

#include "server/port_socket.h"
#include "sluice/base/result.h"
#include "sluice/net/socket_file.h"

namespace sluice {

class AdminSocket {
 public:
  AdminSocket() = default;
  ~AdminSocket();
  AdminSocket(const AdminSocket&) = delete;
  AdminSocket& operator=(const AdminSocket&) = delete;

  // `listen` as its setting holds it; the error names the setting and the remedy.
  Status Bind(const PortNames& names, const std::string& listen, PortTaking taking);
  void Inherit(int fd, std::string text);
  bool open() const { return socket_.fd >= 0; }
  // Where it listens: "127.0.0.1:9464" or "unix:///path".
  const std::string& text() const { return text_; }
  // The caller's from here on; what is not taken is closed with this object.
  PortSocket Take();
  // Removes the file now, for an end without destructors.
  void RemoveFile() { file_.reset(); }

 private:
  Status BindFile(const PortNames& names, const Address& address, PortTaking taking);

  PortSocket socket_;
  std::unique_ptr<SocketFile> file_;  // null: a TCP port, or inherited
  std::string text_;
};

}  // namespace sluice
