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
  AnswerAnd(Text("41"), Recovery::Step::kDone);
  EXPECT_EQ(recovery.committed(), 41u);
  EXPECT_TRUE(recovery.confirmed());
}

TEST_F(RecoveryTest, ALedgerThatIsNotThereCommittedNothing) {
  recovery.Start(ledger, "", false);
  AnswerAnd(Text("41"), Recovery::Step::kDone);
  recovery.Start(ledger, "", false);
  AnswerAnd(Nil(), Recovery::Step::kDone);
  EXPECT_EQ(recovery.committed(), 0u);
}

TEST_F(RecoveryTest, WritesItsConnectionDownFirstWhereBatchesOutliveTheProcess) {
  recovery.Start(ledger, "run 12", false);
  EXPECT_EQ(Question(), "SET l:link run 12 EX 60");
  AnswerAnd(Ok(), Recovery::Step::kAsk);
  EXPECT_EQ(Question(), "GET l");
}

TEST_F(RecoveryTest, FencesTheConnectionOfAnEarlierProcessAtTheSameServer) {
  recovery.Start(ledger, "run 12", true);
  EXPECT_EQ(Question(), "GET l:link");
  AnswerAnd(Text("run 3"), Recovery::Step::kAsk);
  EXPECT_EQ(Question(), "CLIENT KILL ID 3");
  AnswerAnd(Number(0), Recovery::Step::kAsk);
  EXPECT_EQ(Question(), "SET l:link run 12 EX 60");
  AnswerAnd(Ok(), Recovery::Step::kAsk);
  EXPECT_EQ(Question(), "GET l");
  AnswerAnd(Text("5"), Recovery::Step::kDone);
  EXPECT_EQ(recovery.committed(), 5u);
}

TEST_F(RecoveryTest, AtAnotherServerThatNumberIsAStrangers) {
  for (const char* old : {"run2 3", "ru 3", " 3", "3", ""}) {
    recovery.Start(ledger, "run 12", true);
    AnswerAnd(Text(old), Recovery::Step::kAsk);
    EXPECT_EQ(Question(), "SET l:link run 12 EX 60") << old;
  }
  recovery.Start(ledger, "run 12", true);
  AnswerAnd(Nil(), Recovery::Step::kAsk);
  EXPECT_EQ(Question(), "SET l:link run 12 EX 60");
}

TEST_F(RecoveryTest, ReplicasConfirmALedgerThatIsWrittenAgainOnThisConnection) {
  ledger.replicas = 2;
  for (const int64_t confirmed : {1, 2, 3}) {
    recovery.Start(ledger, "", false);
    AnswerAnd(Text("9"), Recovery::Step::kAsk);
    EXPECT_EQ(Question(), "SET l 9 EX 60");
    AnswerAnd(Ok(), Recovery::Step::kAsk);
    EXPECT_EQ(Question(), "WAIT 2 500");
    AnswerAnd(Number(confirmed), Recovery::Step::kDone);
    EXPECT_EQ(recovery.confirmed(), confirmed >= 2);
  }
}

TEST_F(RecoveryTest, WhatIsNoNumberIsRefusedAndSoIsAnError) {
  for (const char* text : {"", "x", "12x", "-1", "18446744073709551616"}) {
    recovery.Start(ledger, "", false);
    AnswerAnd(Text(text), Recovery::Step::kRefused);
    EXPECT_THAT(recovery.complaint(), testing::HasSubstr("l holds no number")) << text;
  }
  recovery.Start(ledger, "", false);
  AnswerAnd({.kind = Reply::Kind::kError, .text = "NOPERM no"}, Recovery::Step::kRefused);
  EXPECT_EQ(recovery.complaint(), "NOPERM no");
}

}  // namespace
}  // namespace sluice
