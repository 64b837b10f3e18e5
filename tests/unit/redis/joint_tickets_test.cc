#include "sluice/redis/joint_tickets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/fake_clock.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using enum Outcome;

constexpr uint32_t kRequest = 7;
constexpr uint32_t kRecords = 5;
constexpr uint32_t kAlerts = 2;

// The test is the listener behind the lanes, and plays both.
class JointTicketsTest : public testing::Test, public TicketListener {
 protected:
  Ticket Join() {
    return joints_.Join({.session = {}, .answer = kRequest, .records = kRecords}, 2,
                        turn_clock_.exact_ns());
  }
  void SettleBulk(const Ticket& ticket, const Settlement& settlement) {
    joints_.bulk().OnSettled(ticket, settlement);
  }
  void SettleUrgent(Ticket ticket, const Settlement& settlement) {
    ticket.records = kAlerts;
    joints_.urgent().OnSettled(ticket, settlement);
  }
  // What the request is told when its parts are settled so, in either order.
  Settlement Together(const Settlement& bulk, const Settlement& urgent) {
    for (const bool bulk_first : {true, false}) {
      const Ticket ticket = Join();
      if (bulk_first) SettleBulk(ticket, bulk);
      SettleUrgent(ticket, urgent);
      if (!bulk_first) SettleBulk(ticket, bulk);
    }
    const Settlement last = settlements_.back();
    const Settlement before = settlements_[settlements_.size() - 2];
    EXPECT_EQ(last.outcome, before.outcome);
    EXPECT_EQ(last.reason, before.reason);
    EXPECT_EQ(last.repeated, before.repeated);
    return last;
  }
  void ExpectTogether(const Settlement& bulk, const Settlement& urgent, Outcome outcome,
                      OutcomeReason reason) {
    const Settlement told = Together(bulk, urgent);
    EXPECT_EQ(told.outcome, outcome);
    EXPECT_EQ(told.reason, reason);
  }

  void OnSettled(const Ticket& ticket, const Settlement& settlement) override {
    EXPECT_EQ(ticket.answer, kRequest);
    EXPECT_EQ(ticket.records, kRecords) << "of the request, not of a part";
    settlements_.push_back(settlement);
  }

  FakeClock clock_;
  TurnClock turn_clock_{clock_};
  AlertStats stats_;
  JointTickets joints_{*this, turn_clock_, stats_};
  std::vector<Settlement> settlements_;
};

TEST_F(JointTicketsTest, ARequestIsSettledWhenBothItsPartsAre) {
  const Ticket ticket = Join();
  EXPECT_EQ(joints_.held_bytes(), kRequestOverheadBytes);
  SettleUrgent(ticket, {.outcome = kStored});
  EXPECT_THAT(settlements_, IsEmpty());
  SettleBulk(ticket, {.outcome = kStored, .repeated = 3});
  ASSERT_EQ(settlements_.size(), 1u);
  EXPECT_EQ(settlements_[0].outcome, kStored);
  EXPECT_EQ(settlements_[0].repeated, 3u) << "of its records; alerts are not counted for it";
  EXPECT_EQ(joints_.held_bytes(), 0u);
}

TEST_F(JointTicketsTest, ATicketWithoutAlertsPassesThroughAtOnce) {
  SettleBulk({.session = {}, .answer = kRequest, .records = kRecords}, {.outcome = kRefused});
  ASSERT_EQ(settlements_.size(), 1u);
  EXPECT_EQ(settlements_[0].outcome, kRefused);
  EXPECT_EQ(joints_.held_bytes(), 0u);
}

TEST_F(JointTicketsTest, SeveralRequestsAreToldApart) {
  const Ticket first = Join();
  const Ticket second = Join();
  SettleBulk(second, {.outcome = kRefused});
  SettleBulk(first, {.outcome = kStored});
  SettleUrgent(first, {.outcome = kStored});
  ASSERT_EQ(settlements_.size(), 1u);
  EXPECT_EQ(settlements_[0].outcome, kStored);
  SettleUrgent(second, {.outcome = kRefused});
  ASSERT_EQ(settlements_.size(), 2u);
  EXPECT_EQ(settlements_[1].outcome, kRefused);
}

