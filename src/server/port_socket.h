// PortSocket: a socket that a program listens on, before anything listens; and how one is bound to
// the address of a setting. Before any thread starts.
#pragma once

#include <cstdint>
#include <string>

#include "sluice/base/result.h"
#include "sluice/net/address.h"
#include "sluice/net/listener.h"

namespace sluice {

struct PortSocket {
  int fd = -1;
  WaitingPeers waiting = WaitingPeers::kAccepted;  // when it is closed
};

// How errors call a port: "admin.listen" and "--admin".
struct PortNames {
  std::string setting;
  std::string flag;
};

enum class PortTaking : uint8_t {
  kAlone,  // nobody else has it, or ever joins
  kFree,   // nobody else has it; a sluice that takes over may join later
  kOver,   // beside those of a running sluice
};

// A bound, listening TCP socket; the caller's. All but kAlone's have SO_REUSEPORT, which would let
// in any program of the same user, so for kFree a socket without it is bound first: it fails if
// anybody has the port. The error names the setting and the remedy.
Result<int> BindPort(const PortNames& names, const Address& address, PortTaking taking);

// For what cannot be bound: "admin.listen: cannot listen on ...: <reason>; choose another ...".
Error CannotListen(const PortNames& names, const Address& address, const std::string& reason,
                   const std::string& hint);
// Ends such an error.
std::string TakeoverHint(PortTaking taking);

}  // namespace sluice
