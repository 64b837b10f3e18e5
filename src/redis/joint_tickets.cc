#include "sluice/redis/joint_tickets.h"

#include <utility>

#include "sluice/base/check.h"

namespace sluice {
namespace {

constexpr size_t kSpareJoints = 1'024;

Settlement Joined(const Settlement& bulk, const Settlement& urgent) {
  const auto either = [&](OutcomeReason reason) {
    return bulk.reason == reason || urgent.reason == reason;
  };
  Settlement joined = bulk;
  if (bulk.outcome != urgent.outcome) {
    joined = {.outcome = Outcome::kUnknown, .reason = OutcomeReason::kInPart};
    // Where one part is in doubt there is nothing to say of the other.
    if (bulk.outcome == Outcome::kUnknown) joined.reason = bulk.reason;
    if (urgent.outcome == Outcome::kUnknown) joined.reason = urgent.reason;
  } else if (bulk.outcome == Outcome::kStored && either(OutcomeReason::kJournal)) {
    joined.reason = OutcomeReason::kJournal;
  }
  // Sending it again as it is would not help, whatever became of the other part.
  if (either(OutcomeReason::kKeyReused)) joined.reason = OutcomeReason::kKeyReused;
  return joined;
}

}  // namespace

JointTickets::JointTickets(TicketListener& listener, TurnClock& clock, AlertStats& stats)
    : listener_(listener), clock_(clock), stats_(stats), spare_(kSpareJoints) {}

Ticket JointTickets::Join(const Ticket& ticket, uint64_t read_ns) {
  const SlotHandle handle = joints_.Reserve();
  std::unique_ptr<Joint> joint = spare_.Take();
  joint->ticket = ticket;
  joint->read_ns = read_ns;
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
  if (lane == LaneKind::kUrgent) Count(*joint, ticket.records, settlement);
  (lane == LaneKind::kUrgent ? joint->urgent : joint->bulk) = settlement;
  if (!joint->bulk || !joint->urgent) return;
  const Ticket whole = joint->ticket;
  const Settlement joined = Joined(*joint->bulk, *joint->urgent);
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
