// Filling and sending; how requests are settled is in lane_settling.cc.
#include "sluice/redis/lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/redis/lane_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(LaneTest, ABatchIsOneTransactionWithTheLedgersNextNumber) {
  StartConnectedLane();
  wire().sent.clear();
  Offer(1, {"first"});
  Offer(2, {"second", "third"});
  EXPECT_EQ(wire().sent, "");
  lane().Flush();
  EXPECT_EQ(wire().sent,
            "*1\r\n$5\r\nMULTI\r\n"
            "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\nf\r\n$5\r\nfirst\r\n"
            "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\nf\r\n$6\r\nsecond\r\n"
            "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\nf\r\n$5\r\nthird\r\n"
            "*4\r\n$8\r\nSETRANGE\r\n$6\r\nledger\r\n$2\r\n20\r\n$20\r\n00000000000000000001\r\n"
            "*3\r\n$6\r\nEXPIRE\r\n$6\r\nledger\r\n$5\r\n86400\r\n"
            "*1\r\n$4\r\nEXEC\r\n");
  wire().sent.clear();
  OfferAndFlush(3, {"fourth"});
  EXPECT_EQ(wire().sent,
            "*1\r\n$5\r\nMULTI\r\n"
            "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\nf\r\n$6\r\nfourth\r\n"
            "*4\r\n$8\r\nSETRANGE\r\n$6\r\nledger\r\n$2\r\n40\r\n$20\r\n00000000000000000002\r\n"
            "*3\r\n$6\r\nEXPIRE\r\n$6\r\nledger\r\n$5\r\n86400\r\n"
            "*1\r\n$4\r\nEXEC\r\n");
  LoseLink();
}

TEST_F(LaneTest, ARequestIsStoredWhenExecHasAnsweredAndNotBefore) {
  StartConnectedLane();
  OfferAndFlush(1, {"a", "b"});
  const size_t bytes = lane().unsettled_bytes();
  EXPECT_GT(bytes, 0u);
  const std::string replies = redis().TakeReplies();
  for (const char byte : replies.substr(0, replies.size() - 1)) {
    wire().Say({&byte, 1});
    ASSERT_THAT(settled, IsEmpty());
  }
  EXPECT_EQ(lane().unsettled_bytes(), bytes);
  wire().Say("\n");
  EXPECT_THAT(settled, ElementsAre("1 stored"));
  EXPECT_EQ(lane().unsettled_bytes(), 0u);
}

