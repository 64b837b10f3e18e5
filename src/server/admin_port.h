// AdminPort: the admin port of a program, on its main loop: the listener, the sessions and their
// pages (admin_handler.h). It serves until Close; its owner flushes it each turn and sweeps it.
#pragma once

#include <memory>

#include "server/admin_handler.h"
#include "server/config.h"
#include "server/port_socket.h"
#include "sluice/gateway/session_table.h"
#include "sluice/metrics/metrics_page.h"
#include "sluice/net/listener.h"
#include "sluice/net/loop.h"

namespace sluice {

class AdminPort final : public AcceptHandler {
 public:
  // Takes over the socket. Its bounds on time and heads are [http]'s. References outlive it.
  AdminPort(const HttpConfig& http, Loop& loop, PortSocket socket, const MetricsPage& page,
            const Readiness& readiness);
  AdminPort(const AdminPort&) = delete;
  AdminPort& operator=(const AdminPort&) = delete;

  void Flush() { sessions_.Flush(); }
  void Sweep() { sessions_.Sweep(); }
  void Close();  // its connections too; closed() follows
  bool closed() const { return listener_.closed() && sessions_.size() == 0; }

 private:
  void OnAccept(std::unique_ptr<UvStream> stream) override;

  AdminHandler handler_;
  SessionTable sessions_;
  Listener listener_;
};

}  // namespace sluice
