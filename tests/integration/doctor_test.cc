// `sluice doctor`, the real program, asking real Redis servers that are well, and that are not.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "integration/gate_fixture.h"
#include "support/acl_file.h"
#include "support/json.h"
#include "support/loopback.h"
#include "support/temp_dir.h"
#include "support/tls_redis.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int kAllWell = 0;
constexpr int kProblems = 1;
constexpr int kUsage = 2;
constexpr char kPassword[] = "hunter2-password";

class DoctorTest : public GateTest {
 protected:
  struct Line {
    std::string status;
    std::string found;
    std::string remedy;
  };
  // By check; of several of one check the last.
  using Report = std::map<std::string, Line>;

  DoctorTest() : GateTest(RedisServer::Port::kLoopback) {}

  std::string GateUrl(const std::string& more = "") const {
    return "unix://sluice:secret@" + redis_.socket_path() + more;
  }
  // As deploy/redis.acl has it, without one of its words.
  void SetGateUser(const std::string& without = "") {
    std::vector<std::string> command = {"ACL", "SETUSER", "sluice", "reset", ">secret"};
    for (const std::string& word : AclWords("sluice")) {
      if (word != without) command.push_back(word);
    }
    redis_.client().Do(command);
  }
  // Its report in JSON, and so its exit code.
  Report Ask(const std::string& url, int expected_exit,
             std::vector<std::string> environment = {}) const {
    environment.push_back("SLUICE_REDIS_URL=" + url);
    const ProgramRun run = RunSluice({"doctor", "--json"}, environment);
    EXPECT_EQ(run.exit_code, expected_exit) << run.out;
    EXPECT_EQ(run.err, "");
    Report report;
    const Json json = Json::Parse(run.out);
    for (const Json& finding : json.Find("findings")->elements()) {
      report[finding.Text("check")] = {finding.Text("status"), finding.Text("found"),
                                       finding.Text("remedy")};
    }
    return report;
  }

  const TempDir dir_;
};

TEST_F(DoctorTest, AShippedRedisAndItsUserHaveNoProblem) {
  redis_.StartWithFile(SLUICE_SOURCE_DIR "/deploy/redis.conf");
  SetGateUser();
  Report report = Ask(GateUrl(), kAllWell);
  for (const char* check :
       {"redis", "redis rights", "redis user", "redis version", "redis role", "redis persistence",
        "redis eviction", "redis memory", "redis clients", "redis clock", "http.listen"}) {
    EXPECT_EQ(report[check].status, "ok") << check << ": " << report[check].found;
  }
  for (const char* check : {"redis fsync", "redis settings"}) {
    EXPECT_EQ(report[check].status, "skipped") << check;
    EXPECT_THAT(report[check].found, HasSubstr("CONFIG GET"));
  }
  for (const char* check : {"streams", "open files", "listen queue", "handshakes", "gate memory"}) {
    EXPECT_NE(report[check].status, "") << check;
  }
}

TEST_F(DoctorTest, AnAdministratorIsToldMore) {
  redis_.StartWithFile(SLUICE_SOURCE_DIR "/deploy/redis.conf");
  Report report = Ask(redis_.url(), kAllWell);
  EXPECT_EQ(report["redis fsync"].status, "ok");
  EXPECT_EQ(report["redis settings"].status, "ok");
  redis_.client().Do({"CONFIG", "SET", "appendfsync", "everysec"});
  redis_.client().Do({"CONFIG", "SET", "timeout", "30"});
  report = Ask(redis_.url(), kAllWell);
  EXPECT_THAT(report["redis fsync"].remedy, HasSubstr("appendfsync always"));
  EXPECT_THAT(report["redis settings"].remedy, HasSubstr("timeout 0"));
}

TEST_F(DoctorTest, SaysALineACheckAndTheirSum) {
  redis_.StartWithFile(SLUICE_SOURCE_DIR "/deploy/redis.conf");
  SetGateUser();
  const ProgramRun run = RunSluice({"doctor", "--redis", GateUrl()});
  EXPECT_EQ(run.exit_code, kAllWell);
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out,
              HasSubstr("ok       redis rights       user sluice has all that are used\n"));
  EXPECT_THAT(run.out, HasSubstr("\nsluice doctor: 0 problems, "));
  EXPECT_EQ(run.out.back(), '\n');
}

