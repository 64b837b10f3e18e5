// A gate with auth.tokens: whose requests it takes, what they may write and how much, what it says
// to others, and how its tokens are made and changed while it runs.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class AuthTest : public GateTest {
 protected:
  // What `sluice token new` prints.
  std::string NewToken(const std::string& id, std::vector<std::string> more = {}) {
    std::vector<std::string> args = {"token", "new", "--file", tokens_, "--id", id};
    args.insert(args.end(), more.begin(), more.end());
    const ProgramRun run = RunSluice(args);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    std::string secret = run.out.substr(0, run.out.find('\n'));
    if (!secret.empty()) secrets_.push_back(secret);
    return secret;
  }
  void StartClosed(const std::string& more = "") {
    StartAll("[auth]\ntokens = \"" + tokens_ + "\"\n" + more);
  }
  static std::string Request(const std::string& secret, std::string_view body,
                             std::string_view path = kVitals) {
    return PostRequest(path, body, "application/json", "Authorization: Bearer " + secret + "\r\n");
  }
  HttpResponse Ask(const std::string& secret, std::string_view body,
                   std::string_view path = kVitals) const {
    HttpClient client = Connect();
    client.Send(Request(secret, body, path));
    return client.ReadResponse();
  }
  static std::string Challenge(const HttpResponse& answer) {
    const std::string* text = answer.Header("WWW-Authenticate");
    return text == nullptr ? "" : *text;
  }
  double Failures(const std::string& reason) const {
    return Metrics().Sum("sluice_auth_failures_total", {{"reason", reason}});
  }
  void Rewrite(const std::string& text) {
    dir_.Write("tokens.toml", text);
    gate_->Signal(SIGHUP);
  }
  testing::AssertionResult WaitLogged(const std::string& text) const {
    return WaitFor([&] { return gate_->err().find(text) != std::string::npos; },
                   "the log to say " + text);
  }

  // Whatever was done, no secret is anywhere but in its request.
  void TearDown() override {
    if (gate_ != nullptr) {
      const std::string said = Admin("/metrics").body + gate_->out() + gate_->err();
      for (const std::string& secret : secrets_) EXPECT_THAT(said, Not(HasSubstr(secret)));
    }
    GateTest::TearDown();
  }

  TempDir dir_;
  const std::string tokens_ = dir_.File("tokens.toml");
  std::vector<std::string> secrets_;
};

TEST_F(AuthTest, OnlyRequestsWithAKnownTokenAreTaken) {
  const std::string secret = NewToken("band-1");
  EXPECT_THAT(secret, MatchesRegex("[A-Za-z0-9_-]{43}"));
  StartClosed();
  EXPECT_TRUE(IsAccepted(Ask(secret, Vital("d", 1)), 1));
  const HttpResponse missing = Post(kVitals, Vital("d", 2));
  EXPECT_TRUE(IsProblem(missing, 401));
  EXPECT_EQ(Challenge(missing), R"(Bearer realm="sluice")");
  const HttpResponse unknown = Ask("x" + secret.substr(1), Vital("d", 3));
  EXPECT_TRUE(IsProblem(unknown, 401));
  EXPECT_EQ(Challenge(unknown), R"(Bearer realm="sluice", error="invalid_token")");
  EXPECT_EQ(Stored("vitals"), std::vector<Fields>{VitalEntry("d", 1)});
  EXPECT_EQ(Failures("missing"), 1);
  EXPECT_EQ(Failures("unknown"), 1);
  EXPECT_EQ(Metrics().Sum("sluice_http_requests_total", {{"code", "401"}}), 2);
}

TEST_F(AuthTest, PipelinedRequestsBehindARefusedOneAreTaken) {
  const std::string secret = NewToken("band-1");
  StartClosed();
  HttpClient client = Connect();
  client.Send(PostRequest(kVitals, Vital("d", 1)) + Request(secret, Vital("d", 2)) +
              Request("no", Vital("d", 3)) + Request(secret, Vital("d", 4)));
  EXPECT_TRUE(IsProblem(client.ReadResponse(), 401));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_TRUE(IsProblem(client.ReadResponse(), 401));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("d", 2), VitalEntry("d", 4)}));
}

