// The kernel's table of TCP sockets, for conditions a test can see no other way: that a peer has
// read what was sent to it, or that it has not. IPv4 loopback only.
#pragma once

#include <cstdint>

namespace sluice {

// Bytes that the owners of the established sockets bound to `local_port` have not read yet.
uint64_t UnreadBytes(uint16_t local_port);

// The same of the one socket that is connected to `remote_port`. Costs microseconds where the
// kernel answers sock_diag(7), else as much as the former: a walk over the whole table.
uint64_t UnreadBytes(uint16_t local_port, uint16_t remote_port);

}  // namespace sluice
