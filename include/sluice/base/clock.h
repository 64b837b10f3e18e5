// Time, asked for once a turn. `Clock` is the source (tests give a fake one); `TurnClock` is one
// worker's view of it: the first question after a sleep reads the source, later ones in the same
// turn repeat the answer. One thread; no bound; never fails.
#pragma once

#include <cstdint>

namespace sluice {

inline constexpr uint64_t kNsPerMs = 1'000'000;
inline constexpr uint64_t kMsPerSecond = 1'000;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual uint64_t MonotonicNs() const = 0;  // since an arbitrary start
  virtual uint64_t WallMs() const = 0;       // since the Unix epoch
};

class SystemClock final : public Clock {
 public:
  uint64_t MonotonicNs() const override;
  uint64_t WallMs() const override;
};

class TurnClock {
 public:
  explicit TurnClock(const Clock& clock) : clock_(clock) {}
  TurnClock(const TurnClock&) = delete;
  TurnClock& operator=(const TurnClock&) = delete;

  uint64_t now_ns() {
    if (now_ns_ == 0) now_ns_ = clock_.MonotonicNs();
    return now_ns_;
  }
  uint64_t wall_ms() {
    if (wall_ms_ == 0) wall_ms_ = clock_.WallMs();
    return wall_ms_;
  }
  // Asked anew, for what a turn is too coarse for.
  uint64_t exact_ns() const { return clock_.MonotonicNs(); }
  uint64_t exact_wall_ms() const { return clock_.WallMs(); }
  // Called before the loop sleeps: what was cached is stale afterwards.
  void Forget() {
    now_ns_ = 0;
    wall_ms_ = 0;
  }

 private:
  const Clock& clock_;
  uint64_t now_ns_ = 0;
  uint64_t wall_ms_ = 0;
};

}  // namespace sluice
