// Admission: the memory budget of one worker. A body is admitted before it is taken (its announced
// length, or chunk by chunk), and its records once more as the store's bytes before they are
// committed; so what is held never passes the budget. What is refused was never taken: it is shed.
#pragma once

#include <cstddef>

#include "sluice/base/check.h"
#include "sluice/record/record_sink.h"

namespace sluice {

class Admission {
 public:
  Admission(size_t inflight_bytes_max, const RecordSink& sink)
      : max_(inflight_bytes_max), sink_(sink) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // Charges `bytes` of body, or refuses them.
  [[nodiscard]] bool Charge(size_t bytes) {
    if (!Fits(bytes)) return false;
    body_bytes_ += bytes;
    return true;
  }
  void Release(size_t bytes) {
    SLUICE_CHECK(bytes <= body_bytes_);
    body_bytes_ -= bytes;
  }
  bool Fits(size_t bytes) const { return inflight_bytes() + bytes <= max_; }
  // Taken and not yet settled: bodies being read, and records as the sink holds them.
  size_t inflight_bytes() const { return body_bytes_ + sink_.unsettled_bytes(); }

 private:
  const size_t max_;
  const RecordSink& sink_;
  size_t body_bytes_ = 0;
};

}  // namespace sluice
