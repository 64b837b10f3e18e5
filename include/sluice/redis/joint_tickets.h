// JointTickets: requests whose records went to several partitions' lanes, or whose alerts went to
// the urgent one. Stands between the lanes and the listener, and settles such a request once, when
// each lane has settled its part of it: as they agree; else as unknown, since neither "stored" nor
// "not stored" would be true of the whole. Other tickets pass through.
//
// Counts the alerts' own outcomes, and how long Redis took to confirm them. One per worker;
// outlives its lanes. Memory: kRequestOverheadBytes for each part but the first, as
// held_bytes() says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "sluice/base/clock.h"
#include "sluice/base/lane_kind.h"
#include "sluice/base/limits.h"
#include "sluice/base/pool.h"
#include "sluice/base/slot_table.h"
#include "sluice/base/worker_stats.h"
#include "sluice/record/record_sink.h"

namespace sluice {

class JointTickets {
 public:
  JointTickets(TicketListener& listener, TurnClock& clock, AlertStats& stats);
  JointTickets(const JointTickets&) = delete;
  JointTickets& operator=(const JointTickets&) = delete;

  // The lanes' listeners.
  TicketListener& bulk() { return bulk_; }
  TicketListener& urgent() { return urgent_; }

  // The ticket that each of `parts` lanes is given, with the count of its own records. `read_ns`:
  // when the request had been read, where it has alerts.
  Ticket Join(const Ticket& ticket, size_t parts, uint64_t read_ns = 0);
  size_t held_bytes() const { return held_bytes_; }

 private:
  struct Joint {
    Ticket ticket;  // as the request has it
    uint64_t read_ns = 0;
    size_t parts = 0;
    size_t open_parts = 0;
    std::optional<Settlement> bulk;  // of all partitions that have settled
    std::optional<Settlement> urgent;

    void Reset() { *this = Joint(); }
  };
  // Of one of the lanes.
  class Part final : public TicketListener {
   public:
    Part(JointTickets& joints, LaneKind lane) : joints_(joints), lane_(lane) {}
    void OnSettled(const Ticket& ticket, const Settlement& settlement) override {
      joints_.OnPartSettled(lane_, ticket, settlement);
    }

   private:
    JointTickets& joints_;
    const LaneKind lane_;
  };

  void OnPartSettled(LaneKind lane, const Ticket& ticket, const Settlement& settlement);
  void Count(const Joint& joint, uint32_t alerts, const Settlement& settlement);

  TicketListener& listener_;
  TurnClock& clock_;
  AlertStats& stats_;
  Part bulk_{*this, LaneKind::kBulk};
  Part urgent_{*this, LaneKind::kUrgent};
  size_t held_bytes_ = 0;
  SlotTable<Joint> joints_;
  Pool<Joint> spare_;
};

}  // namespace sluice