TEST_F(JointTicketsTest, PartsThatAgreeSaySo) {
  ExpectTogether({.outcome = kStored}, {.outcome = kStored}, kStored, OutcomeReason::kNone);
  ExpectTogether({.outcome = kRefused, .reason = OutcomeReason::kDeadline},
                 {.outcome = kRefused, .reason = OutcomeReason::kStoreSaid}, kRefused,
                 OutcomeReason::kDeadline);
  ExpectTogether({.outcome = kUnknown, .reason = OutcomeReason::kDrainEnded},
                 {.outcome = kUnknown, .reason = OutcomeReason::kDeadline}, kUnknown,
                 OutcomeReason::kDrainEnded);
  ExpectTogether({.outcome = kRefused, .reason = OutcomeReason::kKeyReused},
                 {.outcome = kRefused, .reason = OutcomeReason::kKeyReused}, kRefused,
                 OutcomeReason::kKeyReused);
}

TEST_F(JointTicketsTest, OneInTheJournalIsAllInTheJournal) {
  const Settlement journal{.outcome = kStored, .reason = OutcomeReason::kJournal};
  ExpectTogether({.outcome = kStored}, journal, kStored, OutcomeReason::kJournal);
  ExpectTogether(journal, {.outcome = kStored}, kStored, OutcomeReason::kJournal);
  ExpectTogether(journal, journal, kStored, OutcomeReason::kJournal);
}

TEST_F(JointTicketsTest, WhatIsStoredInPartIsNeitherStoredNorNot) {
  const Settlement late{.outcome = kRefused, .reason = OutcomeReason::kDeadline};
  ExpectTogether({.outcome = kStored}, late, kUnknown, OutcomeReason::kInPart);
  ExpectTogether(late, {.outcome = kStored}, kUnknown, OutcomeReason::kInPart);
}

TEST_F(JointTicketsTest, DoubtAboutOnePartIsDoubtAboutTheRequest) {
  const Settlement doubt{.outcome = kUnknown, .reason = OutcomeReason::kReplicas};
  for (const Outcome other : {kStored, kRefused}) {
    ExpectTogether(doubt, {.outcome = other}, kUnknown, OutcomeReason::kReplicas);
    ExpectTogether({.outcome = other}, doubt, kUnknown, OutcomeReason::kReplicas);
  }
}

TEST_F(JointTicketsTest, AReusedKeyIsSaidWhateverBecameOfTheOtherPart) {
  const Settlement reused{.outcome = kRefused, .reason = OutcomeReason::kKeyReused};
  const Settlement late{.outcome = kRefused, .reason = OutcomeReason::kDeadline};
  ExpectTogether(late, reused, kRefused, OutcomeReason::kKeyReused);
  ExpectTogether(reused, late, kRefused, OutcomeReason::kKeyReused);
  for (const Outcome other : {kStored, kUnknown}) {
    ExpectTogether(reused, {.outcome = other}, kUnknown, OutcomeReason::kKeyReused);
    ExpectTogether({.outcome = other}, reused, kUnknown, OutcomeReason::kKeyReused);
  }
}

TEST_F(JointTicketsTest, AlertsAreCountedAndTimedByTheirOwnLane) {
  const Ticket stored = Join();
  clock_.AdvanceMs(3);
  SettleUrgent(stored, {.outcome = kStored});
  EXPECT_EQ(stats_.stored.value(), kAlerts) << "though its records are still on their way";
  EXPECT_EQ(stats_.confirm_ns.sum(), kAlerts * 3 * kNsPerMs);
  const Ticket refused = Join();
  SettleUrgent(refused, {.outcome = kRefused});
  const Ticket unknown = Join();
  SettleUrgent(unknown, {.outcome = kUnknown});
  const Ticket journalled = Join();
  clock_.AdvanceMs(3);
  SettleUrgent(journalled, {.outcome = kStored, .reason = OutcomeReason::kJournal});
  EXPECT_EQ(stats_.stored.value(), 2 * kAlerts);
  EXPECT_EQ(stats_.refused.value(), kAlerts);
  EXPECT_EQ(stats_.unknown.value(), kAlerts);
  EXPECT_EQ(stats_.confirm_ns.sum(), kAlerts * 3 * kNsPerMs) << "Redis confirmed no other";
}

}  // namespace
}  // namespace sluice
