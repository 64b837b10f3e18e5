#include "sluice/redis/joint_tickets.h"

#include <utility>

#include "sluice/base/check.h"

namespace sluice {
namespace {

constexpr size_t kSpareJoints = 1'024;

Settlement Joined(const Settlement& a, const Settlement& b) {
  const auto either = [&](OutcomeReason reason) {
    return a.reason == reason || b.reason == reason;
  };
  Settlement joined = a;
  joined.repeated += b.repeated;
  if (a.outcome == Outcome::kUnknown || b.outcome == Outcome::kUnknown) {
    joined.outcome = Outcome::kUnknown;
    // Where one part is in doubt there is nothing to say of the others.
    const bool a_is_in_doubt = a.outcome == Outcome::kUnknown && a.reason != OutcomeReason::kInPart;
    joined.reason = a_is_in_doubt || b.outcome != Outcome::kUnknown ? a.reason : b.reason;
  } else if (a.outcome != b.outcome) {
    joined.outcome = Outcome::kUnknown;
    joined.reason = OutcomeReason::kInPart;
  } else if (a.outcome == Outcome::kStored && either(OutcomeReason::kJournal)) {
    joined.reason = OutcomeReason::kJournal;
  }
  // Sending it again as it is would not help, whatever became of the other parts.
  if (either(OutcomeReason::kKeyReused)) joined.reason = OutcomeReason::kKeyReused;
  return joined;
}

}  // namespace

JointTickets::JointTickets(TicketListener& listener, TurnClock& clock, AlertStats& stats)
    : listener_(listener), clock_(clock), stats_(stats), spare_(kSpareJoints) {}

Ticket JointTickets::Join(const Ticket& ticket, size_t parts, uint64_t read_ns) {
  SLUICE_CHECK(parts > 1);
  const SlotHandle handle = joints_.Reserve();
  std::unique_ptr<Joint> joint = spare_.Take();
  joint->ticket = ticket;
  joint->read_ns = read_ns;
  joint->parts = joint->open_parts = parts;
  held_bytes_ += (parts - 1) * kRequestOverheadBytes;
  joints_.Put(handle, std::move(joint));
  Ticket joined = ticket;
  joined.joint = handle;
  return joined;
}

void JointTickets::OnPartSettled(LaneKind lane, const Ticket& ticket,
                                 const Settlement& settlement) {
  if (ticket.joint.index == SlotHandle::kNone) return listener_.OnSettled(ticket, settlement);
  Joint* joint = joints_.Find(ticket.joint);
  SLUICE_CHECK(joint != nullptr);
  if (lane == LaneKind::kUrgent) {
    Count(*joint, ticket.records, settlement);
    joint->urgent = settlement;
    joint->urgent->repeated = 0;  // alerts are not the request's records
  } else {
    joint->bulk = joint->bulk ? Joined(*joint->bulk, settlement) : settlement;
  }
  if (--joint->open_parts > 0) return;
  held_bytes_ -= (joint->parts - 1) * kRequestOverheadBytes;
  const Ticket whole = joint->ticket;
  const Settlement joined = joint->urgent ? Joined(*joint->bulk, *joint->urgent) : *joint->bulk;
  spare_.Give(joints_.Remove(ticket.joint));
  listener_.OnSettled(whole, joined);
}

void JointTickets::Count(const Joint& joint, uint32_t alerts, const Settlement& settlement) {
  switch (settlement.outcome) {
    case Outcome::kStored:
      stats_.stored.Add(alerts);
      if (settlement.reason == OutcomeReason::kJournal) break;  // Redis gets them later
      stats_.confirm_ns.Observe(clock_.exact_ns() - joint.read_ns, alerts);
      break;
    case Outcome::kRefused:
      stats_.refused.Add(alerts);
      break;
    case Outcome::kUnknown:
      stats_.unknown.Add(alerts);
      break;
  }
}

}  // namespace sluice
