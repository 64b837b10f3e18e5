#include "server/archive_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> StreamsOf(const ArchivePlan& plan) {
  std::vector<std::string> streams;
  for (const ArchiverOptions& options : plan.streams) streams.push_back(options.stream);
  return streams;
}

std::string ErrorOf(const Config& config, const std::vector<std::string>& routes = {}) {
  const auto plan = PlanArchive(config, routes, false);
  return plan ? "no error" : plan.error();
}

// A route as the file has it.
std::string Route(const std::string& path, const std::string& stream, const std::string& fields,
                  const std::string& more = "") {
  return "[[route]]\npath = '" + path + "'\nstream = '" + stream + "'\n" + more + "field = [ " +
         "{ name = 'id', type = 'string', key = true, required = true }, " + fields + " ]\n";
}

constexpr const char* kPulse = "{ name = 'pulse', type = 'double' }";

TEST(ArchivePlanTest, ArchivesEveryRoutesStreamUnlessSomeAreChosen) {
  const Config config = Loaded("");
  EXPECT_THAT(StreamsOf(PlanArchive(config, {}, false).value()),
              ElementsAre("vitals", "questionnaires"));
  const std::vector<std::string> alias = {"/submit_qol"};
  EXPECT_THAT(StreamsOf(PlanArchive(config, alias, false).value()), ElementsAre("questionnaires"));
  const std::vector<std::string> twice = {"/v1/vitals", "/v1/vitals"};
  EXPECT_THAT(StreamsOf(PlanArchive(config, twice, false).value()), ElementsAre("vitals"));
}

TEST(ArchivePlanTest, ARouteThatThereIsNotIsNamedWithThoseThereAre) {
  EXPECT_EQ(ErrorOf(Loaded(""), {"/v1/vitals", "vitals"}),
            "--route: there is no route \"vitals\"; give \"/v1/vitals\" or \"/v1/questionnaires\"");
}

TEST(ArchivePlanTest, AnArchiverIsMadeOfTheSettings) {
  const Config config = Loaded(
      "[redis]\nurl = 'redis://h:1'\nconnect_ms = 2\nreply_ms = 3000\n"
      "[archive]\ngroup = 'g'\nconsumer = 'c'\nrows_max = 4\nbytes_max = 5000\nage_ms_max = 6\n"
      "claim_ms = 7\nretention_s = 8\n" +
      Route("/a", "s", kPulse, "entry = 'packed'\n"));
  const ArchivePlan plan = PlanArchive(config, {}, true).value();
  ASSERT_EQ(plan.streams.size(), 1u);
  const ArchiverOptions& options = plan.streams[0];
  EXPECT_EQ(options.redis.address.port, 1);
  EXPECT_EQ(options.redis_tls, nullptr);
  EXPECT_EQ(options.connect_ms, 2u);
  EXPECT_EQ(options.reply_ms, 3'000u);
  EXPECT_EQ(options.database.kind, DatabaseKind::kSqlite);
  EXPECT_EQ(options.stream, "s");
  EXPECT_EQ(options.schema.fields().size(), 2u);
  EXPECT_TRUE(options.packed);
  EXPECT_EQ(options.group, "g");
  EXPECT_EQ(options.consumer, "c-once") << "a running archive may be c";
  EXPECT_EQ(options.rows_max, 4u);
  EXPECT_EQ(options.bytes_max, 5'000u);
  EXPECT_EQ(options.age_ms_max, 6u);
  EXPECT_EQ(options.claim_ms, 7u);
  EXPECT_EQ(options.retention_s, 8u);
  EXPECT_TRUE(options.once);
}

TEST(ArchivePlanTest, AConsumerWithoutANameIsThisHost) {
  EXPECT_NE(PlanArchive(Loaded(""), {}, false).value().streams[0].consumer, "");
}

TEST(ArchivePlanTest, RoutesOfOneStreamAndTheSameFieldsShareAnArchiver) {
  const Config config = Loaded(Route("/a", "s", kPulse) + Route("/b", "t", kPulse) +
                               Route("/c", "s", "{ name = 'pulse', type = 'double', max = 9 }"));
  EXPECT_THAT(StreamsOf(PlanArchive(config, {}, false).value()), ElementsAre("s", "t"));
}

TEST(ArchivePlanTest, RoutesThatWouldShareATableAndDifferAreRefusedTogether) {
  const std::string others[] = {
      Route("/b", "s", "{ name = 'beats', type = 'double' }"),
      Route("/b", "s", "{ name = 'pulse', type = 'int32' }"),
      Route("/b", "s", "{ name = 'pulse', type = 'double', required = true }"),
      Route("/b", "s", std::string(kPulse) + ", { name = 'note', type = 'string' }"),
      Route("/b", "s", kPulse, "entry = 'packed'\n"),
      Route("/b", "S", kPulse)};
  for (const std::string& other : others) {
    const Config config = Loaded(Route("/a", "s", kPulse) + other);
    EXPECT_THAT(ErrorOf(config), HasSubstr("the routes \"/a\" and \"/b\" would share")) << other;
    EXPECT_EQ(ErrorOf(config, {"/b"}), "no error") << other;
  }
}

TEST(ArchivePlanTest, AnErrorOfAUrlNamesTheSettingAndNoPassword) {
  const auto with = [](const std::string& redis, const std::string& database) {
    return ErrorOf(
        Loaded("[redis]\nurl = '" + redis + "'\n[archive]\ndatabase = '" + database + "'\n"));
  };
  EXPECT_EQ(with("redis://h", "sqlite:a.db"), "no error");
  for (const std::string& error : {with("redis://:secret@h:x", "sqlite:a.db"),
                                   with("redis://h", "oracle://u:secret@h/secret")}) {
    EXPECT_THAT(error, Not(HasSubstr("secret")));
  }
  EXPECT_THAT(with("redis://h:x", "sqlite:a.db"), HasSubstr("redis.url: "));
  EXPECT_THAT(with("redis://h", "oracle://h/n"), HasSubstr("archive.database: "));
  EXPECT_THAT(ErrorOf(Loaded("[redis]\nurl = ''\n[journal]\ndir = '/tmp/j'\n")),
              HasSubstr("redis.url is empty"));
}

TEST(ArchivePlanTest, ABatchIsInsertedBeforeOthersMayClaimIt) {
  EXPECT_THAT(ErrorOf(Loaded("[archive]\nage_ms_max = 5000\nclaim_ms = 5000\n")),
              HasSubstr("archive.age_ms_max (5000) is not below archive.claim_ms (5000)"));
  EXPECT_EQ(ErrorOf(Loaded("[archive]\nage_ms_max = 4999\nclaim_ms = 5000\n")), "no error");
}

TEST(ArchivePlanTest, TheCertificateOfTheDataPortIsNoneOfItsBusiness) {
  EXPECT_EQ(ErrorOf(Loaded("[tls]\ncertificate = '/no/cert.pem'\nkey = '/no/key.pem'\n")),
            "no error");
  EXPECT_THAT(ErrorOf(Loaded("[redis]\nurl = 'rediss://h'\nca = '/no/ca.pem'\n")),
              HasSubstr("redis.ca"));
}

}  // namespace
}  // namespace sluice