TEST_F(LaneTest, WhileTheWindowIsFullTheOpenBatchGrows) {
  StartConnectedLane();
  OfferAndFlush(1, {"a"});
  OfferAndFlush(2, {"b"});
  ASSERT_THAT(redis().Unanswered(), SizeIs(10));
  OfferAndFlush(3, {"c"});
  OfferAndFlush(4, {"d"});
  EXPECT_THAT(redis().Unanswered(), SizeIs(10)) << "more than the window is in flight";
  redis().Answer(1);
  lane().Flush();
  redis().Answer(1);
  EXPECT_THAT(redis().Unanswered(),
              ElementsAre("MULTI", "XADD s * f c", "XADD s * f d", "SETRANGE ledger 3",
                          "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored", "3 stored", "4 stored"));
  EXPECT_THAT(AppliedValues(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(LaneTest, ABatchIsFullWithItsMostRecords) {
  options.batch_records_max = 3;
  options.window = 9;
  StartConnectedLane();
  Offer(1, {"a", "b"});
  Offer(2, {"c", "d"});  // would make four
  Offer(3, {"e"});       // makes three
  Offer(4, {"f"});
  lane().Flush();
  EXPECT_THAT(
      redis().Unanswered(),
      ElementsAre("MULTI", "XADD s * f a", "XADD s * f b", "SETRANGE ledger 1",
                  "EXPIRE ledger 86400", "EXEC",  //
                  "MULTI", "XADD s * f c", "XADD s * f d", "XADD s * f e", "SETRANGE ledger 2",
                  "EXPIRE ledger 86400",
                  "EXEC",  //
                  "MULTI", "XADD s * f f", "SETRANGE ledger 3", "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored", "3 stored", "4 stored"));
}

TEST_F(LaneTest, ABatchIsFullWithItsMostBytes) {
  options.batch_bytes_max = 300;
  options.window = 9;
  StartConnectedLane();
  Offer(1, {std::string(150, 'a')});
  Offer(2, {std::string(150, 'b')});
  Offer(3, {"c"});
  lane().Flush();
  EXPECT_THAT(redis().Unanswered(),
              ElementsAre("MULTI", "XADD s * f " + std::string(150, 'a'), "SETRANGE ledger 1",
                          "EXPIRE ledger 86400",
                          "EXEC",  //
                          "MULTI", "XADD s * f " + std::string(150, 'b'), "XADD s * f c",
                          "SETRANGE ledger 2", "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
}

TEST_F(LaneTest, ARequestLargerThanABatchGoesAlone) {
  options.batch_records_max = 2;
  options.window = 9;
  StartConnectedLane();
  Offer(1, {"a"});
  Offer(2, {"b", "c", "d"});
  Offer(3, {"e"});
  lane().Flush();
  EXPECT_THAT(
      redis().Unanswered(),
      ElementsAre("MULTI", "XADD s * f a", "SETRANGE ledger 1", "EXPIRE ledger 86400", "EXEC",  //
                  "MULTI", "XADD s * f b", "XADD s * f c", "XADD s * f d", "SETRANGE ledger 2",
                  "EXPIRE ledger 86400", "EXEC",  //
                  "MULTI", "XADD s * f e", "SETRANGE ledger 3", "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
  EXPECT_THAT(settled, ElementsAre("1 stored", "2 stored", "3 stored"));
}

TEST_F(LaneTest, ARequestThatIsRolledBackLeavesNoByte) {
  StartConnectedLane();
  Offer(1, {"a"});
  const size_t unsettled = lane().unsettled_bytes();
  AppendCommand({"XADD", "s", "*", "f", "taken back"}, lane().Begin());
  EXPECT_EQ(lane().request_bytes(), std::string("*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n"
                                                "$1\r\nf\r\n$10\r\ntaken back\r\n")
                                        .size());
  lane().Rollback();
  EXPECT_EQ(lane().unsettled_bytes(), unsettled);
  OfferAndFlush(2, {"b"});
  EXPECT_THAT(redis().Unanswered(),
              ElementsAre("MULTI", "XADD s * f a", "XADD s * f b", "SETRANGE ledger 1",
                          "EXPIRE ledger 86400", "EXEC"));
  redis().Answer();
}

TEST_F(LaneTest, NothingIsSentForARequestThatWasRolledBack) {
  StartConnectedLane();
  AppendCommand({"XADD", "s", "*", "f", "taken back"}, lane().Begin());
  lane().Rollback();
  EXPECT_TRUE(lane().empty());
  EXPECT_EQ(lane().Flush(), 0u);
  EXPECT_THAT(redis().Unanswered(), IsEmpty());
}

TEST_F(LaneTest, AnOpenBatchLingersForCompanyButAFullOneDoesNot) {
  options.linger_ns = 50 * kNsPerMs;
  options.batch_records_max = 2;
  StartConnectedLane();
  Offer(1, {"a"});
  EXPECT_EQ(lane().Flush(), 50 * kNsPerMs);
  Pass(20);
  EXPECT_EQ(lane().Flush(), 30 * kNsPerMs);
  EXPECT_THAT(redis().Unanswered(), IsEmpty());
  Offer(2, {"b"});
  EXPECT_EQ(lane().Flush(), 0u);
  EXPECT_THAT(redis().Unanswered(), SizeIs(6));
  Offer(3, {"c"});
  EXPECT_EQ(lane().Flush(), 50 * kNsPerMs);
  Pass(50);
  EXPECT_EQ(lane().Flush(), 0u);
  EXPECT_THAT(redis().Unanswered(), SizeIs(11));
  redis().Answer();
}

}  // namespace
}  // namespace sluice
