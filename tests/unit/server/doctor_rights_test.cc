#include "server/doctor_rights.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>

#include "sluice/redis/hash_slot.h"
#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr char kNoCommand[] = "NOPERM this user has no permissions to run the 'x' command";
constexpr char kNoKey[] =
    "NOPERM this user has no permissions to access one of the keys used as arguments";

bool HasAll(uint16_t) { return true; }

std::vector<Probe> Probes(const std::string& toml, const SlotFilter& has = HasAll) {
  return ProbesOf(PlanWorkers(Loaded(toml)).value(), has);
}

constexpr char kCluster[] = "[redis]\nurl = 'redis+cluster://10.0.0.1:7000'\n";

// A route over so many partitions.
std::string Partitioned(int count) {
  return "[[route]]\npath = '/a'\nstream = 'a'\npartitions = " + std::to_string(count) +
         "\nfield = [{ name = 'id', type = 'string', key = true, required = true }]\n";
}

// The key that a probe's command has; empty: it has none.
std::string KeyOf(const Probe& probe) {
  if (probe.key.empty()) return "";
  return probe.words[probe.words[0] == "EVAL" ? 3 : 1];
}

std::vector<std::string> KeysOf(const std::vector<Probe>& probes, const std::string& right) {
  std::vector<std::string> keys;
  for (const Probe& probe : probes) {
    if (probe.right == right) keys.push_back(KeyOf(probe));
  }
  return keys;
}

std::vector<std::string> Words(const std::vector<Probe>& probes) {
  std::vector<std::string> words;
  for (const Probe& probe : probes) {
    words.push_back(probe.right);
    words.push_back(probe.key);
  }
  return words;
}

// Every probe that the shipped routes make and that `refuses` refuses, with that error.
Findings Refused(const std::function<bool(const Probe&)>& refuses, const std::string& error) {
  std::vector<Refusal> refusals;
  for (const Probe& probe : Probes("")) {
    if (refuses(probe)) refusals.push_back({probe, error});
  }
  return CheckRights(refusals, "gate");
}

TEST(DoctorRightsTest, EachWordOfTheShippedAclIsProbedWhereItIsUsed) {
  EXPECT_THAT(Words(Probes("[journal]\ndir = '/j'\n[durability]\nreplicas = 1\n")),
              IsSupersetOf({"+info", "+client|id", "+client|kill", "+xadd", "+setrange", "+expire",
                            "+get", "+eval", "+exists", "+set", "+wait", "~vitals",
                            "~questionnaires", "~alerts", "~sluice:ledger:*", "~sluice:seen:*"}));
}

TEST(DoctorRightsTest, WhatIsNotUsedIsNotAskedFor) {
  const std::string route =
      "[[route]]\npath = '/a'\nstream = 'a'\n"
      "field = [{ name = 'id', type = 'string', key = true, required = true }]\n";
  const std::vector<std::string> words = Words(Probes(route));
  for (const char* unused : {"+wait", "+exists", "~alerts", "~vitals"}) {
    EXPECT_THAT(words, Not(Contains(unused)));
  }
}

TEST(DoctorRightsTest, AJournalSetsAKeyBesideTheLedger) {
  const auto count = [](const std::string& toml) {
    const std::vector<Probe> probes = Probes(toml);
    return std::count_if(probes.begin(), probes.end(), [](const Probe& probe) {
      return probe.right == "+set" && probe.key == "~sluice:ledger:*";
    });
  };
  EXPECT_EQ(count(""), 0);
  EXPECT_EQ(count("[journal]\ndir = '/j'\n"), 2) << "a lane's each";
}

// ---- Partitions and clusters --------------------------------------------------------------------

TEST(DoctorRightsTest, OfPartitionsTheFirstAndTheLastStandForAll) {
  const std::vector<Probe> probes = Probes(Partitioned(256));
  EXPECT_THAT(KeysOf(probes, "+xadd"), ElementsAre("a:{0}", "a:{255}"));
  EXPECT_THAT(KeysOf(probes, "+setrange"), ElementsAre(EndsWith(":0:{0}"), EndsWith(":0:{255}")));
  EXPECT_THAT(KeysOf(probes, "+eval"),
              ElementsAre("a:{0}", "sluice:seen:a:{0}:0", "a:{255}", "sluice:seen:a:{255}:0"));
  EXPECT_THAT(Words(probes), Contains("~a:{*}"));
  EXPECT_THAT(KeysOf(Probes(Partitioned(1)), "+xadd"), ElementsAre("a:{0}"));
}

TEST(DoctorRightsTest, ANodeIsAskedForTheKeysThatItHas) {
  std::vector<std::string> streams;
  for (const bool upper : {false, true}) {
    const auto has = [upper](uint16_t slot) { return (slot >= kHashSlots / 2) == upper; };
    const std::vector<Probe> probes = Probes(kCluster, has);
    for (const Probe& probe : probes) {
      const std::string key = KeyOf(probe);
      EXPECT_TRUE(key.empty() || has(HashSlot(key))) << key;
    }
    EXPECT_THAT(Words(probes), Contains("+info"));
    for (const std::string& stream : KeysOf(probes, "+xadd")) streams.push_back(stream);
  }
  EXPECT_THAT(streams, UnorderedElementsAre("vitals", "questionnaires", "alerts"));
}

