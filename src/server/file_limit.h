// Open files: one descriptor a connection, and some for the rest: devices must not take those that
// Redis, the journal and the admin port need.
#pragma once

#include <cstdint>

#include "sluice/gateway/session_limits.h"

namespace sluice {

inline uint64_t FilesBesideConnections(uint32_t worker_count) {
  return 128 + uint64_t{kRefusedMax} * worker_count;
}

}  // namespace sluice
