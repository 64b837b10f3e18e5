#include "redis/guarded_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "unit/redis/scripted_redis.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

constexpr std::string_view kAbsent;
constexpr RequestKey kKey = {'0', '1', '2', '3', '4', '5', '6', '7',
                             '8', '9', ':', ';', '<', '=', '>', '?'};
constexpr const char* kKeyHex = "303132333435363738393a3b3c3d3e3f";
constexpr const char* kAnyHex = "[0-9a-f]+";

using Records = std::vector<std::vector<std::string_view>>;

// The words of the one command that the request becomes.
struct Command {
  std::string name;
  std::string script;
  std::vector<std::string> keys;
  std::vector<std::string> args;
};

class GuardedRequestTest : public testing::Test {
 protected:
  Command Encoded(const StreamSpec& spec, const RequestKey* key, const Records& records) {
    const GuardedStream stream(spec);
    request_.Begin(stream, key);
    for (const std::vector<std::string_view>& values : records) request_.Append(values);
    Buffer out;
    request_.Encode(request_.Fingerprint(), out);
    std::string_view bytes = out.view();
    const RedisCommand words = TakeCommand(bytes);
    EXPECT_TRUE(bytes.empty());
    const auto keys = words.begin() + 3;
    const auto args = keys + std::stol(words[2]);
    return {words[0], words[1], {keys, args}, {args, words.end()}};
  }
  std::string GuardOf(const StreamSpec& spec, const std::vector<std::string_view>& values) {
    return Encoded(spec, nullptr, {values}).keys.at(1);
  }
  std::string FingerprintOf(const StreamSpec& spec, const Records& records) {
    return Encoded(spec, &kKey, records).args.at(2);
  }

  const StreamSpec plain_{.stream = "vitals", .fields = {"device", "time", "rate"}};
  const StreamSpec named_{
      .stream = "vitals", .fields = {"device", "time", "rate"}, .identity = {0, 1}};
  const StreamSpec packed_{.stream = "vitals",
                           .fields = {"device", "time", "rate"},
                           .packed = {JsonForm::kQuoted, JsonForm::kBare, JsonForm::kBare}};

 private:
  GuardedRequest request_{600};
};

TEST_F(GuardedRequestTest, WithAKeyTheRequestHasOneGuardAndAFingerprint) {
  const Command command = Encoded(plain_, &kKey, {{"d", "1", "61"}, {"d", "2", kAbsent}});
  EXPECT_EQ(command.name, "EVAL");
  EXPECT_EQ(command.script, GuardedRequest::script());
  EXPECT_THAT(command.keys, ElementsAre("vitals", "sluice:seen:{vitals}:" + std::string(kKeyHex)));
  EXPECT_THAT(command.args, ElementsAre("600", "0", MatchesRegex(kAnyHex), "2",         //
                                        "6", "device", "d", "time", "1", "rate", "61",  //
                                        "4", "device", "d", "time", "2"));
  EXPECT_EQ(command.args[2].size(), 32u);
}

TEST_F(GuardedRequestTest, WithAnIdentityEachRecordHasAGuard) {
  const Command command = Encoded(named_, nullptr, {{"d", "1", "61"}, {"d", "2", "62"}});
  const std::string guard = "sluice:seen:.vitals.:" + std::string(kAnyHex);
  EXPECT_THAT(command.keys, ElementsAre("vitals", MatchesRegex(guard), MatchesRegex(guard)));
  EXPECT_NE(command.keys[1], command.keys[2]);
  EXPECT_EQ(command.args[2], "") << "no fingerprint without a key";
}

TEST_F(GuardedRequestTest, WithBothTheRequestsGuardComesFirst) {
  const Command command = Encoded(named_, &kKey, {{"d", "1", "61"}});
  ASSERT_EQ(command.keys.size(), 3u);
  EXPECT_EQ(command.keys[1], "sluice:seen:{vitals}:" + std::string(kKeyHex));
  EXPECT_EQ(command.keys[2], GuardOf(named_, {"d", "1", "61"}));
}

TEST_F(GuardedRequestTest, APackedStreamsRequestIsOneEntryOfSoManyRecords) {
  const Command command = Encoded(packed_, &kKey, {{"d", "1", "61"}, {"d", "2", kAbsent}});
  EXPECT_THAT(command.keys, ElementsAre("vitals", "sluice:seen:{vitals}:" + std::string(kKeyHex)));
  EXPECT_THAT(command.args, ElementsAre("600", "0", MatchesRegex(kAnyHex), "2",  //
                                        "2", "records",
                                        "{\"device\":\"d\",\"time\":1,\"rate\":61}\n"
                                        "{\"device\":\"d\",\"time\":2}\n"));
}