TEST(DoctorRightsTest, OnlyAClusterIsAskedWhereItsSlotsAre) {
  EXPECT_THAT(Words(Probes(kCluster)), IsSupersetOf({"+cluster|slots", "+asking"}));
  for (const char* word : {"+cluster|slots", "+asking"}) {
    EXPECT_THAT(Words(Probes("")), Not(Contains(word)));
  }
}

TEST(DoctorRightsTest, BeingSentToAnotherNodeIsNoRefusal) {
  std::vector<Refusal> refusals;
  for (const char* error :
       {"MOVED 1 10.0.0.1:7000", "ASK 1 10.0.0.1:7000", "CLUSTERDOWN no", "READONLY no", kNoKey}) {
    refusals.push_back({{}, error});
  }
  EXPECT_EQ(DropRedirects(refusals), 2u);
  ASSERT_EQ(refusals.size(), 3u);
  EXPECT_EQ(refusals[0].error, "CLUSTERDOWN no");
}

// ---- What is refused ----------------------------------------------------------------------------

TEST(DoctorRightsTest, NothingRefusedIsWell) {
  const Findings findings = CheckRights({}, "gate");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].verdict, Verdict::kOk);
}

TEST(DoctorRightsTest, AMissingCommandIsNamedOnceWithItsUse) {
  const Findings findings =
      Refused([](const Probe& one) { return one.right == "+xadd"; }, kNoCommand);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].verdict, Verdict::kProblem);
  EXPECT_EQ(findings[0].found, "user gate lacks +xadd (records of /v1/vitals)");
  EXPECT_EQ(findings[0].remedy,
            "ACL SETUSER gate +xadd; deploy/redis.acl has all that a gate uses");
}

TEST(DoctorRightsTest, AMissingKeyIsNamedAndNotTheCommand) {
  const Findings findings = Refused([](const Probe& one) { return one.key == "~alerts"; }, kNoKey);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].found, "user gate lacks ~alerts (alerts)");
}

TEST(DoctorRightsTest, WhatOnlyIdempotencyKeysNeedIsAWarning) {
  const Findings findings = Refused([](const Probe& one) { return !one.needed; }, kNoCommand);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].verdict, Verdict::kWarning);
  EXPECT_THAT(findings[0].found, HasSubstr("+eval (requests with an Idempotency-Key)"));
}

TEST(DoctorRightsTest, ARedisThatTakesNoWritesIsAProblemOfItsOwnOnce) {
  const Findings findings =
      Refused([](const Probe& one) { return one.right == "+xadd" || one.right == "+setrange"; },
              "OOM command not allowed when used memory > 'maxmemory'.");
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].verdict, Verdict::kOk);
  EXPECT_EQ(findings[1].verdict, Verdict::kProblem);
  EXPECT_EQ(findings[1].check, "redis commands");
  EXPECT_THAT(findings[1].found, HasSubstr("SETRANGE is refused (the ledger): OOM"));
  EXPECT_THAT(findings[1].remedy, HasSubstr("maxmemory"));
}

TEST(DoctorRightsTest, EachCommandThatRedisDoesNotKnowIsNamed) {
  const Findings findings =
      Refused([](const Probe& one) { return one.right == "+client|id" || one.right == "+info"; },
              "ERR unknown command");
  ASSERT_EQ(findings.size(), 3u);
  EXPECT_THAT(findings[1].found, HasSubstr("CLIENT is refused (connecting)"));
  EXPECT_THAT(findings[2].found, HasSubstr("INFO is refused (connecting)"));
}

TEST(DoctorRightsTest, AUserIsJudgedByWhereRedisIs) {
  const auto user = [](const char* url, bool is_administrator) {
    return CheckUser(RedisUrl::Parse(url).value(), is_administrator);
  };
  EXPECT_EQ(user("redis://127.0.0.1", true).verdict, Verdict::kOk);
  EXPECT_EQ(user("unix://gate:p@/redis.sock", false).verdict, Verdict::kOk);
  const Finding open = user("redis://10.0.0.1", true);
  EXPECT_EQ(open.verdict, Verdict::kWarning);
  EXPECT_THAT(open.found, HasSubstr("asks for no password"));
  EXPECT_THAT(user("redis://gate:p@10.0.0.1", false).found, HasSubstr("in the clear"));
  EXPECT_EQ(user("rediss://gate:p@10.0.0.1", false).verdict, Verdict::kOk);
  EXPECT_THAT(user("rediss://:p@10.0.0.1", true).found,
              HasSubstr("user default may do far more than a gate does"));
  EXPECT_EQ(user("rediss://:p@10.0.0.1", true).verdict, Verdict::kWarning);
}

}  // namespace
}  // namespace sluice
