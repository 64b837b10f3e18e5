#include "server/doctor_keeping.h"

#include <gmock/gmock.h>

#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::HasSubstr;

NamedTexts Info(const std::string& text) { return NamedTexts::OfInfo(text); }

constexpr char kAof[] = "aof_enabled:1\r\naof_last_write_status:ok\r\n";

TEST(DoctorKeepingTest, WithoutAnAppendOnlyFileA200IsWorthLittle) {
  EXPECT_EQ(CheckPersistence(Info(kAof), {}).verdict, Verdict::kOk);
  EXPECT_EQ(CheckPersistence(Info("aof_enabled:0"), {}).verdict, Verdict::kProblem);
  EXPECT_EQ(CheckPersistence(Info("aof_enabled:0"), {.replicas = 1}).verdict, Verdict::kWarning);
  EXPECT_EQ(CheckPersistence(Info(""), {}).verdict, Verdict::kSkipped);
}

TEST(DoctorKeepingTest, WritesThatFailedAreSaid) {
  const Finding write = CheckPersistence(Info("aof_enabled:1\r\naof_last_write_status:err"), {});
  EXPECT_EQ(write.verdict, Verdict::kProblem);
  for (const char* status : {"aof_last_bgrewrite_status:err", "rdb_last_bgsave_status:err"}) {
    EXPECT_EQ(CheckPersistence(Info(kAof + std::string(status)), {}).verdict, Verdict::kWarning)
        << status;
  }
}

TEST(DoctorKeepingTest, AnFsyncBehindTheAnswerIsSaidWithWhatItCosts) {
  const auto check = [](const char* policy, const char* on_rewrite, const char* truncated) {
    NodeAnswers answers;
    answers.info = Info(kAof);
    answers.settings.Set("appendfsync", policy);
    answers.settings.Set("no-appendfsync-on-rewrite", on_rewrite);
    answers.settings.Set("aof-load-truncated", truncated);
    return CheckFsync(answers);
  };
  EXPECT_EQ(check("always", "no", "no").verdict, Verdict::kOk);
  EXPECT_THAT(check("everysec", "no", "no").found, HasSubstr("the last second"));
  EXPECT_THAT(check("no", "no", "no").found, HasSubstr("the last half a minute"));
  EXPECT_EQ(check("always", "yes", "no").remedy, "set in redis.conf: no-appendfsync-on-rewrite no");
  EXPECT_EQ(check("always", "no", "yes").remedy, "set in redis.conf: aof-load-truncated no");
  EXPECT_EQ(CheckFsync(NodeAnswers()).verdict, Verdict::kSkipped);
}

TEST(DoctorKeepingTest, EveryPolicyButNoevictionIsAProblemWithAMaxmemory) {
  EXPECT_EQ(CheckEviction(Info("maxmemory:1\r\nmaxmemory_policy:noeviction")).verdict,
            Verdict::kOk);
  for (const char* policy : {"allkeys-lru", "volatile-ttl", "allkeys-random"}) {
    const std::string line = std::string("\r\nmaxmemory_policy:") + policy;
    const Finding evicts = CheckEviction(Info("evicted_keys:7\r\nmaxmemory:1" + line));
    EXPECT_EQ(evicts.verdict, Verdict::kProblem);
    EXPECT_THAT(evicts.found, HasSubstr("(7 so far)"));
    EXPECT_THAT(evicts.remedy, HasSubstr("maxmemory-policy noeviction"));
    EXPECT_EQ(CheckEviction(Info("maxmemory:0" + line)).verdict, Verdict::kWarning);
  }
}

TEST(DoctorKeepingTest, MemoryIsMeasuredAgainstItsBound) {
  const auto check = [](int used, int most, int machine, const std::string& more = "") {
    return CheckMemory(
        Info("used_memory:" + std::to_string(used) + "000000\r\nmaxmemory:" + std::to_string(most) +
             "000000\r\ntotal_system_memory:" + std::to_string(machine) + "000000\r\n" + more));
  };
  EXPECT_EQ(check(749, 1'000, 9'000).verdict, Verdict::kOk);
  EXPECT_EQ(check(750, 1'000, 9'000).verdict, Verdict::kWarning);
  EXPECT_EQ(check(900, 1'000, 9'000).verdict, Verdict::kProblem);
  EXPECT_THAT(check(900, 1'000, 9'000).found, HasSubstr("90% of maxmemory"));
  EXPECT_THAT(check(1, 0, 9'000).found, HasSubstr("no maxmemory"));
  EXPECT_EQ(check(1, 0, 9'000).verdict, Verdict::kWarning);
  EXPECT_EQ(check(8'500, 0, 9'000).verdict, Verdict::kProblem);
  EXPECT_THAT(check(1, 9'000, 1'000).found, HasSubstr("more than the machine's"));
  const Finding fragmented =
      check(600, 2'000, 9'000, "mem_fragmentation_ratio:1.60\r\nmem_fragmentation_bytes:360000000");
  EXPECT_EQ(fragmented.verdict, Verdict::kWarning);
  EXPECT_THAT(fragmented.remedy, HasSubstr("activedefrag"));
  EXPECT_EQ(check(1, 2'000, 9'000, "mem_fragmentation_ratio:7.4\r\nmem_fragmentation_bytes:6000000")
                .verdict,
            Verdict::kOk);
}

TEST(DoctorKeepingTest, StreamsThatNoSettingTrimsAreNamed) {
  const Finding endless = CheckStreams(Loaded(""));
  EXPECT_EQ(endless.verdict, Verdict::kWarning);
  EXPECT_THAT(endless.found, HasSubstr("vitals, questionnaires, alerts:"));
  EXPECT_THAT(CheckStreams(Loaded("[archive]\nretention_s = 60\n")).found, HasSubstr("alerts:"));
  EXPECT_EQ(CheckStreams(Loaded("[archive]\nretention_s = 60\n[urgent]\nmaxlen = 1000\n")).verdict,
            Verdict::kOk);
}

}  // namespace
}  // namespace sluice
