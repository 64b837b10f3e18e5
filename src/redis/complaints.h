// Complaints: what Redis refuses, as log lines: one as it begins, then one every ten seconds, and
// another at most once a second if the reason changes. One per lane, which they name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/clock.h"
#include "sluice/base/log.h"

namespace sluice {

class Complaints {
 public:
  explicit Complaints(std::string_view lane) : lane_(lane) {}

  void Add(std::string_view error, uint64_t now_ns) {
    constexpr uint64_t kEveryNs = 10'000 * kNsPerMs;
    const std::string_view code = error.substr(0, error.find(' '));
    const uint64_t quiet_ns = code == last_ ? kEveryNs : kEveryNs / 10;
    if (!last_.empty() && now_ns - last_ns_ < quiet_ns) return;
    last_ = code;
    last_ns_ = now_ns;
    Log(LogLevel::kWarning, "Redis refused a command", {{"lane", lane_}, {"error", error}});
  }

 private:
  const std::string_view lane_;
  std::string last_;  // the code of what was logged last
  uint64_t last_ns_ = 0;
};

}  // namespace sluice
