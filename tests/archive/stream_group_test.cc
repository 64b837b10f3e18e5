// The archive's commands against a real Redis.
#include <string>
#include <vector>

#include "archive/stream_group_fixture.h"

namespace sluice {
namespace {

TEST_F(StreamGroupTest, ReadsFromTheStreamsBeginningEachEntryOnce) {
  const auto ids = AddMany(5);
  EXPECT_EQ(IdsOf(group_.ReadNew(3, 0)), std::vector(ids.begin(), ids.begin() + 3));
  EXPECT_EQ(IdsOf(other_.ReadNew(3, 0)), std::vector(ids.begin() + 3, ids.end()));
  EXPECT_TRUE(IdsOf(group_.ReadNew(3, 1)).empty());
  ASSERT_TRUE(group_.Ensure()) << "a group that is there stays as it is";
  EXPECT_TRUE(IdsOf(group_.ReadNew(3, 0)).empty());
}

TEST_F(StreamGroupTest, AnEntrysFieldsAreInOrder) {
  redis_.client().Do({"XADD", "s", "*", "b", "1", "a", std::string("\0\r\n", 3), "empty", ""});
  const auto read = group_.ReadNew(1, 0);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().entries.at(0).fields,
            (NamesAndValues{{"b", "1"}, {"a", std::string("\0\r\n", 3)}, {"empty", ""}}));
}

TEST_F(StreamGroupTest, WhatWasNotAcknowledgedIsReadAgainPageByPage) {
  const auto ids = AddMany(5);
  IdsOf(group_.ReadNew(10, 0));
  ASSERT_TRUE(group_.Acknowledge(std::vector{ids[1]}));
  const auto first = group_.ReadPending("0-0", 2);
  EXPECT_EQ(IdsOf(first), (std::vector{ids[0], ids[2]}));
  const auto second = group_.ReadPending(first.value().next, 5);
  EXPECT_EQ(IdsOf(second), (std::vector{ids[3], ids[4]}));
  EXPECT_TRUE(IdsOf(group_.ReadPending(second.value().next, 5)).empty());
  EXPECT_TRUE(IdsOf(other_.ReadPending("0-0", 5)).empty()) << "they are another's";
}

TEST_F(StreamGroupTest, PendingEntriesThatWereDeletedAreNamedAsGone) {
  const auto ids = AddMany(3);
  IdsOf(group_.ReadNew(10, 0));
  redis_.client().Do({"XDEL", "s", ids[1]});
  const auto read = group_.ReadPending("0-0", 5);
  EXPECT_EQ(IdsOf(read), (std::vector{ids[0], ids[2]}));
  EXPECT_EQ(read.value().gone, std::vector{ids[1]});
  const auto claimed = other_.Claim("0-0", 5, 0);
  EXPECT_EQ(IdsOf(claimed), (std::vector{ids[0], ids[2]}));
  EXPECT_EQ(claimed.value().gone, std::vector{ids[1]});
}

TEST_F(StreamGroupTest, TakesOverWhatAnotherHasHadForLong) {
  const auto ids = AddMany(3);
  IdsOf(other_.ReadNew(2, 0));
  EXPECT_TRUE(IdsOf(group_.Claim("0-0", 10, 3'600'000)).empty()) << "it has not had them for long";
  const auto claimed = group_.Claim("0-0", 10, 0);
  EXPECT_EQ(IdsOf(claimed), (std::vector{ids[0], ids[1]}));
  EXPECT_EQ(claimed.value().next, "0-0");
  EXPECT_EQ(IdsOf(group_.ReadPending("0-0", 10)), (std::vector{ids[0], ids[1]}));
}

TEST_F(StreamGroupTest, ALetterIsWrittenOnceHoweverOftenItIsAskedFor) {
  const auto ids = AddMany(2);
  IdsOf(group_.ReadNew(10, 0));
  const std::vector<DeadLetter> letters = {{ids[0] + ":0", "too large", {{"f", "0"}}},
                                           {ids[0] + ":1", "no number", {}}};
  for (const size_t written : {2, 0, 0}) {
    const auto buried = group_.Bury(ids[0], letters);
    ASSERT_TRUE(buried);
    EXPECT_EQ(buried.value(), written);
  }
  const auto dead = redis_.client().ReadStream("s:dead");
  ASSERT_EQ(dead.size(), 2u);
  EXPECT_EQ(dead[0].fields,
            (NamesAndValues{{"entry_id", ids[0] + ":0"}, {"reason", "too large"}, {"f", "0"}}));
  EXPECT_EQ(dead[1].fields, (NamesAndValues{{"entry_id", ids[0] + ":1"}, {"reason", "no number"}}));
  EXPECT_EQ(IdsOf(group_.ReadPending("0-0", 10)), std::vector{ids[1]});
}

TEST_F(StreamGroupTest, WithoutItsLetterAnEntryStaysPending) {
  const auto ids = AddMany(1);
  IdsOf(group_.ReadNew(1, 0));
  redis_.client().Do({"SET", "s:dead", "in the way"});
  const DeadLetter letter{ids[0], "no number", {}};
  EXPECT_FALSE(group_.Bury(ids[0], {&letter, 1}));
  EXPECT_EQ(IdsOf(group_.ReadPending("0-0", 10)), std::vector{ids[0]});
  redis_.client().Do({"DEL", "s:dead"});
  const auto buried = group_.Bury(ids[0], {&letter, 1});
  ASSERT_TRUE(buried);
  EXPECT_EQ(buried.value(), 1u);
  EXPECT_TRUE(IdsOf(group_.ReadPending("0-0", 10)).empty());
}

TEST_F(StreamGroupTest, AFullRedisIsReadOn) {
  AddMany(2);
  redis_.client().Do({"CONFIG", "SET", "maxmemory", "1"});
  ASSERT_TRUE(group_.Ensure());
  EXPECT_EQ(IdsOf(group_.ReadNew(10, 0)).size(), 2u);
  redis_.client().Do({"CONFIG", "SET", "maxmemory", "0"});
}

TEST_F(StreamGroupTest, ALetterSaysHowManyFieldsItLacks) {
  const auto ids = AddMany(1);
  IdsOf(group_.ReadNew(1, 0));
  DeadLetter letter{ids[0], "not in the schema", {}};
  for (int i = 0; i < 5'000; ++i) letter.fields.emplace_back(std::to_string(i), "v");
  ASSERT_TRUE(group_.Bury(ids[0], {&letter, 1}));
  const auto fields = redis_.client().ReadStream("s:dead").at(0).fields;
  ASSERT_EQ(fields.size(), 3'903u);
  EXPECT_EQ(fields[2], std::pair(std::string("fields_cut"), std::string("1100")));
  EXPECT_EQ(fields.back().first, "3899");
}

TEST_F(StreamGroupTest, LagCountsWhatIsNotAcknowledged) {
  EXPECT_EQ(Lag().entries, 0u);
  const auto ids = AddMany(5);
  EXPECT_EQ(Lag().entries, 5u);
  EXPECT_EQ(Lag().pending, 0u);
  IdsOf(group_.ReadNew(3, 0));
  EXPECT_EQ(Lag().entries, 5u);
  EXPECT_EQ(Lag().pending, 3u);
  ASSERT_TRUE(group_.Acknowledge(std::vector{ids[0], ids[1]}));
  EXPECT_EQ(Lag().entries, 3u);
  IdsOf(group_.ReadNew(3, 0));
  ASSERT_TRUE(group_.Acknowledge(ids));
  EXPECT_EQ(Lag().entries, 0u);
  EXPECT_EQ(Lag().oldest_ms, 0u);
}

TEST_F(StreamGroupTest, LagTellsTheAgeOfTheOldest) {
  redis_.client().Do({"XADD", "s", "1000-0", "f", "old"});
  const std::string next = Add("new");
  EXPECT_GT(Lag().oldest_ms, 1'700'000'000'000u) << "nobody was given it";
  IdsOf(group_.ReadNew(1, 0));
  EXPECT_GT(Lag().oldest_ms, 1'700'000'000'000u) << "it is pending";
  ASSERT_TRUE(group_.Acknowledge(std::vector<std::string>{"1000-0"}));
  EXPECT_LT(Lag().oldest_ms, 3'600'000u);
}

TEST_F(StreamGroupTest, LagIsCountedWhereRedisCannotTell) {
  const auto ids = AddMany(5);
  IdsOf(group_.ReadNew(1, 0));
  redis_.client().Do({"XDEL", "s", ids[3]});
  EXPECT_EQ(Lag().entries, 4u);
}

TEST_F(StreamGroupTest, AGroupThatIsGoneIsAnError) {
  redis_.client().Do({"DEL", "s"});
  EXPECT_FALSE(group_.Lag().ok());
  EXPECT_FALSE(group_.ReadNew(1, 0).ok());
  ASSERT_TRUE(link_.connected()) << "which costs no connection";
  ASSERT_TRUE(group_.Ensure());
  EXPECT_EQ(Lag().entries, 0u);
}

TEST_F(StreamGroupTest, ALostConnectionIsAnErrorAndMayBeMadeAgain) {
  redis_.Kill();
  EXPECT_FALSE(group_.Lag().ok());
  EXPECT_FALSE(link_.connected());
  EXPECT_FALSE(link_.Connect().ok());
  redis_.Start();
  ASSERT_TRUE(link_.Connect());
  ASSERT_TRUE(group_.Ensure());
  EXPECT_EQ(Lag().entries, 0u);
}

TEST_F(StreamGroupTest, ARedisThatDoesNotAnswerIsGivenUp) {
  BlockingLinkOptions options = LinkOptions();
  options.reply_ms = 50;
  BlockingLink hasty(options, clock_);
  ASSERT_TRUE(hasty.Connect());
  redis_.Pause();
  const auto reply = hasty.Do({"PING"});
  redis_.Continue();
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error(), "no reply within redis.reply_ms");
  EXPECT_FALSE(hasty.connected());
}

TEST_F(StreamGroupTest, ACommandThatBlocksMayTakeSoMuchLonger) {
  BlockingLinkOptions options = LinkOptions();
  options.reply_ms = 1'000;
  BlockingLink hasty(options, clock_);
  ASSERT_TRUE(hasty.Connect());
  StreamGroup group(hasty, "s", "g", "me");
  EXPECT_TRUE(group.ReadNew(1, 1'200).ok());
}

TEST_F(StreamGroupTest, ALargeReplyIsReadWhole) {
  const std::string large(1'000'000, 'x');
  for (int i = 0; i < 5; ++i) Add(large);
  const auto read = group_.ReadNew(10, 0);
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read.value().entries.size(), 5u);
  EXPECT_EQ(read.value().entries[4].fields[0].second, large);
}

}  // namespace
}  // namespace sluice
