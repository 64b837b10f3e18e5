// `sluice doctor`, the real program, asking a real cluster and real sentinels.
#include <gmock/gmock.h>

#include <map>

#include "integration/gate_fixture.h"
#include "support/acl_file.h"
#include "support/json.h"
#include "support/loopback.h"
#include "support/redis_cluster.h"
#include "support/redis_sentinels.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;

constexpr int kAllWell = 0;
constexpr int kProblems = 1;
constexpr char kPartitioned[] = R"([[route]]
path = "/v1/vitals"
stream = "vitals"
partitions = 12
field = [
  { name = "device_id", type = "string", key = true, required = true },
  { name = "heart_rate", type = "double" } ]
alert = [{ name = "heart-rate", field = "heart_rate", below = 40, above = 150 }]
)";

class DoctorNodesTest : public testing::Test {
 protected:
  struct Line {
    std::string status;
    std::string found;
    std::string remedy;
    std::string node;
  };
  using Lines = std::vector<Line>;

  // Its report in JSON, by check, and so its exit code.
  std::map<std::string, Lines> Ask(const std::string& url, int expected_exit,
                                   std::vector<std::string> environment = {}) const {
    environment.push_back("SLUICE_REDIS_URL=" + url);
    const ProgramRun run = RunSluice({"doctor", "--json", "--config", config_}, environment);
    EXPECT_EQ(run.exit_code, expected_exit) << run.out << run.err;
    std::map<std::string, Lines> report;
    const Json json = Json::Parse(run.out);
    for (const Json& finding : json.Find("findings")->elements()) {
      report[finding.Text("check")].push_back({finding.Text("status"), finding.Text("found"),
                                               finding.Text("remedy"), finding.Text("node")});
    }
    return report;
  }
  static void ExpectEach(const Lines& lines, size_t count, const std::string& status) {
    EXPECT_EQ(lines.size(), count);
    for (const Line& line : lines) EXPECT_EQ(line.status, status) << line.node << line.found;
  }

  static Line Only(const Lines& lines) {
    EXPECT_EQ(lines.size(), 1u);
    return lines.empty() ? Line() : lines.front();
  }

  const TempDir dir_;
  const std::string config_ = dir_.Write("sluice.toml", kPartitioned);
};

class DoctorClusterTest : public DoctorNodesTest {
 protected:
  // With the words of deploy/redis.acl and the partitions' keys, but for one word.
  void SetGateUser(const std::string& without = "") {
    for (size_t node = 0; node < 2 * RedisCluster::kPrimaries; ++node) {
      std::vector<std::string> command = {"ACL", "SETUSER", "sluice", "reset", ">secret"};
      for (const std::string& word : AclWords("sluice")) {
        if (word != without) command.push_back(word);
      }
      if (without != "~vitals:{*}") command.push_back("~vitals:{*}");
      cluster_.client(node).Do(command);
    }
  }
  std::string GateUrl() const {
    std::string url = cluster_.url();
    return url.insert(url.find("//") + 2, "sluice:secret@");
  }
  std::string NodeUrl(size_t node) {
    std::string url = GateUrl();
    for (size_t i = 0; i < node; ++i) url.erase(url.find('@') + 1, url.find(',') - url.find('@'));
    return "redis" + url.substr(url.find("://"), url.find(',') - url.find("://"));
  }

  // What the user lacks is said by each node that would refuse it.
  void ExpectMissingRightsAreSaid() {
    for (const char* word : {"~vitals:{*}", "+asking"}) {
      SetGateUser(word);
      auto report = Ask(GateUrl(), kProblems);
      ExpectEach(report["redis rights"], RedisCluster::kPrimaries, "problem");
      for (const Line& line : report["redis rights"]) {
        EXPECT_THAT(line.found, HasSubstr(word)) << line.node;
      }
    }
    SetGateUser("+cluster|slots");
    auto report = Ask(GateUrl(), kProblems);
    ExpectEach(report["redis"], 1, "problem");
    EXPECT_THAT(Only(report["redis"]).found, HasSubstr("'cluster|slots'"));
    EXPECT_THAT(Only(report["redis"]).remedy, HasSubstr("deploy/redis.acl"));
    SetGateUser();
  }
  // A slot on the way is nobody's fault.
  void ExpectASlotOnTheWayIsAWarning() {
    const std::string slot = std::to_string(RedisCluster::SlotOf("alerts"));
    const size_t from = cluster_.OwnerOf(RedisCluster::SlotOf("alerts"));
    const size_t to = (from + 1) % RedisCluster::kPrimaries;
    const std::string to_id = cluster_.client(to).Do({"CLUSTER", "MYID"}).text;
    cluster_.client(from).Do({"CLUSTER", "SETSLOT", slot, "MIGRATING", to_id});
    ExpectEach(Ask(GateUrl(), kAllWell)["redis commands"], 1, "warning");
    cluster_.client(from).Do({"CLUSTER", "SETSLOT", slot, "STABLE"});
  }

