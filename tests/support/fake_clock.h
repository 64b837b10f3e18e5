// Time that moves when the test says so.
#pragma once

#include <cstdint>

#include "sluice/base/clock.h"

namespace sluice {

class FakeClock final : public Clock {
 public:
  uint64_t MonotonicNs() const override { return now_ns_; }
  uint64_t WallMs() const override { return kStartWallMs + now_ns_ / kNsPerMs; }
  void AdvanceMs(uint64_t ms) { now_ns_ += ms * kNsPerMs; }

 private:
  static constexpr uint64_t kStartWallMs = 1'700'000'000'000;  // 2023-11-14T22:13:20Z
  uint64_t now_ns_ = 1'000 * kNsPerMs;
};

}  // namespace sluice
