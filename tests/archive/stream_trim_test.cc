// What of a stream may be trimmed.
#include <string>
#include <vector>

#include "archive/stream_group_fixture.h"

namespace sluice {
namespace {

// Whole nodes go, of 2 entries each here.
class TrimTest : public StreamGroupTest {
 protected:
  void SetUp() override {
    StreamGroupTest::SetUp();
    redis_.client().Do({"CONFIG", "SET", "stream-node-max-entries", "2"});
    for (int i = 1; i <= 10; ++i) {
      ids_.push_back(std::to_string(i) + "-0");  // long ago
      redis_.client().Do({"XADD", "s", ids_.back(), "f", "v"});
    }
  }
  void Archive(size_t count) {
    for (const std::string& id : IdsOf(group_.ReadNew(count, 0))) {
      ASSERT_TRUE(group_.Acknowledge(std::vector{id}));
    }
  }
  std::string First() { return redis_.client().ReadStream("s").at(0).id; }

  std::vector<std::string> ids_;
};

TEST_F(TrimTest, WhatIsArchivedGoes) {
  Archive(6);
  EXPECT_EQ(Trim(), 4u) << "the last one given marks the place, and its node stays";
  EXPECT_EQ(First(), ids_[4]);
}

TEST_F(TrimTest, WhatNobodyWasGivenStays) { EXPECT_EQ(Trim(), 0u); }

TEST_F(TrimTest, WhatIsPendingStays) {
  IdsOf(group_.ReadNew(10, 0));
  ASSERT_TRUE(group_.Acknowledge(std::vector(ids_.begin(), ids_.begin() + 4)));
  ASSERT_TRUE(group_.Acknowledge(std::vector(ids_.begin() + 5, ids_.end())));
  EXPECT_EQ(Trim(), 4u);
  EXPECT_EQ(First(), ids_[4]);
}

TEST_F(TrimTest, WhatASlowerGroupHasNotReadStays) {
  redis_.client().Do({"XGROUP", "CREATE", "s", "slow", ids_[2]});
  Archive(10);
  EXPECT_EQ(Trim(), 2u);
  EXPECT_EQ(First(), ids_[2]);
}

TEST_F(TrimTest, WhatIsPendingInAnotherGroupStays) {
  redis_.client().Do({"XGROUP", "CREATE", "s", "slow", "0"});
  redis_.client().Do({"XREADGROUP", "GROUP", "slow", "c", "STREAMS", "s", ">"});
  Archive(10);
  EXPECT_EQ(Trim(), 0u);
}

TEST_F(TrimTest, WhatIsYoungStays) {
  AddMany(10);
  Archive(20);
  const auto trimmed = group_.TrimArchived(3'600);
  ASSERT_TRUE(trimmed.ok());
  EXPECT_EQ(trimmed.value(), 10u);
}

}  // namespace
}  // namespace sluice
