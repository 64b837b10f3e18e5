#include "server/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Config Defaults() { return LoadConfig(std::nullopt, {}).value(); }

Override Flag(const char* section, const char* key, std::string text) {
  return {FindSetting(section, key), std::move(text), "--flag"};
}

constexpr const char* kOneRoute =
    "[[route]]\npath = '/a'\nstream = 'a'\n"
    "field = [{ name = 'id', type = 'string', key = true, required = true }]\n";

TEST(LoadConfigTest, WithoutAFileGivesTheDefaultsAndTheShippedRoutes) {
  const Config config = Defaults();
  EXPECT_EQ(config.http.listen, "0.0.0.0:8080");
  EXPECT_EQ(config.delivery.deadline_ms, kDeadlineMs);
  ASSERT_EQ(config.routes.size(), 2u);
  EXPECT_EQ(config.routes[0].path, "/v1/vitals");
  EXPECT_EQ(config.routes[1].path, "/v1/questionnaires");
}

TEST(LoadConfigTest, AnEmptyFileChangesNothing) {
  EXPECT_EQ(Printed(Loaded("")), Printed(Defaults()));
}

TEST(LoadConfigTest, TheFileBeatsTheDefaults) {
  const Config config = Loaded(
      "[http]\nlisten = '[::1]:9000'\nbody_bytes_max = '64KiB'\nheader_bytes_max = 8192\n"
      "[delivery]\nack = 'memory'\ndeadline_ms = 250\n[log]\nlevel = 'debug'\n");
  EXPECT_EQ(config.http.listen, "[::1]:9000");
  EXPECT_EQ(config.http.body_bytes_max, 65'536u);
  EXPECT_EQ(config.http.header_bytes_max, 8'192u);
  EXPECT_EQ(config.delivery.ack, Ack::kMemory);
  EXPECT_EQ(config.delivery.deadline_ms, 250u);
  EXPECT_EQ(config.log.level, "debug");
  EXPECT_EQ(config.http.idle_ms, kIdleMs);
}

TEST(LoadConfigTest, OverridesBeatTheFileAndTheLastOneWins) {
  const std::vector<Override> overrides = {Flag("http", "workers", "2"),
                                           Flag("http", "workers", "3")};
  const Config config = Loaded("[http]\nworkers = 1\npipeline_max = 7\n", overrides);
  EXPECT_EQ(config.http.workers, 3u);
  EXPECT_EQ(config.http.pipeline_max, 7u);
}

TEST(LoadConfigTest, ARouteTakesTheAckThatIsInEffectUnlessItNamesOne) {
  const std::vector<Override> memory = {Flag("delivery", "ack", "memory")};
  EXPECT_EQ(Loaded(kOneRoute).routes[0].ack, Ack::kRedis);
  EXPECT_EQ(Loaded(kOneRoute, memory).routes[0].ack, Ack::kMemory);
  EXPECT_EQ(Loaded(std::string(kOneRoute) + "ack = 'redis'\n", memory).routes[0].ack, Ack::kRedis);
  EXPECT_EQ(Loaded("", memory).routes[1].ack, Ack::kMemory);
}

TEST(LoadConfigTest, TheUrgentReserveIsAnEighthOfTheBudgetUnlessGiven) {
  EXPECT_EQ(Defaults().urgent.reserve_bytes, kUrgentReserveBytes);
  const std::string file = "[delivery]\ninflight_bytes_max = '16MiB'\nbatch_bytes_max = '1MiB'\n";
  EXPECT_EQ(Loaded(file).urgent.reserve_bytes, 2 * kMiB);
  const std::vector<Override> larger = {Flag("delivery", "inflight_bytes_max", "32MiB")};
  EXPECT_EQ(Loaded(file, larger).urgent.reserve_bytes, 4 * kMiB) << "of what results";
  EXPECT_EQ(Loaded(file + "[urgent]\nreserve_bytes = 0\n", larger).urgent.reserve_bytes, 0u);
  EXPECT_EQ(Loaded(file + "[urgent]\nreserve_bytes = '8MiB'\n").urgent.reserve_bytes, 8 * kMiB)
      << "which is the default of another budget";
  const std::vector<Override> given = {Flag("urgent", "reserve_bytes", "0")};
  EXPECT_EQ(Loaded(file, given).urgent.reserve_bytes, 0u);
}

TEST(LoadConfigTest, RoutesOfTheFileReplaceTheShippedOnes) {
  const Config config = Loaded(kOneRoute);
  ASSERT_EQ(config.routes.size(), 1u);
  EXPECT_EQ(config.routes[0].path, "/a");
}

TEST(LoadConfigTest, ABadValueIsNamedWithFileLineAndColumn) {
  EXPECT_EQ(LoadError("[http]\nworkers = -1\n"),
            "sluice.toml:2:11: http.workers: -1 is out of range; give 0 to 1024");
  EXPECT_EQ(LoadError("[log]\n\n  level = 'loud'\n"),
            "sluice.toml:3:11: log.level: \"loud\" is not among its values; "
            "give \"debug\", \"info\", \"warning\" or \"error\"");
}

TEST(LoadConfigTest, ATypeThatDoesNotFitIsNamed) {
  EXPECT_EQ(LoadError("[http]\nworkers = '4'\n"),
            "sluice.toml:2:11: http.workers: expected an integer, not a string");
  EXPECT_EQ(LoadError("[http]\nlisten = 8080\n"),
            "sluice.toml:2:10: http.listen: expected a string, not an integer");
  EXPECT_EQ(LoadError("[http]\nidle_ms = 1.5\n"),
            "sluice.toml:2:11: http.idle_ms: expected an integer, not a floating-point number");
  EXPECT_EQ(LoadError("[http]\nbody_bytes_max = true\n"),
            "sluice.toml:2:18: http.body_bytes_max: expected an integer, or a string such as "
            "\"64KiB\", not a boolean");
  EXPECT_EQ(LoadError("[redis]\nurl = ['redis://:secret@h']\n"),
            "sluice.toml:2:7: redis.url: expected a string, not an array");
  EXPECT_EQ(LoadError("[log.level]\n"),
            "sluice.toml:1:1: log.level: expected a string, not a table");
  EXPECT_EQ(LoadError("[log]\nformat = 2024-01-01\n"),
            "sluice.toml:2:10: log.format: expected a string, not a date or time");
  EXPECT_EQ(LoadError("http = 8080\n"), "sluice.toml:1:8: http: expected a table, not an integer");
}

TEST(LoadConfigTest, AnUnknownKeyIsNamedWithTheNearestKnownOne) {
  EXPECT_EQ(LoadError("[http]\nlisten = 'h:1'\nlisen = 'h:1'\n"),
            "sluice.toml:3:1: unknown key \"http.lisen\"; did you mean \"listen\"?");
  EXPECT_EQ(LoadError("[admin]\nworkers = 1\n"), "sluice.toml:2:1: unknown key \"admin.workers\"");
  EXPECT_EQ(LoadError("workers = 1\n"), "sluice.toml:1:1: unknown key \"workers\"");
  EXPECT_EQ(LoadError("[http]\n\"a\\nb\" = 1\n"), "sluice.toml:2:1: unknown key \"http.a\\nb\"");
}

TEST(LoadConfigTest, AnUnknownSectionIsNamedEvenIfALaterVersionKnowsIt) {
  EXPECT_EQ(LoadError("[htpp]\n"),
            "sluice.toml:1:2: unknown section \"htpp\"; did you mean \"http\"?");
  EXPECT_EQ(LoadError("[cluster]\n"), "sluice.toml:1:2: unknown section \"cluster\"");
}

TEST(LoadConfigTest, BadTomlIsNamedWithItsPlace) {
  EXPECT_THAT(LoadError("[http]\nlisten = \n"), StartsWith("sluice.toml:2:10: "));
  EXPECT_THAT(LoadError("[http]\nworkers = 1\nworkers = 2\n"), StartsWith("sluice.toml:3:"));
  EXPECT_THAT(LoadError("a = '\xFF'\n"), HasSubstr("utf-8"));
}

TEST(LoadConfigTest, BadTomlDoesNotShowAPassword) {
  for (const char* line : {"url = redis://:secret@host", "url = \"redis://:secret@host",
                           "url = 'redis://:secret@host' 'secret'", "url = nosecret",
                           "url 'redis://:secret@host'", "url = \"redis://:se\\cret@host\""}) {
    const std::string error = LoadError("[redis]\n" + std::string(line) + "\n");
    EXPECT_THAT(error, StartsWith("sluice.toml:2:"));
    EXPECT_EQ(error.find("cret"), std::string::npos) << error;
  }
}

TEST(LoadConfigTest, AFileThatCannotBeReadIsNamed) {
  EXPECT_EQ(LoadConfig("/no/such.toml", {}).error(),
            "cannot read the file \"/no/such.toml\": No such file or directory");
  EXPECT_EQ(LoadConfig("/tmp", {}).error(), "cannot read the file \"/tmp\": Is a directory");
}

TEST(LoadConfigTest, ABadOverrideIsNamedWithItsSource) {
  const std::vector<Override> overrides = {Flag("http", "workers", "many")};
  EXPECT_EQ(LoadError("", overrides),
            "--flag: http.workers: \"many\" is not an integer; give 0 to 1024");
}

TEST(CheckConfigTest, SettingsThatContradictAreBothNamedWithTheRemedy) {
  EXPECT_EQ(LoadError("[delivery]\nbatch_bytes_max = '65MiB'\n"),
            "delivery.batch_bytes_max (65MiB) is more than delivery.inflight_bytes_max (64MiB); "
            "lower the first or raise the second");
  EXPECT_EQ(LoadError("[http]\nbody_bytes_max = '17MiB'\n"),
            "http.body_bytes_max (17MiB) is more than a quarter of delivery.inflight_bytes_max "
            "(64MiB); lower the first or raise the second");
  EXPECT_EQ(LoadError("[delivery]\ndeadline_ms = 10000\n"),
            "delivery.deadline_ms (10000) is not below delivery.drain_ms (10000); "
            "lower the first or raise the second");
  EXPECT_EQ(LoadError("[delivery]\ndeadline_ms = 5\nlinger_us = 5000\n"),
            "delivery.linger_us (5000) is not below delivery.deadline_ms (5); "
            "lower the first or raise the second");
}

TEST(CheckConfigTest, TheUrgentReserveIsAtMostHalfOfTheBudget) {
  const std::string budget = "[delivery]\ninflight_bytes_max = '32MiB'\n[urgent]\n";
  EXPECT_EQ(LoadError(budget + "reserve_bytes = '16MiB'\n"), "no error");
  EXPECT_EQ(LoadError(budget + "reserve_bytes = 16777217\n"),
            "urgent.reserve_bytes (16777217) is more than half of delivery.inflight_bytes_max "
            "(32MiB); lower the first or raise the second");
}

TEST(CheckConfigTest, AlertsHaveAStreamOfTheirOwnWhereThereAreAny) {
  EXPECT_EQ(LoadError("[urgent]\nstream = 'questionnaires'\n"),
            "urgent.stream (\"questionnaires\") is the stream of route \"/v1/questionnaires\" too; "
            "give alerts a stream of their own");
  EXPECT_EQ(LoadError("[urgent]\nstream = 'a'\n" + std::string(kOneRoute)), "no error")
      << "no route has a rule";
  EXPECT_THAT(LoadError("[urgent]\nstream = 'a'\n" + std::string(kOneRoute) +
                        "alert = [{ name = 'r', field = 'id', equals = 'x' }]\n"),
              HasSubstr("urgent.stream (\"a\")"));
}

TEST(CheckConfigTest, AJournalsSegmentHoldsABatchAndFitsTheJournal) {
  const std::string dir = "dir = 'd'\n";
  EXPECT_EQ(LoadError("[journal]\n" + dir + "bytes_max = '63MiB'\n"),
            "journal.segment_bytes (64MiB) is more than journal.bytes_max (63MiB); "
            "lower the first or raise the second");
  EXPECT_EQ(LoadError("[journal]\n" + dir + "segment_bytes = '1023KiB'\n"),
            "journal.segment_bytes (1023KiB) is less than delivery.batch_bytes_max (1MiB); "
            "raise the first or lower the second");
  EXPECT_EQ(LoadError("[journal]\nsegment_bytes = '1023KiB'\n"), "no error") << "there is none";
  EXPECT_EQ(LoadError("[journal]\n" + dir + "bytes_max = '1MiB'\nsegment_bytes = '1MiB'\n"),
            "no error");
}

TEST(CheckConfigTest, ReplicasAreWaitedForWithinTheDeadlineAndWithinAReplysTime) {
  const std::string durability = "[durability]\nreplicas = 1\n";
  EXPECT_EQ(LoadError(durability + "wait_ms = 5000\n"),
            "durability.wait_ms (5000) is not below delivery.deadline_ms (5000); "
            "lower the first or raise the second");
  EXPECT_EQ(LoadError(durability + "[redis]\nreply_ms = 1000\n"),
            "durability.wait_ms (1000) is not below redis.reply_ms (1000); "
            "lower the first or raise the second");
  EXPECT_EQ(LoadError(durability + "[redis]\nreply_ms = 1001\n"), "no error");
  EXPECT_EQ(LoadError("[durability]\nwait_ms = 5000\n[redis]\nreply_ms = 1000\n"), "no error")
      << "none is asked";
}

TEST(CheckConfigTest, ReplicasNeedARedis) {
  EXPECT_EQ(LoadError("[durability]\nreplicas = 1\n[redis]\nurl = ''\n[journal]\ndir = 'd'\n"),
            "durability.replicas is set and redis.url is empty, so there are no replicas; "
            "give a redis.url, or durability.replicas = 0");
}

TEST(CheckConfigTest, TheJournalTakesRecordsBeforeTheirDeadline) {
  EXPECT_EQ(LoadError("[journal]\ndir = 'd'\nafter_ms = 5000\n"),
            "journal.after_ms (5000) is not below delivery.deadline_ms (5000); "
            "lower the first or raise the second");
  EXPECT_EQ(LoadError("[journal]\ndir = 'd'\nafter_ms = 4999\n"), "no error");
  EXPECT_EQ(LoadError("[journal]\nafter_ms = 5000\n"), "no error") << "there is none";
}

TEST(CheckConfigTest, TheLimitsThemselvesAreAllowed) {
  EXPECT_EQ(LoadError("[delivery]\nbatch_bytes_max = '64MiB'\n[http]\nbody_bytes_max = '16MiB'\n"),
            "no error");
  EXPECT_EQ(LoadError("[delivery]\ndeadline_ms = 9999\nlinger_us = 1000000\n"), "no error");
  EXPECT_EQ(LoadError("[delivery]\ndeadline_ms = 9000\n[redis]\nreply_ms = 100\n"), "no error");
}

TEST(CheckConfigTest, SeesOverridesToo) {
  const std::vector<Override> overrides = {Flag("delivery", "drain_ms", "100")};
  EXPECT_THAT(LoadError("", overrides), HasSubstr("delivery.drain_ms (100)"));
}

TEST(ShippedRoutesTest, AreVitalsAndQuestionnaires) {
  const std::vector<RouteConfig> routes = ShippedRoutes();
  ASSERT_EQ(routes.size(), 2u);
  EXPECT_EQ(routes[0].path, "/v1/vitals");
  EXPECT_EQ(routes[0].stream, "vitals");
  EXPECT_TRUE(routes[0].aliases.empty());
  EXPECT_EQ(routes[0].at_least_one, (std::vector<std::string>{"heart_rate", "blood_oxygen"}));
  EXPECT_EQ(routes[0].schema.at_least_one_mask(), 0b1100u);
  EXPECT_EQ(routes[0].schema.required_mask(), 0b0011u);
  ASSERT_EQ(routes[0].alerts.size(), 2u);
  const AlertRule& heart_rate = routes[0].alerts[0];
  EXPECT_EQ(heart_rate.name, "heart-rate");
  EXPECT_EQ(heart_rate.field, 2u);
  EXPECT_EQ(heart_rate.double_below, 40);
  EXPECT_EQ(heart_rate.double_above, 150);
  const AlertRule& blood_oxygen = routes[0].alerts[1];
  EXPECT_EQ(blood_oxygen.name, "blood-oxygen");
  EXPECT_EQ(blood_oxygen.field, 3u);
  EXPECT_EQ(blood_oxygen.double_below, 90);
  EXPECT_FALSE(blood_oxygen.Met("", {.real = 350})) << "no more than that";
  EXPECT_EQ(routes[1].path, "/v1/questionnaires");
  EXPECT_EQ(routes[1].stream, "questionnaires");
  EXPECT_EQ(routes[1].aliases, std::vector<std::string>{"/submit_qol"});
  EXPECT_EQ(routes[1].schema.required_mask(), 0b1111u);
  EXPECT_TRUE(routes[1].alerts.empty());
  EXPECT_EQ(routes[1].schema.fields()[3].type, FieldType::kTimestamp);
}

TEST(ShippedFileTest, MeansTheSameAsNoFile) {
  const Config config = LoadConfig(SLUICE_SOURCE_DIR "/deploy/sluice.toml", {}).value();
  EXPECT_EQ(Printed(config), Printed(Defaults()));
}

TEST(ShippedFileTest, ShowsEverySettingAndRoute) {
  std::ifstream file(SLUICE_SOURCE_DIR "/deploy/sluice.toml");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const Setting& setting : Settings()) {
    const size_t section = text.find("\n[" + std::string(setting.section) + "]\n");
    ASSERT_NE(section, std::string::npos) << setting.section;
    const std::string keys = text.substr(section, text.find("\n[", section + 1) - section);
    const std::string line =
        "\n" + std::string(setting.key) + " = " + PrintSetting(setting, Config()) + "\n";
    EXPECT_THAT(keys, HasSubstr(line));
  }
  for (const RouteConfig& route : ShippedRoutes()) {
    EXPECT_THAT(text, HasSubstr("\npath = \"" + route.path + "\"\n"));
  }
}

}  // namespace
}  // namespace sluice
