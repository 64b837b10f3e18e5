// Listener: accepts connections on one listening socket. Workers share a port by SO_REUSEPORT, each
// with a socket of its own. Binding is apart from accepting, so that a port in use is known before
// any thread starts. Belongs to the loop's thread.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>

#include "sluice/base/result.h"
#include "sluice/net/address.h"
#include "sluice/net/loop.h"
#include "sluice/net/uv_stream.h"

namespace sluice {

enum class PortSharing : uint8_t { kExclusive, kShared };

// A bound, listening, non-blocking socket; the caller owns it. The error says why, without a name
// of the setting.
Result<int> BindListeningSocket(const Address& address, PortSharing sharing);
uint16_t BoundPort(int fd);

class AcceptHandler {
 public:
  virtual ~AcceptHandler() = default;
  virtual void OnAccept(std::unique_ptr<UvStream> stream) = 0;
};

class Listener {
 public:
  // Takes over `fd`.
  Listener(Loop& loop, int fd, AcceptHandler& handler);
  ~Listener();  // closed, or never started
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Accepts what the kernel has queued already (closing would reset it), then closes. Idempotent.
  void Close();
  bool closed() const { return handle_ == nullptr; }

 private:
  Loop& loop_;
  AcceptHandler& handler_;
  uv_tcp_t* handle_;  // freed by its close callback
};

}  // namespace sluice
