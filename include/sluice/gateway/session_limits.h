// SessionLimits: what a session may take of bytes, answers and time. Times in ms.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sluice/base/clock.h"
#include "sluice/base/limits.h"
#include "sluice/http/request_parser.h"

namespace sluice {

// Refused connections of a worker that may wait for their lingering close at the same time; past it
// they are cut without a word.
inline constexpr uint32_t kRefusedMax = 256;

struct SessionLimits {
  ParserLimits parser;
  size_t body_bytes_max;
  uint32_t connections_max;
  uint32_t pipeline_max;
  uint64_t idle_ms;
  uint64_t header_ms;
  uint64_t body_ms;
  uint64_t body_bytes_per_second_min = 0;  // 0: body_ms alone bounds a body's time
  uint64_t age_ms = 0;                     // a request of an older connection is its last; 0: none

  // Of a body that has been coming for so long, and so many of its bytes have.
  bool BodyIsLate(uint64_t for_ms, size_t bytes) const {
    if (for_ms >= body_ms) return true;
    if (for_ms <= kBodyGraceMs) return false;
    return bytes * kMsPerSecond < body_bytes_per_second_min * (for_ms - kBodyGraceMs);
  }
};

}  // namespace sluice
