// Ports: the sockets that the program listens on, made before anything starts: bound to http.listen
// and admin.listen, beside a running sluice's (http.takeover), or inherited (inherited_socket.h).
//
// Every TCP socket that is bound has SO_REUSEPORT: workers share the data port by it, and so does
// the next sluice that takes over (port_socket.h).
//
// Descriptors are handed out by Take; what is not taken is closed with this object.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/admin_socket.h"
#include "server/config.h"
#include "server/port_socket.h"
#include "sluice/base/result.h"

namespace sluice {

class Ports {
 public:
  Ports() = default;
  ~Ports();
  Ports(const Ports&) = delete;
  Ports& operator=(const Ports&) = delete;

  // The error names the setting, or the inherited descriptor, and the remedy.
  Status Open(const Config& config, uint32_t worker_count);

  // Of worker i.
  std::vector<PortSocket> TakeData(uint32_t i);
  // Where it listens: "0.0.0.0:8080", several joined by " and ".
  const std::string& data_text() const { return data_text_; }
  AdminSocket& admin() { return admin_; }

 private:
  Status Inherit(uint32_t worker_count);
  Status BindData(const HttpConfig& http, uint32_t worker_count);

  std::vector<std::vector<PortSocket>> data_;  // by worker
  std::string data_text_;
  AdminSocket admin_;
};

}  // namespace sluice
