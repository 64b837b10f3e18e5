#include "sluice/gateway/admission.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/clock.h"
#include "support/fake_sink.h"

namespace sluice {
namespace {

// A budget of 100 bytes.
class AdmissionTest : public testing::Test, public TicketListener {
 protected:
  void Store(std::string_view value) {
    sink_.Begin(0, nullptr);
    sink_.Append(std::vector<std::string_view>{value});
    sink_.Commit({.session = {}, .records = 1});
  }
  void OnSettled(const Ticket&, const Settlement&) override {}

  FakeSink sink_;
  Admission admission_{100, 0, sink_};
};

TEST_F(AdmissionTest, ChargesBodiesUpToTheBudgetAndNotAByteMore) {
  EXPECT_TRUE(admission_.Charge(60));
  EXPECT_FALSE(admission_.Charge(41));
  EXPECT_EQ(admission_.inflight_bytes(), 60u) << "what is refused was never taken";
  EXPECT_TRUE(admission_.Charge(40));
  EXPECT_TRUE(admission_.Charge(0));
  EXPECT_FALSE(admission_.Charge(1));
}

TEST_F(AdmissionTest, WhatIsReleasedCanBeTakenAgain) {
  EXPECT_TRUE(admission_.Charge(100));
  admission_.Release(30);
  EXPECT_EQ(admission_.inflight_bytes(), 70u);
  EXPECT_TRUE(admission_.Charge(30));
}

TEST_F(AdmissionTest, RecordsThatAreNotSettledCountToo) {
  sink_.set_listener(*this);
  Store("forty bytes, forty bytes, forty bytes, 40");
  EXPECT_EQ(admission_.inflight_bytes(), 41u);
  EXPECT_TRUE(admission_.Fits(59));
  EXPECT_FALSE(admission_.Fits(60));
  EXPECT_FALSE(admission_.Charge(60));
  sink_.Settle(0, Outcome::kStored);
  EXPECT_TRUE(admission_.Charge(100));
}

TEST_F(AdmissionTest, ARequestTakesItsRecordsAndWhatKeepsTrackOfThem) {
  constexpr size_t kBudget = 1'000;
  Admission admission(kBudget, 0, sink_);
  EXPECT_TRUE(admission.EverFitsRequest(kBudget - kRequestOverheadBytes));
  EXPECT_FALSE(admission.EverFitsRequest(kBudget - kRequestOverheadBytes + 1));
  admission.OnCommit(0);
  EXPECT_EQ(admission.inflight_bytes(), kRequestOverheadBytes);
  EXPECT_TRUE(admission.FitsRequest(kBudget - 2 * kRequestOverheadBytes));
  EXPECT_FALSE(admission.FitsRequest(kBudget - 2 * kRequestOverheadBytes + 1));
  EXPECT_TRUE(admission.EverFitsRequest(kBudget - kRequestOverheadBytes)) << "later, though";
  admission.OnSettled(Outcome::kUnknown);
  EXPECT_EQ(admission.inflight_bytes(), 0u);
}

TEST_F(AdmissionTest, TheReserveIsForWhatIsUrgent) {
  Admission admission(100, 20, sink_);
  EXPECT_TRUE(admission.Charge(80));
  EXPECT_FALSE(admission.Charge(1));
  EXPECT_TRUE(admission.Charge(15, Urgency::kUrgent));
  EXPECT_FALSE(admission.Charge(6, Urgency::kUrgent));
  EXPECT_EQ(admission.inflight_bytes(), 95u);
  admission.Release(20);
  EXPECT_TRUE(admission.Charge(5)) << "whoever took the rest";
  EXPECT_FALSE(admission.Charge(1));
}

TEST_F(AdmissionTest, HalfOfTheReserveIsForWhatMayBeUrgent) {
  Admission admission(100, 20, sink_);
  EXPECT_TRUE(admission.Charge(80));
  EXPECT_TRUE(admission.Charge(10, Urgency::kNotKnown));
  EXPECT_FALSE(admission.Charge(1, Urgency::kNotKnown));
  EXPECT_TRUE(admission.Charge(10, Urgency::kUrgent));
}

TEST_F(AdmissionTest, ARequestThatIsUrgentMayTakeTheReserveToo) {
  constexpr size_t kBudget = 1'000;
  constexpr size_t kReserve = 300;
  Admission admission(kBudget, kReserve, sink_);
  constexpr size_t kBulk = kBudget - kReserve - kRequestOverheadBytes;
  EXPECT_TRUE(admission.EverFitsRequest(kBulk));
  EXPECT_FALSE(admission.EverFitsRequest(kBulk + 1));
  EXPECT_TRUE(admission.EverFitsRequest(kBulk + kReserve, Urgency::kUrgent));
  EXPECT_FALSE(admission.EverFitsRequest(kBulk + kReserve + 1, Urgency::kUrgent));
  EXPECT_TRUE(admission.Charge(1));
  EXPECT_FALSE(admission.FitsRequest(kBulk));
  EXPECT_TRUE(admission.FitsRequest(kBulk, Urgency::kUrgent));
}

TEST_F(AdmissionTest, KnowsWhenWhatIsHeldWillBeSettled) {
  constexpr uint64_t kMost = 100;
  Admission admission(1'000'000, 0, sink_);
  sink_.set_listener(*this);
  uint64_t now_ns = kNsPerMs;
  const auto sweep = [&] { admission.Sweep(now_ns += kSweepPeriodMs * kNsPerMs); };
  const auto store = [&](std::string_view value) {
    admission.OnCommit(value.size());
    Store(value);
  };
  const std::string ten(10, 'b');
  sweep();
  EXPECT_EQ(admission.SecondsToSettle(kMost), std::nullopt);
  for (int i = 0; i < 100; ++i) {  // always one more than is settled: ten in a sweep
    store(ten);
    if (i == 0) store(ten);
    sink_.Settle(0, Outcome::kStored);
    admission.OnSettled(Outcome::kStored);
    sweep();
  }
  store(std::string(1'990, 'b'));
  EXPECT_EQ(admission.SecondsToSettle(kMost), 20u);
  for (uint64_t ms = 0; ms < kSettleQuietMs; ms += kSweepPeriodMs) sweep();
  EXPECT_EQ(admission.SecondsToSettle(kMost), std::nullopt) << "nothing is confirmed any more";
}

TEST_F(AdmissionTest, LooksWithoutTaking) {
  EXPECT_TRUE(admission_.Fits(100));
  EXPECT_FALSE(admission_.Fits(101));
  EXPECT_EQ(admission_.inflight_bytes(), 0u);
}

}  // namespace
}  // namespace sluice