TEST_F(DoctorTest, ChangesNothing) {
  redis_.Start();
  SetGateUser();
  redis_.client().Do({"XADD", "vitals", "1-1", "a", "b"});
  for (const std::string& url : {GateUrl(), redis_.url()}) {
    EXPECT_EQ(Ask(url, kProblems)["redis rights"].status, "ok");
  }
  EXPECT_EQ(Length("vitals"), 1);
  EXPECT_EQ(redis_.client().Do({"DBSIZE"}).integer, 1);
}

TEST_F(DoctorTest, EachRightThatIsMissingIsNamed) {
  redis_.Start();
  const std::vector<std::string> environment = {"SLUICE_JOURNAL_DIR=" + dir_.File("journal"),
                                                "SLUICE_DURABILITY_REPLICAS=1"};
  for (const std::string& word : AclWords("sluice")) {
    if (word == "on" || word == "resetchannels" || word == "-@all") continue;
    if (IsForClusters(word)) continue;  // doctor_nodes_test.cc
    SetGateUser(word);
    Report report = Ask(GateUrl("?db=1"), kProblems, environment);
    const bool in_greeting = word == "+ping" || word == "+select";
    const Line& line = report[in_greeting ? "redis" : "redis rights"];
    EXPECT_EQ(line.status, "problem") << word;
    EXPECT_THAT(line.found, HasSubstr(in_greeting ? "'" + word.substr(1) + "'" : word));
    EXPECT_THAT(line.remedy, HasSubstr(in_greeting ? "deploy/redis.acl" : " " + word + ";"));
  }
}

TEST_F(DoctorTest, ARedisThatEvictsIsAProblem) {
  redis_.Start({"--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"});
  Report report = Ask(redis_.url(), kProblems);
  EXPECT_EQ(report["redis eviction"].status, "problem");
  EXPECT_THAT(report["redis eviction"].remedy, HasSubstr("maxmemory-policy noeviction"));
}

TEST_F(DoctorTest, ARedisThatIsFullIsAProblem) {
  redis_.Start({"--maxmemory", "1"});
  Report report = Ask(redis_.url(), kProblems);
  EXPECT_EQ(report["redis memory"].status, "problem");
  EXPECT_THAT(report["redis commands"].found, HasSubstr("OOM"));
}

TEST_F(DoctorTest, AReplicaIsAProblemAndAPrimaryWithoutItsReplicasToo) {
  redis_.Start();
  const std::vector<std::string> one_replica = {"SLUICE_DURABILITY_REPLICAS=1"};
  EXPECT_EQ(Ask(redis_.url(), kProblems, one_replica)["redis role"].status, "problem");
  RedisServer replica;
  replica.StartReplicaOf(redis_);
  ASSERT_TRUE(WaitFor(
      [this] {
        const RedisReply replication = redis_.client().Do({"INFO", "replication"});
        return replication.text.find("state=online") != std::string::npos;
      },
      "the primary to know its replica"));
  EXPECT_EQ(Ask(redis_.url(), kAllWell, one_replica)["redis role"].found,
            "a primary with 1 replica");
  Report report = Ask(replica.url(), kProblems);
  EXPECT_THAT(report["redis role"].remedy, HasSubstr(redis_.address()));
  EXPECT_THAT(report["redis commands"].found, HasSubstr("READONLY"));
}

