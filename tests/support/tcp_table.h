// The kernel's table of TCP sockets (/proc/net/tcp), for conditions a test can see no other way:
// that a peer has read what was sent to it, or that it has not. IPv4 loopback only.
#pragma once

#include <cstdint>

namespace sluice {

// Bytes that the owners of the established sockets bound to `local_port` have not read yet; with a
// `remote_port`, of the one socket connected to it.
uint64_t UnreadBytes(uint16_t local_port, uint16_t remote_port = 0);

// Established connections to `local_port`.
uint64_t ConnectionCount(uint16_t local_port);

}  // namespace sluice