  RedisCluster cluster_;
};

TEST_F(DoctorClusterTest, EachPrimaryIsLookedAtAsOneRedis) {
  cluster_.Start();
  SetGateUser();
  auto report = Ask(GateUrl(), kAllWell, {"SLUICE_DURABILITY_REPLICAS=1"});
  EXPECT_EQ(Only(report["redis nodes"]).found,
            "3 primaries; each slot that is written to has a node (13)");
  ExpectEach(report["redis nodes"], 1, "ok");
  for (const char* check : {"redis", "redis rights", "redis role", "redis persistence"}) {
    ExpectEach(report[check], RedisCluster::kPrimaries, "ok");
  }
  EXPECT_EQ(report.count("redis commands"), 0u);
  for (size_t node = 0; node < RedisCluster::kPrimaries; ++node) {
    EXPECT_EQ(cluster_.client(node).Do({"DBSIZE"}).integer, 0);
  }
  ExpectEach(Ask(GateUrl(), kProblems, {"SLUICE_DURABILITY_REPLICAS=2"})["redis role"],
             RedisCluster::kPrimaries, "problem");

  // Of one that is away the others are asked.
  const TakenPort silent;
  report = Ask(GateUrl() + "," + silent.address(), kAllWell, {"SLUICE_REDIS_CONNECT_MS=300"});
  EXPECT_EQ(Only(report["redis nodes"]).status, "warning");
  EXPECT_THAT(Only(report["redis nodes"]).found, HasSubstr(silent.address()));
  report = Ask("redis+cluster://" + silent.address(), kProblems, {"SLUICE_REDIS_CONNECT_MS=300"});
  ExpectEach(report["redis"], 1, "problem");

  ExpectMissingRightsAreSaid();
  ExpectASlotOnTheWayIsAWarning();

  // redis:// names one of its nodes.
  report = Ask(NodeUrl(1), kProblems);
  ExpectEach(report["redis nodes"], 1, "problem");
  EXPECT_THAT(Only(report["redis nodes"]).remedy, HasSubstr("redis+cluster://"));
  EXPECT_EQ(report.count("redis commands"), 0u);

  // Without its replica a primary is well, and alone.
  cluster_.Kill(RedisCluster::kPrimaries);
  EXPECT_TRUE(WaitFor(
      [&] {
        return cluster_.client(0).Do({"INFO", "replication"}).text.find("connected_slaves:0") !=
               std::string::npos;
      },
      "the primary to miss its replica"));
  size_t warnings = 0;
  report = Ask(GateUrl(), kAllWell);
  for (const Line& line : report["redis role"]) {
    warnings += line.status == "warning" ? 1 : 0;
  }
  EXPECT_EQ(warnings, 1u);
}

class DoctorSentinelTest : public DoctorNodesTest {
 protected:
  RedisServer primary_{RedisServer::Port::kLoopback};
  RedisServer replica_{RedisServer::Port::kLoopback};
  RedisSentinels sentinels_;
};

TEST_F(DoctorSentinelTest, ThePrimaryThatTheSentinelsNameIsLookedAt) {
  primary_.Start(RedisServer::Durable());
  replica_.StartReplicaOf(primary_);
  sentinels_.Start(primary_);
  const std::vector<std::string> one_replica = {"SLUICE_DURABILITY_REPLICAS=1",
                                                "SLUICE_REDIS_CONNECT_MS=300"};
  auto report = Ask(sentinels_.url(), kAllWell, one_replica);
  EXPECT_EQ(Only(report["redis nodes"]).found,
            primary_.address() + " is the primary, say 3 of 3 sentinels");
  ExpectEach(report["redis nodes"], 1, "ok");
  ExpectEach(report["redis role"], 1, "ok");
  EXPECT_EQ(Only(report["redis role"]).node, primary_.address());
  EXPECT_EQ(Only(report["redis role"]).found, "a primary with 1 replica");

  const TakenPort silent;
  std::string url = sentinels_.url();
  url.insert(url.find("//") + 2, silent.address() + ",");
  report = Ask(url, kAllWell, one_replica);
  ExpectEach(report["redis nodes"], 1, "warning");
  EXPECT_THAT(Only(report["redis nodes"]).found, HasSubstr("say 3 of 4 sentinels"));
  EXPECT_THAT(Only(report["redis nodes"]).found, HasSubstr(silent.address()));

  url = sentinels_.url();
  report = Ask(url.substr(0, url.rfind('/')) + "/nobody", kProblems, one_replica);
  ExpectEach(report["redis"], 1, "problem");
  EXPECT_THAT(Only(report["redis"]).remedy, HasSubstr("sentinel monitor"));
  EXPECT_EQ(report.count("redis nodes"), 0u);
  report = Ask("redis+sentinel://" + primary_.address() + "/main", kProblems, one_replica);
  EXPECT_THAT(Only(report["redis"]).remedy, HasSubstr("give the sentinels"));
}

}  // namespace
}  // namespace sluice
