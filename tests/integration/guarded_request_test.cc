// The script of guarded requests, run by a real Redis: what is stored, what is left out, and which
// guards stand afterwards.
#include "redis/guarded_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/redis_server.h"
#include "support/wait.h"
#include "unit/redis/scripted_redis.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

constexpr RequestKey kKey = {'k'};
using Records = std::vector<std::vector<std::string>>;

class GuardedScriptTest : public testing::Test {
 protected:
  GuardedScriptTest() { redis_.Start(); }

  RedisReply Send(const StreamSpec& spec, const RequestKey* key, const Records& records) {
    const GuardedStream stream(spec);
    request_.Begin(stream, key);
    for (const std::vector<std::string>& record : records) {
      request_.Append(std::vector<std::string_view>(record.begin(), record.end()));
    }
    Buffer out;
    request_.Encode(request_.Fingerprint(), out);
    std::string_view bytes = out.view();
    return redis_.client().Command(TakeCommand(bytes));
  }
  // How many records were repetitions.
  int64_t Repeated(const StreamSpec& spec, const RequestKey* key, const Records& records) {
    const RedisReply reply = Send(spec, key, records);
    EXPECT_EQ(reply.kind, RedisReply::Kind::kInteger) << reply.text;
    return reply.integer;
  }
  std::string Refusal(const StreamSpec& spec, const RequestKey* key, const Records& records) {
    const RedisReply reply = Send(spec, key, records);
    return reply.kind == RedisReply::Kind::kError ? reply.text : "no error";
  }
  // The entries' last values.
  std::vector<std::string> Stored() {
    std::vector<std::string> values;
    for (const StreamEntry& entry : redis_.client().ReadStream("s")) {
      values.push_back(entry.fields.back().second);
    }
    return values;
  }
  std::vector<std::string> Guards() {
    std::vector<std::string> keys;
    for (const RedisReply& key : redis_.client().Do({"KEYS", "sluice:seen:*"}).elements) {
      keys.push_back(key.text);
    }
    return keys;
  }

  const StreamSpec plain_{.stream = "s", .fields = {"id", "value"}};
  const StreamSpec named_{.stream = "s", .fields = {"id", "value"}, .identity = {0}};
  const StreamSpec packed_{
      .stream = "s", .fields = {"id", "value"}, .packed = {JsonForm::kQuoted, JsonForm::kBare}};
  RedisServer redis_;

 private:
  GuardedRequest request_{600};
};

TEST_F(GuardedScriptTest, APackedRequestIsOneEntryAndItsRepetitionCountsItsRecords) {
  const Records records = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
  EXPECT_EQ(Repeated(packed_, &kKey, records), 0);
  EXPECT_EQ(Repeated(packed_, &kKey, records), 3);
  EXPECT_THAT(Refusal(packed_, &kKey, {{"a", "1"}, {"b", "2"}}), StartsWith(kKeyReusedError));
  EXPECT_THAT(Stored(), ElementsAre("{\"id\":\"a\",\"value\":1}\n{\"id\":\"b\",\"value\":2}\n"
                                    "{\"id\":\"c\",\"value\":3}\n"));
}

TEST_F(GuardedScriptTest, ARequestIsStoredOnceAndItsRepetitionCounted) {
  const Records records = {{"a", "1"}, {"b", "2"}};
  EXPECT_EQ(Repeated(plain_, &kKey, records), 0);
  EXPECT_EQ(Repeated(plain_, &kKey, records), 2);
  EXPECT_EQ(Repeated(plain_, &kKey, records), 2);
  EXPECT_THAT(Stored(), ElementsAre("1", "2"));
  const auto entries = redis_.client().ReadStream("s");
  EXPECT_EQ(entries[0].fields, (decltype(entries[0].fields){{"id", "a"}, {"value", "1"}}));
}

TEST_F(GuardedScriptTest, AnotherKeyIsAnotherRequest) {
  constexpr RequestKey kOther = {'o'};
  EXPECT_EQ(Repeated(plain_, &kKey, {{"a", "1"}}), 0);
  EXPECT_EQ(Repeated(plain_, &kOther, {{"a", "1"}}), 0);
  EXPECT_THAT(Stored(), ElementsAre("1", "1"));
}

TEST_F(GuardedScriptTest, AKeyWithOtherRecordsIsRefused) {
  EXPECT_EQ(Repeated(plain_, &kKey, {{"a", "1"}}), 0);
  EXPECT_THAT(Refusal(plain_, &kKey, {{"a", "2"}}), StartsWith(std::string(kKeyReusedError) + " "));
  EXPECT_THAT(Refusal(named_, &kKey, {{"b", "1"}}), StartsWith(std::string(kKeyReusedError) + " "));
  EXPECT_THAT(Stored(), ElementsAre("1"));
  EXPECT_EQ(Guards().size(), 1u) << "the refused record has left no guard";
}

