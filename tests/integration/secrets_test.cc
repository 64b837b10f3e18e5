// What must never be seen: the password of Redis anywhere, and device ids and record values
// anywhere but in Redis, the journal and the answer to who sent them. The program is made to fail
// in the ways in which it says most, at its most talkative.
#include <algorithm>

#include "integration/gate_fixture.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

constexpr char kPassword[] = "hunter2-password";
constexpr char kDevice[] = "device-4711";
constexpr char kPatient[] = "patient-0815";
constexpr char kValue[] = "123.4567";
constexpr char kTalkative[] = "[log]\nlevel = \"debug\"\nformat = \"json\"\n";

testing::AssertionResult HasNoSecret(const std::string& text) {
  for (const char* secret : {kPassword, kDevice, kPatient, kValue}) {
    if (text.find(secret) != text.npos)
      return testing::AssertionFailure() << secret << ": " << text;
  }
  return testing::AssertionSuccess();
}

std::string Reading() {
  return R"({"device_id":")" + std::string(kDevice) + R"(","timestamp":1767225600000,)" +
         R"("heart_rate":)" + kValue + "}";
}
std::string AbnormalReading() {
  return R"({"device_id":")" + std::string(kDevice) +
         R"(","timestamp":1767225600000,"heart_rate":210,"blood_oxygen":12.34567})";
}

class SecretsTest : public GateTest {
 protected:
  std::string Url() const {
    return "unix://:" + std::string(kPassword) + "@" + redis_.socket_path();
  }
  // With a gate that Redis refuses to serve without telling why in more than a line.
  void StartRefused(const std::vector<std::string>& redis_args, const std::string& url,
                    const std::string& config = kTalkative) {
    redis_.Start(redis_args);
    StartGateOn(url, config + "[delivery]\ndeadline_ms = 300\n", 1);
  }
  // One request of each kind.
  void SayEverything() {
    HttpClient client = Connect();
    const std::string key = "Idempotency-Key: \"" + std::string(kPassword) + "-key\"\r\n";
    client.Send(PostRequest(kVitals, Reading()) + PostRequest(kVitals, AbnormalReading()) +
                PostRequest(kVitals, Reading(), "", key) +
                PostRequest(kQuestionnaires, QuestionAnswer(kPatient, 1)));
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(HasNoSecret(client.ReadResponse().raw));
  }
  testing::AssertionResult WaitLogged(const std::string& words) const {
    return WaitFor([&] { return gate_->err().find(words) != std::string::npos; },
                   "the log to say " + words);
  }
  // Nothing that the program has said so far, nor what it says in leaving.
  void ExpectSilence() {
    EXPECT_TRUE(HasNoSecret(Admin("/metrics").body));
    gate_->Signal(SIGHUP);
    gate_->Stop();
    EXPECT_TRUE(HasNoSecret(gate_->out()));
    EXPECT_TRUE(HasNoSecret(gate_->err()));
    gate_.reset();
  }

  const TempDir dir_;
};

TEST_F(SecretsTest, AWrongPasswordIsNotSaidWhereverItCameFrom) {
  redis_.Start({"--requirepass", "another"});
  const std::string toml_url = "[redis]\nurl = \"" + Url() + "\"\n";
  for (const char* format : {"text", "json"}) {
    const std::string log = "[log]\nlevel = \"debug\"\nformat = \"" + std::string(format) + "\"\n";
    const std::string deadline = "[delivery]\ndeadline_ms = 300\n";
    std::vector<Gate::Options> ways(3);
    ways[0].redis_url = Url();
    ways[1].environment = {"SLUICE_REDIS_URL=" + Url()};
    for (Gate::Options& way : ways) way.config = log + deadline;
    ways[2].config += toml_url;
    for (const Gate::Options& way : ways) {
      gate_ = std::make_unique<Gate>(way);
      EXPECT_TRUE(WaitLogged("WRONGPASS"));
      SayEverything();
      ExpectSilence();
    }
  }
}

TEST_F(SecretsTest, ARedisThatDoesNotKnowAuthRepeatsThePasswordAndNobodySaysIt) {
  StartRefused({"--rename-command", "AUTH", ""}, Url());
  EXPECT_TRUE(WaitLogged("unknown command"));
  SayEverything();
  ExpectSilence();
}

TEST_F(SecretsTest, ARedisThatDoesNotKnowACommandRepeatsTheRecordAndNobodySaysIt) {
  StartRefused({"--rename-command", "XADD", ""}, redis_.url());
  ASSERT_TRUE(WaitReady());
  SayEverything();
  EXPECT_TRUE(WaitLogged("unknown command"));
  ExpectSilence();
}

TEST_F(SecretsTest, NorDoTheScriptsOfGuardedRequests) {
  StartRefused({"--rename-command", "EVAL", ""}, redis_.url());
  ASSERT_TRUE(WaitReady());
  Post(kQuestionnaires, QuestionAnswer(kPatient, 1));
  EXPECT_TRUE(WaitLogged("unknown command"));
  SayEverything();
  ExpectSilence();
}

