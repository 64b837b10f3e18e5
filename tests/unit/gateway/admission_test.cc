#include "sluice/gateway/admission.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

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
  Admission admission_{100, sink_};
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

TEST_F(AdmissionTest, LooksWithoutTaking) {
  EXPECT_TRUE(admission_.Fits(100));
  EXPECT_FALSE(admission_.Fits(101));
  EXPECT_EQ(admission_.inflight_bytes(), 0u);
}

}  // namespace
}  // namespace sluice