TEST_F(DoctorTest, WithoutARedisTheMachineIsLookedAtAllTheSame) {
  const TakenPort silent;
  redis_.Start();
  redis_.Pause();
  const std::string nobody = dir_.File("nobody.sock");
  const std::map<std::string, std::string> reasons = {
      {"unix://" + nobody, "no such file"},
      {"rediss://" + silent.address(), "no connection within redis.connect_ms"},
      {redis_.url(), "no reply within redis.reply_ms"}};
  for (const auto& [url, reason] : reasons) {
    Report report =
        Ask(url, kProblems, {"SLUICE_REDIS_CONNECT_MS=200", "SLUICE_REDIS_REPLY_MS=200"});
    EXPECT_EQ(report["redis"].status, "problem");
    EXPECT_THAT(report["redis"].found, HasSubstr(reason));
    EXPECT_EQ(report.count("redis version"), 0u);
    EXPECT_NE(report["open files"].status, "");
    EXPECT_NE(report["listen queue"].status, "");
  }
  redis_.Continue();
}

TEST_F(DoctorTest, WhereTheJournalAloneStoresThereIsNoRedisToAsk) {
  Report report = Ask("", kAllWell, {"SLUICE_JOURNAL_DIR=" + dir_.File("journal")});
  EXPECT_EQ(report["redis"].status, "skipped");
  EXPECT_THAT(report["journal.dir"].status, testing::AnyOf("ok", "warning"));
}

// ---- TLS ---------------------------------------------------------------------------------------

TEST_F(DoctorTest, TheCertificateOfRedisIsWatched) {
  const CertificateAuthority authority(dir_, "authority");
  const std::vector<std::string> trusting = {"SLUICE_REDIS_CA=" + authority.file()};
  const auto ask = [&](int to_days) {
    const CertificateFiles files = authority.Issue(
        "redis",
        {.common_names = {"localhost"}, .for_server = true, .from_days = -9, .to_days = to_days});
    const uint16_t port = StartOverTls(redis_, authority, files);
    return Ask("rediss://localhost:" + std::to_string(port), kProblems, trusting);
  };
  Report report = ask(365);
  EXPECT_EQ(report["redis certificate"].status, "ok");
  EXPECT_EQ(report["redis.ca"].status, "ok");
  report = ask(9);
  EXPECT_EQ(report["redis certificate"].status, "warning");
  EXPECT_THAT(report["redis certificate"].remedy, HasSubstr("tls-cert-file"));
  report = ask(-1);
  EXPECT_EQ(report["redis"].status, "problem");
  EXPECT_THAT(report["redis"].found, HasSubstr("certificate has expired"));
  EXPECT_THAT(report["redis"].remedy, HasSubstr("tls-cert-file"));
}

// ---- What it must not say ----------------------------------------------------------------------

TEST_F(DoctorTest, AWrongPasswordIsAProblemAndNotSaid) {
  const std::string url = "unix://:" + std::string(kPassword) + "@" + redis_.socket_path();
  const std::vector<std::vector<std::string>> servers = {
      {"--requirepass", "another"}, {"--rename-command", "AUTH", ""}, {"--requirepass", kPassword}};
  const std::vector<std::string> said = {"WRONGPASS", "unknown command", "a round trip takes"};
  for (size_t i = 0; i < servers.size(); ++i) {
    redis_.Start(servers[i]);
    for (const char* form : {"--json", "--redis"}) {
      std::vector<std::string> args = {"doctor", form};
      if (args.back() == "--redis") args.push_back(url);
      const ProgramRun run = RunSluice(args, {"SLUICE_REDIS_URL=" + url});
      EXPECT_EQ(run.exit_code, kProblems);
      EXPECT_THAT(run.out, HasSubstr(said[i]));
      EXPECT_THAT(run.out + run.err, Not(HasSubstr(kPassword)));
    }
  }
}

TEST_F(DoctorTest, AConfigurationThatNoGateTakesIsOneLineAndExitCode2) {
  for (const std::vector<std::string>& environment :
       {std::vector<std::string>{"SLUICE_REDIS_URL=http://x"},
        std::vector<std::string>{"SLUICE_TLS_CERTIFICATE=/no/file", "SLUICE_TLS_KEY=/no/file"},
        std::vector<std::string>{"SLUICE_AUTH_TOKENS=/no/file"}}) {
    const ProgramRun run = RunSluice({"doctor"}, environment);
    EXPECT_EQ(run.exit_code, kUsage);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  }
}

}  // namespace
}  // namespace sluice