TEST_F(SecretsTest, WhatRedisRefusesIsNotSaid) {
  StartRefused({}, redis_.url());
  ASSERT_TRUE(WaitReady());
  for (const char* stream : {"vitals", "alerts", "questionnaires"}) {
    redis_.client().Do({"SET", stream, "no stream"});
  }
  SayEverything();
  EXPECT_TRUE(WaitLogged("WRONGTYPE"));
  ExpectSilence();
}

TEST_F(SecretsTest, WhatTheJournalSetsAsideIsNotSaid) {
  StartRefused({}, redis_.url(),
               std::string(kTalkative) + "[journal]\ndir = \"" + dir_.File("journal") + "\"\n");
  ASSERT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_redis_up") == 1; }, "Redis to be up"));
  redis_.client().Do({"SET", "vitals", "no stream"});
  redis_.Pause();
  SayEverything();
  redis_.Continue();
  EXPECT_TRUE(WaitLogged("set aside"));
  ExpectSilence();
}

TEST_F(SecretsTest, BadRecordsAreNotSaid) {
  StartAll(kTalkative, 1);
  const std::string device = kDevice;
  for (const std::string& body :
       {R"({"device_id":")" + device, R"({"device_id":")" + device + R"(","timestamp":"soon"})",
        R"({"device_id":")" + device + R"(","timestamp":1,"heart_rate":")" + kValue + R"(x"})",
        R"({"device_id":7,"timestamp":1,"heart_rate":9)" + std::string(kValue) + "}",
        R"({"device_id":")" + device + R"(","timestamp":1})",
        "[" + Reading() + R"(,{"device_id":")" + device + "\xFF\"}]"}) {
    const HttpResponse answer = Post(kVitals, body);
    EXPECT_TRUE(IsProblem(answer, 400));
    EXPECT_TRUE(HasNoSecret(answer.body)) << body;
  }
  Connect().Send("POST /v1/vitals HTTP/1.1\r\nHost: " + device + " \x01\r\n\r\n");
  EXPECT_TRUE(IsProblem(Connect().Get("/v1/" + device), 404));
  EXPECT_TRUE(HasNoSecret(Connect().Get("/v1/" + device).raw));
  ExpectSilence();
}

// ---- The command line --------------------------------------------------------------------------

TEST_F(SecretsTest, ChecksAndUsageErrorsHideThePassword) {
  const std::string secret = kPassword;
  const std::vector<std::string> urls = {
      "redis://:" + secret + "@127.0.0.1:6390/2", "redis://user:" + secret + "@127.0.0.1",
      "redis://" + secret + "@127.0.0.1",         "unix://user:" + secret + "@/tmp/redis.sock?db=3",
      "redis://:" + secret + "@127.0.0.1:99999",  "redis://:" + secret + "@",
      "redis://:" + secret + "@127.0.0.1/none",   "redis://user:" + secret + "%zz@127.0.0.1",
      "http://user:" + secret + "@127.0.0.1",     "rediss://user:" + secret + "@127.0.0.1",
      "unix://:" + secret + "@relative"};
  const auto expect_silence = [](const std::vector<std::string>& args,
                                 const std::vector<std::string>& environment) {
    const ProgramRun run = RunSluice(args, environment);
    EXPECT_TRUE(HasNoSecret(run.out + run.err)) << testing::PrintToString(args);
  };
  for (const std::string& url : urls) {
    expect_silence({"--check", "--redis", url}, {});
    expect_silence({"--check"}, {"SLUICE_REDIS_URL=" + url});
    expect_silence({"--check", "--workers", url}, {});
  }
  // Where it does not belong.
  for (const std::string& url : {urls.front(), "user:" + secret + "@127.0.0.1:6379"}) {
    for (const char* flag : {"--rediss", "--listen", "--admin", "--config"}) {
      expect_silence({"--check", flag, url}, {});
      expect_silence({"--check", std::string(flag) + "=" + url}, {});
    }
    for (const char* name : {"SLUICE_REDIS_URI=", "SLUICE_HTTP_LISTEN=", "SLUICE_LOG_LEVEL="}) {
      expect_silence({"--check"}, {name + url});
    }
    expect_silence({"--check", url}, {});
  }
}

TEST_F(SecretsTest, AFileThatDoesNotReadIsNotRepeated) {
  const std::string url = "redis://:" + std::string(kPassword) + "@127.0.0.1:6379";
  for (const std::string& text :
       {"[redis]\nurl = \"" + url, "[redis]\nurl = " + url + "\n", "[redis]\nurl = '" + url + "\n",
        "[redis]\nurl = [\"" + url + "\"]\n", "[redis]\nurl = { it = \"" + url + "\" }\n",
        "[redis]\nuri = \"" + url + "\"\n", "[redis]\nurl = \"" + url + "\" more\n",
        "[redis]\nurl = \"" + url + "\"\nurl = \"" + url + "\"\n", "[redis]\n\"" + url + "\" = 1\n",
        "[\"" + url + "\"]\n", "[log]\nlevel = \"" + url + "\"\n",
        "[http]\nidle_ms = \"" + url + "\"\n", "[http]\nlisten = \"" + url + "\"\n",
        "[[route]]\npath = \"" + url + "\"\n"}) {
    const ProgramRun run = RunSluice({"--check", "--config", dir_.Write("sluice.toml", text)});
    EXPECT_TRUE(HasNoSecret(run.out + run.err)) << text;
  }
}

}  // namespace
}  // namespace sluice
