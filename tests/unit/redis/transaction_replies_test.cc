#include "redis/transaction_replies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace sluice {
namespace {

using testing::ElementsAre;
using Verdict = TransactionReplies::Verdict;

// A batch of claims of 1, 2 and 1 records, and the replies to it.
class TransactionRepliesTest : public testing::Test {
 protected:
  TransactionRepliesTest() {
    uint32_t id = 0;
    for (const uint32_t records : {1u, 2u, 1u}) {
      batch_.Add({.session = {}, .answer = id++, .records = records}, 0, records);
    }
  }

  // Takes all replies, each but the last being followed by more; the last one's verdict.
  Verdict Say(std::string_view bytes) {
    reader_.Feed(bytes);
    Verdict verdict = Verdict::kMore;
    while (const Reply* reply = reader_.Next()) {
      EXPECT_EQ(verdict, Verdict::kMore) << "a reply behind the batch's last";
      verdict = replies_.Take(batch_, *reply);
      if (!replies_.complaint().empty()) complaints_.emplace_back(replies_.complaint());
    }
    return verdict;
  }
  std::vector<uint32_t> Failures() {
    std::vector<uint32_t> failures;
    for (const Claim& claim : batch_.claims()) failures.push_back(claim.failures);
    return failures;
  }

  static constexpr const char* kAllQueued =
      "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n";

