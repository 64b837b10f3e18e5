// Listener: accepts connections on one listening socket, TCP or unix. Workers share a port by
// SO_REUSEPORT, each with a socket of its own, or share one socket that was inherited
// (inherited_socket.h). Binding is apart from accepting, so that a port in use is known before any
// thread starts. Belongs to the loop's thread.
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

// A bound, listening, non-blocking TCP socket; the caller owns it. The error says why, without a
// name of the setting. For unix sockets see socket_file.h.
Result<int> BindListeningSocket(const Address& address, PortSharing sharing);
uint16_t BoundPort(int fd);
Address BoundAddress(int fd);  // of a unix socket too

class AcceptHandler {
 public:
  virtual ~AcceptHandler() = default;
  virtual void OnAccept(std::unique_ptr<UvStream> stream) = 0;
};

// What becomes of the connections that wait in the socket's queue when the listener closes.
enum class WaitingPeers : uint8_t {
  kAccepted,  // the queue goes with the socket: accept them, or they are reset
  kLeft,      // others hold the socket too, and will accept them
};

class Listener {
 public:
  // Takes over `fd`.
  Listener(Loop& loop, int fd, AcceptHandler& handler,
           WaitingPeers waiting = WaitingPeers::kAccepted);
  ~Listener();  // closed, or never started
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Accepts what the kernel has queued already (unless it is left to others), then closes. False,
  // and still listening, while no descriptor or memory can be had for what waits: call it again.
  // Idempotent.
  [[nodiscard]] bool Close();
  // Closes whatever waits.
  void CloseNow();
  bool closed() const { return handle_ == nullptr; }

 private:
  union ListeningHandle {
    uv_handle_t base;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  };

  bool AcceptWaiting();
  bool is_unix() const { return handle_->base.type == UV_NAMED_PIPE; }

  Loop& loop_;
  AcceptHandler& handler_;
  const WaitingPeers waiting_;
  ListeningHandle* handle_;  // freed by its close callback
};

}  // namespace sluice
