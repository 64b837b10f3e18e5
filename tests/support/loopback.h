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

// A port that is bound and not listened at, with SO_REUSEADDR: a program that sets it too may
// listen there, and again after it has gone, and nobody gets the port meanwhile.
class ReservedPort {
 public:
  ReservedPort();
  ~ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  uint16_t port() const { return port_; }

 private:
  int fd_ = -1;
  uint16_t port_ = 0;
};

}  // namespace sluice
