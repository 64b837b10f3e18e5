// Latencies: how often each latency was seen, in buckets of at most 1.6% of their value. A
// percentile is its bucket's upper edge, so it is never flattered. Fixed size, one thread, no
// allocation after it was made.
#pragma once

#include <algorithm>
#include <bit>
#include <cinttypes>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace perf {

class Latencies {
 public:
  // A negative latency (clocks of several processes are compared in milliseconds) counts as none.
  void Add(int64_t ns) {
    const uint64_t value = ns > 0 ? static_cast<uint64_t>(ns) : 0;
    ++counts_[BucketOf(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  uint64_t count() const { return count_; }
  double max_us() const { return static_cast<double>(max_) / 1e3; }

  // The latency that `percent` of all do not exceed; 0 where there is none.
  double PercentileUs(double percent) const {
    const auto rank =
        static_cast<uint64_t>(std::ceil(percent / 100 * static_cast<double>(count_) - 1e-9));
    uint64_t seen = 0;
    for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (seen >= rank && seen > 0) return EdgeUs(bucket);
    }
    return 0;
  }

  // `<name>_count`, `<name>_p50_us` and so on, one a line.
  void Print(const char* name) const {
    std::printf("%s_count %" PRIu64 "\n%s_p50_us %.1f\n%s_p99_us %.1f\n", name, count_, name,
                PercentileUs(50), name, PercentileUs(99));
    std::printf("%s_p99.9_us %.1f\n%s_max_us %.1f\n", name, PercentileUs(99.9), name, max_us());
  }

  // A line for each bucket that is not empty, `<upper edge in us> <count>`, so that several runs
  // can be put together. False if the file cannot be written.
  bool Write(const char* path) const {
    std::FILE* file = std::fopen(path, "w");
    if (file == nullptr) return false;
    for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      if (counts_[bucket] == 0) continue;
      std::fprintf(file, "%.1f %" PRIu64 "\n", EdgeUs(bucket), counts_[bucket]);
    }
    return std::fclose(file) == 0;
  }

 private:
  static constexpr unsigned kBits = 6;  // buckets for each power of two: 64
  static constexpr size_t kBuckets = (64 - kBits + 1) << kBits;

  static size_t BucketOf(uint64_t value) {
    if (value < (uint64_t{1} << kBits)) return static_cast<size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
    return (static_cast<size_t>(shift) << kBits) + static_cast<size_t>(value >> shift);
  }

  double EdgeUs(size_t bucket) const {
    if (bucket < (size_t{1} << kBits)) return static_cast<double>(bucket) / 1e3;
    const size_t shift = (bucket >> kBits) - 1;
    const uint64_t top = bucket - (shift << kBits);
    return static_cast<double>(std::min(((top + 1) << shift) - 1, max_)) / 1e3;
  }

  std::vector<uint64_t> counts_ = std::vector<uint64_t>(kBuckets);
  uint64_t count_ = 0;
  uint64_t max_ = 0;
};

}  // namespace perf
