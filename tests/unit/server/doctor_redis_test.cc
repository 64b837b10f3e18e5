#include "server/doctor_redis.h"

#include <gmock/gmock.h>

#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::HasSubstr;

NamedTexts Info(const std::string& text) { return NamedTexts::OfInfo(text); }

NodeAnswers WithSettings(std::initializer_list<std::pair<const char*, const char*>> settings) {
  NodeAnswers answers;
  for (const auto& [name, value] : settings) answers.settings.Set(name, value);
  return answers;
}

TEST(DoctorRedisTest, ASlowRoundTripIsAWarning) {
  EXPECT_EQ(CheckRoundTrip("r:1", 41).found, "r:1 answers; a round trip takes 0.04 ms");
  EXPECT_EQ(CheckRoundTrip("r:1", 4'999).verdict, Verdict::kOk);
  const Finding slow = CheckRoundTrip("r:1", 12'345);
  EXPECT_EQ(slow.verdict, Verdict::kWarning);
  EXPECT_THAT(slow.found, HasSubstr("12.34 ms"));
}

TEST(DoctorRedisTest, AVersionHasTheCommandsOrIsAProblem) {
  EXPECT_EQ(CheckVersion(Info("redis_version:7.0.15")).verdict, Verdict::kOk);
  EXPECT_EQ(CheckVersion(Info("redis_version:10.0.0")).verdict, Verdict::kOk);
  EXPECT_EQ(CheckVersion(Info("redis_version:6.2.1")).verdict, Verdict::kWarning);
  EXPECT_EQ(CheckVersion(Info("redis_version:4.0.9")).verdict, Verdict::kProblem);
  EXPECT_EQ(CheckVersion(Info("")).verdict, Verdict::kSkipped);
  EXPECT_EQ(CheckVersion(Info("redis_version:7.2.4\r\nvalkey_version:8.1.0")).found,
            "Valkey 8.1.0, as Redis 7.2.4");
}

TEST(DoctorRedisTest, AReplicaIsAProblemAndNamesItsPrimary) {
  const Finding role =
      CheckRole(Info("role:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379"), {}, false);
  EXPECT_EQ(role.verdict, Verdict::kProblem);
  EXPECT_EQ(role.remedy, "give the primary in redis.url: 10.0.0.1:6379");
}

TEST(DoctorRedisTest, APrimaryHasTheReplicasThatAreWaitedFor) {
  const NamedTexts info = Info(
      "role:master\r\nconnected_slaves:2\r\nslave0:ip=a,port=1,state=online,lag=0\r\n"
      "slave1:ip=b,port=1,state=wait_bgsave,lag=0");
  EXPECT_EQ(CheckRole(info, {.replicas = 1}, false).verdict, Verdict::kOk);
  EXPECT_EQ(CheckRole(info, {.replicas = 1}, false).found, "a primary with 1 replica");
  const Finding few = CheckRole(info, {.replicas = 2}, false);
  EXPECT_EQ(few.verdict, Verdict::kProblem);
  EXPECT_THAT(few.remedy, HasSubstr("durability.replicas"));
}

TEST(DoctorRedisTest, WhereAPrimaryIsReplacedItHasAReplica) {
  const NamedTexts alone = Info("role:master\r\nconnected_slaves:0");
  EXPECT_EQ(CheckRole(alone, {}, false).verdict, Verdict::kOk);
  EXPECT_EQ(CheckRole(alone, {}, true).verdict, Verdict::kWarning);
  EXPECT_EQ(CheckRole(alone, {.replicas = 1}, true).verdict, Verdict::kProblem);
  const NamedTexts one = Info("role:master\r\nconnected_slaves:1\r\nslave0:state=online");
  EXPECT_EQ(CheckRole(one, {}, true).verdict, Verdict::kOk);
  const Finding replaced = CheckRole(Info("role:slave\r\nmaster_host:10.0.0.1"), {}, true);
  EXPECT_EQ(replaced.verdict, Verdict::kProblem);
  EXPECT_THAT(replaced.remedy, HasSubstr("failover"));
}

TEST(DoctorRedisTest, ThereIsRoomForTheGatesConnections) {
  EXPECT_EQ(CheckClients(Info("connected_clients:6\r\nmaxclients:10"), 4).verdict, Verdict::kOk);
  EXPECT_EQ(CheckClients(Info("connected_clients:7\r\nmaxclients:10"), 4).verdict,
            Verdict::kProblem);
  EXPECT_EQ(CheckClients(Info("connected_clients:1\r\nmaxclients:10\r\nrejected_connections:3"), 4)
                .verdict,
            Verdict::kWarning);
  EXPECT_EQ(CheckClients(Info(""), 4).verdict, Verdict::kSkipped);
}

TEST(DoctorRedisTest, AClockIsComparedLessHalfTheRoundTrip) {
  NodeAnswers answers;
  answers.asked_at_ms = 1'700'000'000'000;
  const auto check = [&](int64_t ahead_ms, uint64_t took_us) {
    answers.info = NamedTexts();
    answers.info.Set("server_time_usec", std::to_string((answers.asked_at_ms + ahead_ms) * 1'000));
    answers.info_took_us = took_us;
    return CheckClock(answers);
  };
  EXPECT_EQ(check(900, 0).verdict, Verdict::kOk);
  EXPECT_EQ(check(-900, 0).verdict, Verdict::kOk);
  EXPECT_EQ(check(1'500, 0).verdict, Verdict::kWarning);
  EXPECT_EQ(check(1'500, 2'000'000).verdict, Verdict::kOk);
  EXPECT_THAT(check(-5'101, 0).found, HasSubstr("5.1 s behind ours"));
  EXPECT_EQ(check(61'000, 0).verdict, Verdict::kProblem);
  EXPECT_EQ(CheckClock(NodeAnswers()).verdict, Verdict::kSkipped);
}

TEST(DoctorRedisTest, SettingsThatHurtAreNamedTogether) {
  const Finding good = CheckSettings(
      WithSettings({{"timeout", "0"}, {"tcp-backlog", "1024"}, {"stream-node-max-bytes", "0"}}), 4);
  EXPECT_EQ(good.verdict, Verdict::kOk);
  const Finding bad = CheckSettings(
      WithSettings({{"timeout", "30"}, {"tcp-backlog", "3"}, {"stream-node-max-entries", "10"}}),
      4);
  EXPECT_EQ(bad.verdict, Verdict::kWarning);
  EXPECT_EQ(bad.remedy,
            "set in redis.conf: timeout 0; tcp-backlog 1024; stream-node-max-bytes 4096, "
            "stream-node-max-entries 100");
}

TEST(DoctorRedisTest, SettingsThatMayNotBeReadAreSkippedWithTheReason) {
  NodeAnswers answers;
  answers.settings_refusal = "NOPERM no";
  const Finding unread = CheckSettings(answers, 4);
  EXPECT_EQ(unread.verdict, Verdict::kSkipped);
  EXPECT_EQ(unread.found, "needs CONFIG GET, which a gate does not (NOPERM)");
}

TEST(DoctorRedisTest, AlertRulesTakeASecondLinkAWorker) {
  const WorkerPlan with = PlanWorkers(Loaded("[http]\nworkers = 3\n")).value();
  EXPECT_EQ(LinksOf(with), 6u);
}

}  // namespace
}  // namespace sluice
