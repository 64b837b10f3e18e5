// A histogram of fixed bounds, for one writer and any number of readers (see counter.h). Values are
// integers in the unit of its bounds (nanoseconds, records); the scrape turns them into base units.
// At most kBucketsMax bounds; a value above the last counts in the last, unbounded bucket.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sluice/base/check.h"
#include "sluice/base/counter.h"

namespace sluice {

class Histogram {
 public:
  static constexpr size_t kBucketsMax = 24;

  // `bounds` ascends strictly and outlives the histogram (a constant).
  explicit Histogram(std::span<const uint64_t> bounds) : bounds_(bounds) {
    SLUICE_CHECK(bounds.size() <= kBucketsMax);
    SLUICE_CHECK(std::is_sorted(bounds.begin(), bounds.end()));
  }

  // A value equal to a bound belongs to that bound's bucket ("le" in Prometheus).
  void Observe(uint64_t value, uint64_t times = 1) {
    const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    buckets_[static_cast<size_t>(at)].Add(times);
    sum_.Add(value * times);
  }

  std::span<const uint64_t> bounds() const { return bounds_; }
  // Values in bucket i alone (not cumulative); i == bounds().size() is the unbounded one.
  uint64_t bucket(size_t i) const { return buckets_[i].value(); }
  uint64_t sum() const { return sum_.value(); }

 private:
  std::span<const uint64_t> bounds_;
  std::array<Counter, kBucketsMax + 1> buckets_;
  Counter sum_;
};

}  // namespace sluice
