// What a lane asks on a new connection; what the lane then does is in lane_recovery.cc.
#include "redis/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/redis/scripted_redis.h"

namespace sluice {
namespace {

Reply Text(std::string text) { return {.kind = Reply::Kind::kText, .text = std::move(text)}; }
Reply Nil() { return {.kind = Reply::Kind::kNil, .text = {}}; }
Reply Ok() { return {.kind = Reply::Kind::kStatus, .text = "OK"}; }
Reply Number(int64_t n) { return {.kind = Reply::Kind::kInteger, .text = {}, .integer = n}; }

class RecoveryTest : public testing::Test {
 protected:
  LedgerOptions ledger = {.key = "l", .ttl_seconds = 60, .replicas = 0, .replica_wait_ms = 500};
  Recovery recovery;

  std::string Question() const {
    std::string_view bytes = recovery.question();
    std::string words;
    for (const std::string& word : TakeCommand(bytes)) words += (words.empty() ? "" : " ") + word;
    EXPECT_EQ(bytes, "") << "one question at a time";
    return words;
  }
  void AnswerAnd(const Reply& reply, Recovery::Step step) { EXPECT_EQ(recovery.Take(reply), step); }
};

TEST_F(RecoveryTest, ReadsItsLedger) {
  recovery.Start(ledger, "", false);
  EXPECT_EQ(Question(), "GET l");
  AnswerAnd(Text(LedgerOf({41, 43})), Recovery::Step::kDone);
  for (const uint64_t sequence : {25, 27, 41, 43}) EXPECT_TRUE(recovery.committed().Has(sequence));
  for (const uint64_t sequence : {42, 57}) EXPECT_FALSE(recovery.committed().Has(sequence));
  EXPECT_TRUE(recovery.confirmed());
}

TEST_F(RecoveryTest, ALedgerThatIsNotThereCommittedNothing) {
  recovery.Start(ledger, "", false);
  AnswerAnd(Text(LedgerOf({41, 43})), Recovery::Step::kDone);
  recovery.Start(ledger, "", false);
  AnswerAnd(Nil(), Recovery::Step::kDone);
  EXPECT_FALSE(recovery.committed().Has(41));
}

TEST_F(RecoveryTest, ALedgerThatIsNotThereYetSaysNothing) {
  recovery.Start(ledger, "", false, true);
  AnswerAnd(Nil(), Recovery::Step::kRefused);
  EXPECT_THAT(recovery.complaint(), testing::StartsWith("TRYAGAIN "));
  recovery.Start(ledger, "", false, true);
  AnswerAnd(Text(LedgerOf({41})), Recovery::Step::kDone);
  EXPECT_TRUE(recovery.committed().Has(41));
}

TEST_F(RecoveryTest, WritesItsConnectionDownFirstWhereBatchesOutliveTheProcess) {
  recovery.Start(ledger, "run 12", false);
  EXPECT_EQ(Question(), "SET l:link run 12 EX 720");
  AnswerAnd(Ok(), Recovery::Step::kAsk);
  EXPECT_EQ(Question(), "GET l");
}

TEST_F(RecoveryTest, FencesTheConnectionOfAnEarlierProcessAtTheSameServer) {
  recovery.Start(ledger, "run 12", true);
  EXPECT_EQ(Question(), "GET l:link");
  AnswerAnd(Text("run 3"), Recovery::Step::kAsk);
  EXPECT_EQ(Question(), "CLIENT KILL ID 3");
  AnswerAnd(Number(0), Recovery::Step::kAsk);
  EXPECT_EQ(Question(), "SET l:link run 12 EX 720");
  AnswerAnd(Ok(), Recovery::Step::kAsk);
  EXPECT_EQ(Question(), "GET l");
  AnswerAnd(Text(LedgerOf({5})), Recovery::Step::kDone);
  EXPECT_TRUE(recovery.committed().Has(5));
}

TEST_F(RecoveryTest, AtAnotherServerThatNumberIsAStrangers) {
  for (const char* old : {"run2 3", "ru 3", " 3", "3", ""}) {
    recovery.Start(ledger, "run 12", true);
    AnswerAnd(Text(old), Recovery::Step::kAsk);
    EXPECT_EQ(Question(), "SET l:link run 12 EX 720") << old;
  }
  recovery.Start(ledger, "run 12", true);
  AnswerAnd(Nil(), Recovery::Step::kAsk);
  EXPECT_EQ(Question(), "SET l:link run 12 EX 720");
}

TEST_F(RecoveryTest, ReplicasConfirmALedgerThatIsWrittenAgainOnThisConnection) {
  ledger.replicas = 2;
  for (const int64_t confirmed : {1, 2, 3}) {
    recovery.Start(ledger, "", false);
    AnswerAnd(Text(LedgerOf({9})), Recovery::Step::kAsk);
    EXPECT_EQ(Question(), "EXPIRE l 60");
    AnswerAnd(Ok(), Recovery::Step::kAsk);
    EXPECT_EQ(Question(), "WAIT 2 500");
    AnswerAnd(Number(confirmed), Recovery::Step::kDone);
    EXPECT_EQ(recovery.confirmed(), confirmed >= 2);
  }
}

TEST_F(RecoveryTest, WhatIsNoNumberIsRefusedAndSoIsAnError) {
  for (const char* text : {"x", "00000000000000000012x", "-0000000000000000001",
                           "18446744073709551616", "0000000000000000001"}) {
    recovery.Start(ledger, "", false);
    AnswerAnd(Text(text), Recovery::Step::kRefused);
    EXPECT_THAT(recovery.complaint(), testing::HasSubstr("l holds no ledger")) << text;
  }
  recovery.Start(ledger, "", false);
  AnswerAnd({.kind = Reply::Kind::kError, .text = "NOPERM no"}, Recovery::Step::kRefused);
  EXPECT_EQ(recovery.complaint(), "NOPERM no");
}

}  // namespace
}  // namespace sluice
