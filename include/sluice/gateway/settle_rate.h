// SettleRate: how fast the store confirms what it is given, for Retry-After: an exponential average
// of bytes a second over about kSettleRateMs. Looked at on each sweep. While nothing waits at the
// store a quiet sweep says nothing against its speed; while something waits and nothing was
// confirmed for kSettleQuietMs, it is not known when that will be. One thread; fake time in tests.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "sluice/base/clock.h"
#include "sluice/base/limits.h"

namespace sluice {

class SettleRate {
 public:
  // Since the last call: how much left the store's hands and whether any of it was confirmed; and
  // whether more waits there.
  void Observe(uint64_t now_ns, uint64_t released_bytes, bool confirmed, bool waiting) {
    const uint64_t elapsed_ns = now_ns - seen_ns_;
    const bool first = seen_ns_ == 0;
    seen_ns_ = now_ns;
    if (confirmed || !waiting) alive_ns_ = now_ns;
    if (now_ns - alive_ns_ >= kSettleQuietMs * kNsPerMs) bytes_per_second_ = 0;
    if (first || elapsed_ns == 0) return;
    const auto elapsed = static_cast<double>(elapsed_ns);
    // What was only taken out again, at its deadline, was not settled by the store.
    const double sample = confirmed ? static_cast<double>(released_bytes) * 1e9 / elapsed : 0;
    if (!waiting || bytes_per_second_ == 0) {
      bytes_per_second_ = std::max(bytes_per_second_, sample);
    } else {
      constexpr double kAverageNs = kSettleRateMs * kNsPerMs;
      bytes_per_second_ += (sample - bytes_per_second_) * elapsed / (elapsed + kAverageNs);
    }
  }

  // Whole seconds, at least 1, until so much would be settled, and not more than `most`; none if
  // that cannot be told.
  std::optional<uint64_t> SecondsFor(size_t bytes, uint64_t most) const {
    if (bytes_per_second_ <= 0) return std::nullopt;
    const double seconds = std::ceil(static_cast<double>(bytes) / bytes_per_second_);
    return static_cast<uint64_t>(std::clamp(seconds, 1.0, static_cast<double>(most)));
  }

 private:
  double bytes_per_second_ = 0;  // 0: not known
  uint64_t seen_ns_ = 0;
  uint64_t alive_ns_ = 0;  // when the store last confirmed something, or had nothing to
};

}  // namespace sluice