TEST_F(GuardedScriptTest, ARecordIsStoredOnceWhateverItsRequest) {
  EXPECT_EQ(Repeated(named_, nullptr, {{"a", "1"}, {"b", "2"}}), 0);
  EXPECT_EQ(Repeated(named_, nullptr, {{"b", "3"}, {"c", "4"}, {"a", "5"}}), 2);
  EXPECT_THAT(Stored(), ElementsAre("1", "2", "4"));
}

TEST_F(GuardedScriptTest, ARecordTwiceInOneRequestIsARepetition) {
  EXPECT_EQ(Repeated(named_, nullptr, {{"a", "1"}, {"a", "2"}, {"b", "3"}, {"a", "4"}}), 2);
  EXPECT_THAT(Stored(), ElementsAre("1", "3"));
}

TEST_F(GuardedScriptTest, AKeyedRequestLeavesOutTheRecordsThatWereSeen) {
  EXPECT_EQ(Repeated(named_, nullptr, {{"a", "1"}}), 0);
  EXPECT_EQ(Repeated(named_, &kKey, {{"a", "1"}, {"b", "2"}}), 1);
  EXPECT_EQ(Repeated(named_, &kKey, {{"a", "1"}, {"b", "2"}}), 2) << "now as a whole";
  EXPECT_THAT(Stored(), ElementsAre("1", "2"));
}

TEST_F(GuardedScriptTest, GuardsExpireAfterTheWindow) {
  EXPECT_EQ(Repeated(named_, &kKey, {{"a", "1"}}), 0);
  const std::vector<std::string> guards = Guards();
  EXPECT_EQ(guards.size(), 2u);
  for (const std::string& guard : guards) {
    const int64_t ttl = redis_.client().Do({"TTL", guard}).integer;
    EXPECT_GT(ttl, 590) << guard;
    EXPECT_LE(ttl, 600) << guard;
    redis_.client().Do({"DEL", guard});  // as when it expires
  }
  EXPECT_EQ(Repeated(named_, &kKey, {{"a", "1"}}), 0);
  EXPECT_THAT(Stored(), ElementsAre("1", "1"));
}

TEST_F(GuardedScriptTest, ARepetitionDoesNotProlongTheWindow) {
  EXPECT_EQ(Repeated(named_, &kKey, {{"a", "1"}}), 0);
  for (const std::string& guard : Guards()) redis_.client().Do({"EXPIRE", guard, "100"});
  EXPECT_EQ(Repeated(named_, &kKey, {{"a", "1"}}), 1);
  EXPECT_EQ(Repeated(named_, nullptr, {{"a", "1"}}), 1);
  for (const std::string& guard : Guards()) {
    EXPECT_LE(redis_.client().Do({"TTL", guard}).integer, 100) << guard;
  }
}

TEST_F(GuardedScriptTest, WhatFailsLeavesNoGuard) {
  redis_.client().Do({"SET", "s", "no stream"});
  EXPECT_THAT(Refusal(named_, &kKey, {{"a", "1"}}), StartsWith("WRONGTYPE"));
  EXPECT_THAT(Guards(), ElementsAre());
  redis_.client().Do({"DEL", "s"});
  redis_.client().Do({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_THAT(Refusal(named_, &kKey, {{"a", "1"}}), StartsWith("OOM"));
  redis_.client().Do({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_THAT(Guards(), ElementsAre());
  EXPECT_EQ(Repeated(named_, &kKey, {{"a", "1"}}), 0);
}

TEST_F(GuardedScriptTest, ARecordThatRedisTakesWithoutItsGuardIsNotCalledRefused) {
  redis_.client().Do({"ACL", "SETUSER", "default", "-set"});
  const auto unguarded = StartsWith(std::string(kUnguardedError) + " ");
  EXPECT_THAT(Refusal(named_, nullptr, {{"a", "1"}}), unguarded);
  EXPECT_THAT(Refusal(plain_, &kKey, {{"b", "2"}}), unguarded);
  EXPECT_THAT(Stored(), ElementsAre("1", "2"));
  EXPECT_THAT(Guards(), ElementsAre());
}

TEST_F(GuardedScriptTest, TakesThousandsOfRecords) {
  Records records;
  for (int i = 0; i < 5'000; ++i) records.push_back({std::to_string(i), "v"});
  EXPECT_EQ(Repeated(named_, &kKey, records), 0);
  EXPECT_EQ(redis_.client().Length("s"), 5'000);
  EXPECT_EQ(Repeated(named_, &kKey, records), 5'000);
  EXPECT_EQ(Repeated(named_, nullptr, records), 5'000);
  EXPECT_EQ(redis_.client().Length("s"), 5'000);
}

TEST_F(GuardedScriptTest, AStreamIsTrimmedToAboutItsMaxlen) {
  StreamSpec trimmed = named_;
  trimmed.maxlen = 100;
  Records records;
  for (int i = 0; i < 2'000; ++i) records.push_back({std::to_string(i), "v"});
  EXPECT_EQ(Repeated(trimmed, nullptr, records), 0);
  EXPECT_LE(redis_.client().Length("s"), 200) << "a node of 100 entries more, at most";
}

}  // namespace
}  // namespace sluice
