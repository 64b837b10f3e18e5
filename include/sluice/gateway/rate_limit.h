// RateLimit: so many units a second, and up to so many at once. A bucket that leaks, kept as one
// word: the time at which it will have leaked empty (the generic cell rate algorithm, ITU-T I.371
// annex A). So it is exact for all workers together without a lock: within any T seconds no more
// than burst + rate * T units are taken, but for one request of more than the burst, which is let
// through when nothing is owed, and paid for by those behind it; so none is impossible.
//
// A cost is rounded up to whole nanoseconds. Immutable; any thread; no allocation.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "sluice/base/check.h"
#include "sluice/base/clock.h"

namespace sluice {

// What was taken of one limit: when all of it is paid for, by the monotonic clock.
using RateMeter = std::atomic<uint64_t>;

struct RateMeters {
  RateMeter records = 0;
  RateMeter bytes = 0;
};

class RateLimit {
 public:
  RateLimit() = default;  // none
  RateLimit(uint64_t per_second, uint64_t burst) : per_second_(per_second) {
    SLUICE_CHECK(per_second > 0);
    burst_ns_ = CostNs(burst);
  }

  bool operator==(const RateLimit&) const = default;
  bool none() const { return per_second_ == 0; }

  // All of the units, or none of them.
  [[nodiscard]] bool Take(RateMeter& meter, uint64_t now_ns, uint64_t units) const {
    if (per_second_ == 0) return true;
    const uint64_t cost_ns = CostNs(units);
    uint64_t paid_at_ns = meter.load(std::memory_order_relaxed);
    do {
      if (WaitNs(paid_at_ns, now_ns, cost_ns) > 0) return false;
    } while (!meter.compare_exchange_weak(paid_at_ns, std::max(paid_at_ns, now_ns) + cost_ns,
                                          std::memory_order_relaxed));
    return true;
  }

  // Until so many units can be taken, if nobody else takes any.
  uint64_t WaitNs(const RateMeter& meter, uint64_t now_ns, uint64_t units) const {
    if (per_second_ == 0) return 0;
    return WaitNs(meter.load(std::memory_order_relaxed), now_ns, CostNs(units));
  }
  // Until any request can be.
  uint64_t LongestWaitNs(const RateMeter& meter, uint64_t now_ns) const {
    if (per_second_ == 0) return 0;
    return WaitNs(meter.load(std::memory_order_relaxed), now_ns, burst_ns_);
  }

 private:
  static constexpr uint64_t kSecondNs = kMsPerSecond * kNsPerMs;

  uint64_t CostNs(uint64_t units) const {
    SLUICE_CHECK(units < UINT64_MAX / kSecondNs);
    return (units * kSecondNs + per_second_ - 1) / per_second_;
  }
  uint64_t WaitNs(uint64_t paid_at_ns, uint64_t now_ns, uint64_t cost_ns) const {
    const uint64_t filled_to_ns = paid_at_ns + std::min(cost_ns, burst_ns_);
    return std::max(filled_to_ns, now_ns + burst_ns_) - (now_ns + burst_ns_);
  }

  uint64_t per_second_ = 0;  // 0: no limit
  uint64_t burst_ns_ = 0;    // what the burst takes to be paid for
};

}  // namespace sluice