  Batch batch_;
  ReplyReader reader_;
  TransactionReplies replies_{0};
  std::vector<std::string> complaints_;
};

TEST_F(TransactionRepliesTest, AllAppliedIsExecuted) {
  EXPECT_EQ(Say(kAllQueued), Verdict::kMore);
  EXPECT_EQ(Say("*6\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n+OK\r\n:1\r\n"),
            Verdict::kExecuted);
  EXPECT_THAT(Failures(), ElementsAre(0, 0, 0));
  EXPECT_THAT(complaints_, ElementsAre());
}

TEST_F(TransactionRepliesTest, MoreQueuedThanWasAskedIsStrange) {
  EXPECT_EQ(Say(std::string(kAllQueued) + "+QUEUED\r\n"), Verdict::kStrange);
}

TEST_F(TransactionRepliesTest, AnErrorBetweenRunsOfQueuedIsItsOwners) {
  EXPECT_EQ(Say("+OK\r\n+QUEUED\r\n+QUEUED\r\n-OOM no\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n"),
            Verdict::kMore);
  EXPECT_THAT(Failures(), ElementsAre(0, 1, 0));
}

TEST_F(TransactionRepliesTest, ErrorsInsideExecAreTheirOwners) {
  Say(kAllQueued);
  EXPECT_EQ(Say("*6\r\n-E0\r\n-E1\r\n$1\r\nc\r\n-E3\r\n+OK\r\n:1\r\n"), Verdict::kExecuted);
  EXPECT_THAT(Failures(), ElementsAre(1, 1, 1));
  EXPECT_THAT(complaints_, ElementsAre("E3"));
}

TEST_F(TransactionRepliesTest, AClaimsErrorsInsideExecAddUp) {
  Say(kAllQueued);
  EXPECT_EQ(Say("*6\r\n$1\r\na\r\n-E1\r\n-E2\r\n$1\r\nd\r\n+OK\r\n:1\r\n"), Verdict::kExecuted);
  EXPECT_THAT(Failures(), ElementsAre(0, 2, 0));
}

TEST_F(TransactionRepliesTest, AnErrorOfTheLedgerInsideExecIsNobodys) {
  Batch one;
  one.Add({.session = {}, .records = 1}, 0, 1);
  std::swap(batch_, one);
  EXPECT_EQ(Say("+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n$1\r\na\r\n-OOM\r\n:1\r\n"),
            Verdict::kExecuted);
  EXPECT_THAT(Failures(), ElementsAre(0));
  EXPECT_THAT(complaints_, ElementsAre("OOM"));
}

TEST_F(TransactionRepliesTest, CommandsRefusedWhileQueueingAbortAndAreTheirOwners) {
  EXPECT_EQ(Say("+OK\r\n+QUEUED\r\n+QUEUED\r\n-OOM b\r\n-OOM c\r\n+QUEUED\r\n+QUEUED\r\n"),
            Verdict::kMore);
  EXPECT_EQ(Say("-EXECABORT Transaction discarded\r\n"), Verdict::kAborted);
  EXPECT_THAT(Failures(), ElementsAre(0, 1, 1));
  EXPECT_THAT(complaints_, ElementsAre("OOM b", "OOM c"));
}

TEST_F(TransactionRepliesTest, ARefusedLedgerOrExecIsNobodys) {
  EXPECT_EQ(Say("+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n-OOM "
                "ledger\r\n+QUEUED\r\n-EXECABORT\r\n"),
            Verdict::kAborted);
  EXPECT_EQ(Say(std::string(kAllQueued) + "-READONLY replica\r\n"), Verdict::kAborted);
  EXPECT_THAT(Failures(), ElementsAre(0, 0, 0));
  EXPECT_THAT(complaints_, ElementsAre("OOM ledger", "READONLY replica"));
}

// As when the primary becomes a replica between the last command and EXEC.
TEST_F(TransactionRepliesTest, WhyExecItselfIsRefusedIsSaidBehindTheAbort) {
  EXPECT_EQ(Say(std::string(kAllQueued) +
                "-EXECABORT Transaction discarded because of: READONLY replica\r\n"),
            Verdict::kAborted);
  EXPECT_THAT(Failures(), ElementsAre(0, 0, 0));
  EXPECT_THAT(complaints_, ElementsAre("READONLY replica"));
}

TEST_F(TransactionRepliesTest, WithoutAccessEveryCommandIsRefused) {
  EXPECT_EQ(Say("-NOAUTH\r\n-NOAUTH\r\n-NOAUTH\r\n-NOAUTH\r\n-NOAUTH\r\n-NOAUTH\r\n-NOAUTH\r\n-"
                "NOAUTH\r\n"),
            Verdict::kAborted);
  EXPECT_THAT(Failures(), ElementsAre(1, 2, 1));
}

TEST_F(TransactionRepliesTest, ACommandRunOutsideTheTransactionIsStrange) {
  EXPECT_EQ(Say("-ERR no MULTI\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n:1\r\n:1\r\n"),
            Verdict::kMore);
  EXPECT_EQ(Say("-ERR EXEC without MULTI\r\n"), Verdict::kStrange);
}

TEST_F(TransactionRepliesTest, ExecWithAnotherNumberOfResultsIsStrange) {
  EXPECT_EQ(Say(std::string(kAllQueued) + "*1\r\n+OK\r\n"), Verdict::kStrange);
  EXPECT_EQ(Say(std::string(kAllQueued) + "*-1\r\n"), Verdict::kStrange);
  EXPECT_EQ(Say(std::string(kAllQueued) + "+OK\r\n"), Verdict::kStrange);
}

TEST_F(TransactionRepliesTest, IsReadyForTheNextBatchAfterAVerdictOrReset) {
  Say("+OK\r\n:1\r\n");
  replies_.Reset();
  const std::string executed =
      std::string(kAllQueued) + "*6\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n+OK\r\n:1\r\n";
  EXPECT_EQ(Say(executed), Verdict::kExecuted);
  EXPECT_EQ(Say(executed), Verdict::kExecuted);
  EXPECT_THAT(Failures(), ElementsAre(0, 0, 0));
}

TEST_F(TransactionRepliesTest, AScriptsNumberIsHowManyRecordsWereRepeated) {
  Batch guarded;
  guarded.Add({.session = {}, .records = 3}, 0, 1);
  guarded.Add({.session = {}, .records = 2}, 0, 2);
  guarded.Add({.session = {}, .records = 4}, 0, 1);
  std::swap(batch_, guarded);
  Say(kAllQueued);
  EXPECT_EQ(Say("*6\r\n:2\r\n$1\r\na\r\n$1\r\nb\r\n:0\r\n:40\r\n:1\r\n"), Verdict::kExecuted);
  EXPECT_EQ(batch_.claims()[0].repeated, 2u);
  EXPECT_EQ(batch_.claims()[1].repeated, 0u);
  EXPECT_EQ(batch_.claims()[2].repeated, 0u) << "the ledger's numbers are nobody's";
}

TEST_F(TransactionRepliesTest, AKeyThatWasReusedIsItsOwnersFaultAndNoComplaint) {
  Say(kAllQueued);
  Say("*6\r\n-SLUICEKEYREUSED no\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n:40\r\n:1\r\n");
  EXPECT_TRUE(batch_.claims()[0].key_reused);
  EXPECT_THAT(Failures(), ElementsAre(1, 0, 0));
  EXPECT_THAT(complaints_, ElementsAre());
}

}  // namespace
}  // namespace sluice