TEST_F(AuthTest, ATokenWritesItsRoutesAndItsKeysOnly) {
  const std::string secret =
      NewToken("band-1", {"--route", kVitals, "--key", "band-1", "--key-prefix", "ward-7/"});
  StartClosed();
  EXPECT_TRUE(IsProblem(Ask(secret, QuestionAnswer("band-1", 1), kQuestionnaires), 403));
  EXPECT_TRUE(
      IsAccepted(Ask(secret, "[" + Vital("band-1", 1) + "," + Vital("ward-7/x", 2) + "]"), 2));
  const HttpResponse foreign =
      Ask(secret, "[" + Vital("band-1", 3) + "," + Vital("band-2", 4) + "]");
  EXPECT_TRUE(IsProblem(foreign, 403));
  const std::vector<AnsweredError> errors = AnsweredErrors(foreign);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].index, 1u);
  EXPECT_EQ(errors[0].pointer, "/1/device_id");
  EXPECT_EQ(errors[0].code, "forbidden_key");
  EXPECT_THAT(foreign.body, Not(HasSubstr("band-2")));
  EXPECT_EQ(Length("vitals"), 2);
  EXPECT_EQ(Failures("route"), 1);
  EXPECT_EQ(Failures("key"), 1);
}

TEST_F(AuthTest, APackedRoutesKeysAreLookedAtToo) {
  const std::string secret = NewToken("band-1", {"--key", "band-1"});
  StartClosed(
      "[[route]]\npath = '/p'\nstream = 'p'\nentry = 'packed'\nfield = [\n"
      "  { name = 'device_id', type = 'string', key = true, required = true }]\n");
  EXPECT_TRUE(IsAccepted(Ask(secret, R"({"device_id":"band-1"})", "/p"), 1));
  EXPECT_TRUE(IsProblem(Ask(secret, R"({"device_id":"band-2"})", "/p"), 403));
  EXPECT_EQ(Length("p"), 1);
}

TEST_F(AuthTest, OverItsRateATokenIsToldWhenToComeAgainAndThenTaken) {
  const std::string slow = NewToken("slow", {"--records-per-second", "3"});
  const std::string other = NewToken("other");
  StartClosed();
  const std::string four =
      "[" + Vital("d", 1) + "," + Vital("d", 2) + "," + Vital("d", 3) + "," + Vital("d", 4) + "]";
  EXPECT_TRUE(IsAccepted(Ask(slow, four), 4));
  HttpResponse answer = Ask(slow, Vital("d", 5));
  EXPECT_TRUE(IsProblem(answer, 429));
  ASSERT_NE(answer.Header("Retry-After"), nullptr);
  EXPECT_THAT(*answer.Header("Retry-After"), AnyOf("1", "2"));
  EXPECT_TRUE(IsAccepted(Ask(other, Vital("d", 6)), 1));
  EXPECT_TRUE(WaitFor([&] { return Ask(slow, Vital("d", 7)).status == 200; }, "the time to pass"));
  EXPECT_GE(Metrics().Sum("sluice_rate_limited_total", {{"limit", "token_records"}}), 1);
  EXPECT_EQ(Metrics().Sum("sluice_records_accepted_total"), 6) << "what is refused was not taken";
}

TEST_F(AuthTest, ARateIsOneForAllWorkers) {
  const std::string secret = NewToken("slow", {"--records-per-second", "1"});
  StartClosed();
  int taken = 0;
  std::vector<HttpClient> clients;  // their connections are spread over the workers
  for (int i = 0; i < 16; ++i) clients.push_back(Connect());
  // More than the burst at once: for a hundred seconds nothing else.
  std::string many = "[";
  for (int i = 0; i < 100; ++i) many += (i == 0 ? "" : ",") + Vital("d", i);
  for (HttpClient& client : clients) {
    client.Send(Request(secret, many + "]"));
    const int status = client.ReadResponse().status;
    if (status == 200) ++taken;
    EXPECT_TRUE(status == 200 || status == 429) << status;
  }
  EXPECT_EQ(taken, 1);
}

