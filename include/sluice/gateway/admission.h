// Admission: the memory budget of one worker. A body is admitted before it is taken (its announced
// length, or chunk by chunk), and its records once more as the store's bytes before they are
// committed, with kRequestOverheadBytes for what keeps track of them; so what is held never passes
// the budget. What is refused was never taken: it is shed, and told when to come again.
//
// A part of the budget, the reserve, is for requests that raise an alert: others are refused when
// the rest of it is full. Half of it may hold bodies that come in pieces and may yet raise one, so
// that those that are slow to come leave room for alerts that are there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/gateway/settle_rate.h"
#include "sluice/record/record_sink.h"

namespace sluice {

enum class Urgency : uint8_t { kBulk, kNotKnown, kUrgent };

class Admission {
 public:
  Admission(size_t inflight_bytes_max, size_t reserve_bytes, const RecordSink& sink)
      : max_{inflight_bytes_max - reserve_bytes, inflight_bytes_max - reserve_bytes / 2,
             inflight_bytes_max},
        sink_(sink) {
    SLUICE_CHECK(reserve_bytes <= inflight_bytes_max);
  }
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // Charges `bytes` that were read (of a body, or waiting unparsed), or refuses them.
  [[nodiscard]] bool Charge(size_t bytes, Urgency urgency = Urgency::kBulk) {
    if (!Fits(bytes, urgency)) return false;
    read_bytes_ += bytes;
    return true;
  }
  void Release(size_t bytes) {
    SLUICE_CHECK(bytes <= read_bytes_);
    read_bytes_ -= bytes;
  }
  bool Fits(size_t bytes, Urgency urgency = Urgency::kBulk) const {
    return inflight_bytes() + bytes <= max(urgency);
  }

  // A request whose records are `bytes` in the store's hands: could it ever be taken, and now?
  bool EverFitsRequest(size_t bytes, Urgency urgency = Urgency::kBulk) const {
    return bytes + kRequestOverheadBytes <= max(urgency);
  }
  bool FitsRequest(size_t bytes, Urgency urgency = Urgency::kBulk) const {
    return Fits(bytes + kRequestOverheadBytes, urgency);
  }
  // Just before the sink commits it; and when its ticket is settled.
  void OnCommit(size_t bytes) {
    ++unsettled_requests_;
    committed_bytes_ += bytes;
  }
  void OnSettled(Outcome outcome) {
    SLUICE_CHECK(unsettled_requests_ > 0);
    --unsettled_requests_;
    if (outcome == Outcome::kStored) confirmed_ = true;
  }

  // Taken and not yet settled: what was read, and records as the sink holds them.
  size_t inflight_bytes() const {
    return read_bytes_ + sink_.unsettled_bytes() + unsettled_requests_ * kRequestOverheadBytes;
  }

  void Sweep(uint64_t now_ns) {
    const size_t unsettled_bytes = sink_.unsettled_bytes();
    const size_t held_bytes = unsettled_at_sweep_ + std::exchange(committed_bytes_, 0);
    // A store may come to hold more than it was given, by what it writes around it.
    const size_t released_bytes = held_bytes > unsettled_bytes ? held_bytes - unsettled_bytes : 0;
    unsettled_at_sweep_ = unsettled_bytes;
    rate_.Observe(now_ns, released_bytes, std::exchange(confirmed_, false), unsettled_bytes > 0);
  }
  // Until what the sink holds now would be settled.
  std::optional<uint64_t> SecondsToSettle(uint64_t most) const {
    return rate_.SecondsFor(sink_.unsettled_bytes(), most);
  }

 private:
  size_t max(Urgency urgency) const { return max_[static_cast<size_t>(urgency)]; }

  const std::array<size_t, 3> max_;  // by urgency
  const RecordSink& sink_;
  size_t read_bytes_ = 0;
  size_t unsettled_requests_ = 0;
  // Since the last sweep:
  size_t committed_bytes_ = 0;
  bool confirmed_ = false;
  size_t unsettled_at_sweep_ = 0;
  SettleRate rate_;
};

}  // namespace sluice
