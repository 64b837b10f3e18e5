// Sockets on 127.0.0.1.
#pragma once

#include <cstdint>
#include <string>

namespace sluice {

// A connected descriptor without Nagle's delay, which the caller closes; -1 (and errno) when nobody
// listens.
int ConnectLoopback(uint16_t port);

// A listening socket on a free port, without SO_REUSEPORT: that port is taken while this object
// lives.
class TakenPort {
 public:
  TakenPort();
  ~TakenPort();
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;

  uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int fd_ = -1;
  uint16_t port_ = 0;
};

}  // namespace sluice