TEST_F(GuardedRequestTest, APackedStreamsFingerprintIsOfAllTheRecords) {
  const std::set<std::string> prints = {
      FingerprintOf(packed_, {{"d", "1", "61"}, {"d", "2", kAbsent}}),
      FingerprintOf(packed_, {{"d", "1", "61"}}),
      FingerprintOf(packed_, {{"d", "2", kAbsent}, {"d", "1", "61"}}),
      FingerprintOf(packed_, {{"d", "1", "61"}, {"d", "2", "62"}}),
      FingerprintOf(packed_, {{"d", "1", "6"}, {"d", "12", kAbsent}})};
  EXPECT_EQ(prints.size(), 5u);
  EXPECT_TRUE(prints.contains(FingerprintOf(packed_, {{"d", "1", "61"}})));
}

TEST_F(GuardedRequestTest, ATrimmedStreamSaysToWhat) {
  StreamSpec trimmed = plain_;
  trimmed.maxlen = 1'000;
  EXPECT_EQ(Encoded(trimmed, &kKey, {{"d", "1", "61"}}).args[1], "1000");
}

TEST_F(GuardedRequestTest, AGuardIsInItsStreamsSlot) {
  const auto prefix = [this](const std::string& name) {
    StreamSpec spec = plain_;
    spec.stream = name;
    const std::string guard = Encoded(spec, &kKey, {{"d", "1", "61"}}).keys[1];
    return guard.substr(0, guard.size() - 32);
  };
  EXPECT_EQ(prefix("vitals"), "sluice:seen:{vitals}:");
  EXPECT_EQ(prefix("a{tag}b"), "sluice:seen:a{tag}b:");
  EXPECT_EQ(prefix("{tag}"), "sluice:seen:{tag}:");
  EXPECT_EQ(prefix("a{b"), "sluice:seen:{a{b}:") << "no tag: the whole name is hashed";
}

TEST_F(GuardedRequestTest, ARecordIsKnownByItsIdentityAlone) {
  const std::string guard = GuardOf(named_, {"d", "1", "61"});
  EXPECT_EQ(GuardOf(named_, {"d", "1", "99"}), guard);
  EXPECT_EQ(GuardOf(named_, {"d", "1", kAbsent}), guard);
  StreamSpec other_stream = named_;
  other_stream.stream = "other";
  StreamSpec other_fields = named_;
  other_fields.identity = {0, 2};
  const std::set<std::string> guards = {guard,
                                        GuardOf(named_, {"d", "2", "61"}),
                                        GuardOf(named_, {"d1", "", "61"}),
                                        GuardOf(named_, {"", "d1", "61"}),
                                        GuardOf(other_stream, {"d", "1", "61"}),
                                        GuardOf(other_fields, {"d", "61", "1"})};
  EXPECT_EQ(guards.size(), 6u);
}

TEST_F(GuardedRequestTest, AFingerprintIsOfAllTheRecords) {
  const std::string print = FingerprintOf(plain_, {{"d", "1", "61"}, {"d", "2", kAbsent}});
  EXPECT_EQ(FingerprintOf(plain_, {{"d", "1", "61"}, {"d", "2", kAbsent}}), print);
  StreamSpec renamed = plain_;
  renamed.fields[2] = "pulse";
  const std::set<std::string> prints = {
      print,
      FingerprintOf(plain_, {{"d", "1", "61"}}),
      FingerprintOf(plain_, {{"d", "2", kAbsent}, {"d", "1", "61"}}),
      FingerprintOf(plain_, {{"d", "1", "61"}, {"d", "2", ""}}),
      FingerprintOf(plain_, {{"d", "1", kAbsent}, {"d", "2", "61"}}),
      FingerprintOf(renamed, {{"d", "1", "61"}, {"d", "2", kAbsent}})};
  EXPECT_EQ(prints.size(), 6u);
}

TEST_F(GuardedRequestTest, AFingerprintOutlivesAChangeOfTheConfiguration) {
  StreamSpec changed = named_;
  changed.maxlen = 1'000;
  EXPECT_EQ(FingerprintOf(changed, {{"d", "1", "61"}}), FingerprintOf(plain_, {{"d", "1", "61"}}));
}

TEST_F(GuardedRequestTest, NoValueBecomesPartOfAKey) {
  const std::string guard = GuardOf(named_, {"\r\n{x}", "$1", "61"});
  EXPECT_THAT(guard, MatchesRegex("sluice:seen:.vitals.:" + std::string(kAnyHex)));
  EXPECT_EQ(guard.size(), std::string_view("sluice:seen:{vitals}:").size() + 32);
}

}  // namespace
}  // namespace sluice