TEST_F(AuthTest, AReloadAddsAndRevokesWhileConnectionsLive) {
  const std::string old = NewToken("old");
  StartClosed();
  HttpClient client = Connect();
  client.Send(Request(old, Vital("d", 1)));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  dir_.Write("tokens.toml", "# all revoked\n");
  const std::string fresh = NewToken("fresh");
  gate_->Signal(SIGHUP);
  EXPECT_TRUE(WaitLogged("tokens reloaded"));
  EXPECT_TRUE(WaitFor(
      [&] {
        client.Send(Request(fresh, Vital("d", 2)));
        return client.ReadResponse().status == 200;
      },
      "the new token to be known"));
  client.Send(Request(old, Vital("d", 3)));
  EXPECT_TRUE(IsProblem(client.ReadResponse(), 401));
}

TEST_F(AuthTest, AFileWithFaultsLeavesTheOldTokens) {
  const std::string secret = NewToken("band-1");
  StartClosed();
  Rewrite("band-1 = { sha256 = 'abc' }\n");
  EXPECT_TRUE(WaitLogged("the old ones stay"));
  EXPECT_THAT(gate_->err(), HasSubstr("tokens.toml:1:"));
  EXPECT_THAT(gate_->err(), Not(HasSubstr("abc")));
  EXPECT_TRUE(IsAccepted(Ask(secret, Vital("d", 1)), 1));
  EXPECT_TRUE(WaitReady());
}

TEST_F(AuthTest, WithoutAFaultlessFileItDoesNotStart) {
  for (const char* text : {"a = { sha256 = 'abc' }\n", "a = { cn = 'x', routes = ['/none'] }\n"}) {
    dir_.Write("tokens.toml", text);
    const ProgramRun run = RunSluice({}, {"SLUICE_AUTH_TOKENS=" + tokens_});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, HasSubstr("sluice: auth.tokens: " + tokens_ + ":1:"));
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  }
}

TEST_F(AuthTest, CheckPrintsThePathAndNothingOfTheFile) {
  const std::string secret = NewToken("band-1", {"--key", "dev-77"});
  const ProgramRun run = RunSluice({"--check"}, {"SLUICE_AUTH_TOKENS=" + tokens_});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("[auth]\ntokens = \"" + tokens_ + "\"\n"));
  EXPECT_THAT(run.out, Not(HasSubstr("band-1")));
  EXPECT_THAT(run.out, Not(HasSubstr("dev-77")));
  EXPECT_THAT(run.out, Not(HasSubstr(secret)));
}

TEST_F(AuthTest, TheGateWarnsOfATokensFileThatOthersMayRead) {
  NewToken("band-1");
  ASSERT_EQ(::chmod(tokens_.c_str(), 0644), 0);
  StartClosed();
  EXPECT_THAT(gate_->err(), HasSubstr("auth.tokens is open to others"));
}

TEST_F(AuthTest, CommandsAtTheSameTimeLoseNoToken) {
  constexpr size_t kCommands = 6;
  std::vector<std::unique_ptr<Process>> commands;
  for (size_t i = 0; i < kCommands; ++i) {
    commands.push_back(std::make_unique<Process>(Process::Command{
        .args = {SluiceBinary(), "token", "new", "--file", tokens_, "--id", std::to_string(i)},
        .environment = {}}));
  }
  std::vector<std::string> secrets;
  for (const auto& command : commands) {
    EXPECT_EQ(command->WaitExit(), 0) << command->err();
    secrets.push_back(command->out().substr(0, command->out().find('\n')));
  }
  StartClosed();
  for (const std::string& secret : secrets) {
    EXPECT_TRUE(IsAccepted(Ask(secret, Vital("d", 1)), 1));
  }
}

TEST_F(AuthTest, TheSameIdTwiceIsRefused) {
  NewToken("band-1");
  const ProgramRun run = RunSluice({"token", "new", "--file", tokens_, "--id", "band-1"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("already"));
}

}  // namespace
}  // namespace sluice
