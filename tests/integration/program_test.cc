// The command line's promises: what --check, --version and --help print, and one clear line with
// the right exit code for whatever keeps the program from starting.
#include <algorithm>

#include "integration/gate_fixture.h"
#include "support/loopback.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

constexpr int kCouldNotStart = 1;
constexpr int kUsage = 2;

testing::AssertionResult IsOneLineWith(const std::string& err,
                                       const std::vector<std::string>& words) {
  if (err.empty() || err.find('\n') != err.size() - 1) {
    return testing::AssertionFailure() << "not one line on stderr:\n" << err;
  }
  for (const std::string& word : words) {
    if (err.find(word) == err.npos) {
      return testing::AssertionFailure() << "no " << word << " in: " << err;
    }
  }
  return testing::AssertionSuccess();
}

std::vector<std::string> With(std::vector<std::string> args, const std::vector<std::string>& more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

TEST(ProgramTest, SaysItsVersion) {
  const ProgramRun run = RunSluice({"--version"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "sluice 0.1.0\n");
  EXPECT_EQ(run.err, "");
}

TEST(ProgramTest, HelpsWithEveryFlag) {
  const ProgramRun run = RunSluice({"--help"});
  EXPECT_EQ(run.exit_code, 0);
  for (const char* flag : {"--config", "--listen", "--admin", "--redis", "--workers", "--check",
                           "--version", "http.idle_ms", "SLUICE_HTTP_IDLE_MS"}) {
    EXPECT_NE(run.out.find(flag), run.out.npos) << flag;
  }
}

TEST(ProgramTest, ChecksAndPrintsTheEffectiveConfigurationWithoutSecrets) {
  const TempDir dir;
  const std::string file = dir.Write("sluice.toml", "[http]\nworkers = 3\nidle_ms = 1000\n");
  const ProgramRun run = RunSluice(
      {"--check", "--config", file, "--redis", "redis://user:very-secret@127.0.0.1:6390/2"},
      {"SLUICE_HTTP_IDLE_MS=2000"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ((run.out + run.err).find("very-secret"), std::string::npos) << run.out;
  for (const char* line : {"workers = 3\n", "idle_ms = 2000\n", "127.0.0.1:6390/2",
                           "path = \"/v1/vitals\"\n", "path = \"/v1/questionnaires\"\n"}) {
    EXPECT_NE(run.out.find(line), run.out.npos) << line << " is not in:\n" << run.out;
  }
}

TEST(ProgramTest, PrintsAConfigurationThatReadsBackAsItself) {
  const TempDir dir;
  const ProgramRun first = RunSluice({"--check"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const ProgramRun second = RunSluice({"--check", "--config", dir.Write("a.toml", first.out)});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(second.out, first.out);
}

TEST(ProgramTest, PrintsTheReserveAndTheRulesThatAreInEffect) {
  const TempDir dir;
  const std::vector<std::string> environment = {"SLUICE_DELIVERY_INFLIGHT_BYTES_MAX=16MiB"};
  const ProgramRun first = RunSluice({"--check"}, environment);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  for (const char* text :
       {"reserve_bytes = \"2MiB\"\n", "field = \"heart_rate\", below = 40.0, above = 150.0 },\n",
        "field = \"blood_oxygen\", below = 90.0 },\n"}) {
    EXPECT_NE(first.out.find(text), first.out.npos) << text << " is not in:\n" << first.out;
  }
  const ProgramRun second = RunSluice({"--check", "--config", dir.Write("a.toml", first.out)});
  EXPECT_EQ(second.out, first.out) << second.err;
}

TEST(ProgramTest, LetsFlagsBeatEnvironmentBeatFile) {
  const TempDir dir;
  const std::string file =
      dir.Write("sluice.toml", "[http]\nworkers = 1\n[redis]\nurl = \"redis://10.0.0.1:1\"\n");
  const auto check = [&](const std::vector<std::string>& args,
                         const std::vector<std::string>& environment) {
    return RunSluice(With({"--check", "--config", file}, args), environment).out;
  };
  EXPECT_NE(check({}, {}).find("workers = 1\n"), std::string::npos);
  EXPECT_NE(check({}, {"SLUICE_HTTP_WORKERS=2"}).find("workers = 2\n"), std::string::npos);
  EXPECT_NE(check({"--workers", "3"}, {"SLUICE_HTTP_WORKERS=2"}).find("workers = 3\n"),
            std::string::npos);
}

struct Refusal {
  const char* name;
  std::vector<std::string> args;
  std::vector<std::string> environment;
  std::string config;
  std::vector<std::string> words;  // that the line must hold
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

class RefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, IsOneLineThatNamesTheSettingAndExitCode2) {
  const TempDir dir;
  std::vector<std::string> args = GetParam().args;
  if (!GetParam().config.empty()) {
    args.insert(args.end(), {"--config", dir.Write("sluice.toml", GetParam().config)});
  }
  const ProgramRun run = RunSluice(args, GetParam().environment);
  EXPECT_EQ(run.exit_code, kUsage);
  EXPECT_TRUE(IsOneLineWith(run.err, GetParam().words));
  EXPECT_EQ(run.out, "");
}

const Refusal kRefusals[] = {
    {"UnknownFlag", {"--listten", "127.0.0.1:0"}, {}, "", {"--listten"}},
    {"StrayArgument", {"now"}, {}, "", {"now"}},
    {"FlagWithoutValue", {"--listen"}, {}, "", {"--listen"}},
    {"BadWorkersFlag", {"--workers", "many"}, {}, "", {"--workers", "many"}},
    {"NegativeWorkersFlag", {"--workers=-1"}, {}, "", {"--workers", "-1"}},
    {"BadListenFlag", {"--listen", "nowhere"}, {}, "", {"http.listen", "nowhere"}},
    {"BadListenPort", {"--listen", "127.0.0.1:70000"}, {}, "", {"http.listen", "70000"}},
    {"BadUrlScheme", {"--redis", "http://127.0.0.1"}, {}, "", {"redis.url"}},
    {"BadUrlDatabase", {"--redis", "redis://127.0.0.1:6379/x"}, {}, "", {"redis.url"}},
    {"NoSuchFile", {"--config", "/nonexistent/sluice.toml"}, {}, "", {"/nonexistent/sluice.toml"}},
    {"UnknownVariable", {}, {"SLUICE_HTTP_LISTTEN=x"}, "", {"SLUICE_HTTP_LISTTEN"}},
    {"BadVariable", {}, {"SLUICE_HTTP_IDLE_MS=soon"}, "", {"http.idle_ms", "soon"}},
    {"UnknownKey", {}, {}, "[http]\nlisten_on = \"x\"\n", {"listen_on"}},
    {"UnknownSection", {}, {}, "[htp]\nworkers = 1\n", {"htp"}},
    {"WrongTypeOfValue", {}, {}, "[http]\nidle_ms = \"soon\"\n", {"http.idle_ms"}},
    {"ValueOutOfRange", {}, {}, "[delivery]\nwindow = 0\n", {"delivery.window", "0"}},
    {"BadSize", {}, {}, "[http]\nbody_bytes_max = \"1 GB\"\n", {"http.body_bytes_max", "1 GB"}},
    {"BadChoice", {}, {}, "[delivery]\nack = \"disk\"\n", {"delivery.ack", "disk"}},
    {"NotToml", {}, {}, "[http\n", {"sluice.toml"}},
    {"RouteWithoutFields", {}, {}, "[[route]]\npath = \"/a\"\nstream = \"a\"\n", {"route"}},
    {"RouteWithUnknownType",
     {},
     {},
     "[[route]]\npath = \"/a\"\nstream = \"a\"\n"
     "field = [ { name = \"id\", type = \"text\", key = true, required = true } ]\n",
     {"route", "text"}},
    {"RouteWithoutKey",
     {},
     {},
     "[[route]]\npath = \"/a\"\nstream = \"a\"\n"
     "field = [ { name = \"id\", type = \"string\", required = true } ]\n",
     {"route", "key"}},
    {"RoutesWithOnePath",
     {},
     {},
     "[[route]]\npath = \"/a\"\nstream = \"a\"\n"
     "field = [ { name = \"id\", type = \"string\", key = true, required = true } ]\n"
     "[[route]]\npath = \"/a\"\nstream = \"b\"\n"
     "field = [ { name = \"id\", type = \"string\", key = true, required = true } ]\n",
     {"/a"}},
    {"RuleThatNoValueMeets",
     {},
     {},
     "[[route]]\npath = \"/a\"\nstream = \"a\"\n"
     "field = [ { name = \"id\", type = \"string\", key = true, required = true },\n"
     "          { name = \"rate\", type = \"double\", min = 0 } ]\n"
     "alert = [ { name = \"low\", field = \"rate\", below = 0 } ]\n",
     {"sluice.toml:6:", "route.alert[low].below", "rate", "raise it"}},
    {"ReserveOfMoreThanHalf",
     {},
     {"SLUICE_URGENT_RESERVE_BYTES=33MiB"},
     "",
     {"urgent.reserve_bytes", "33MiB", "delivery.inflight_bytes_max", "64MiB"}},
};

INSTANTIATE_TEST_SUITE_P(All, RefusalTest, testing::ValuesIn(kRefusals),
                         [](const auto& one) { return one.param.name; });

TEST(ProgramTest, RefusesABadSecretWithoutShowingIt) {
  const ProgramRun run = RunSluice({"--redis", "redis://user:very-secret@127.0.0.1:port"});
  EXPECT_EQ(run.exit_code, kUsage);
  EXPECT_TRUE(IsOneLineWith(run.err, {"redis.url"}));
  EXPECT_EQ(run.err.find("very-secret"), std::string::npos) << run.err;
}

TEST(ProgramTest, NamesTheSettingOfAPortInUse) {
  const TakenPort taken;
  const ProgramRun data = RunSluice({"--listen", taken.address(), "--admin", "127.0.0.1:0"});
  EXPECT_EQ(data.exit_code, kCouldNotStart);
  EXPECT_TRUE(IsOneLineWith(data.err, {"http.listen", taken.address()}));
  EXPECT_EQ(data.out, "");
  const ProgramRun admin = RunSluice({"--listen", "127.0.0.1:0", "--admin", taken.address()});
  EXPECT_EQ(admin.exit_code, kCouldNotStart);
  EXPECT_TRUE(IsOneLineWith(admin.err, {"admin.listen", taken.address()}));
  EXPECT_EQ(admin.out, "");
}

TEST(ProgramTest, NamesTheSettingOfAPortThatAnotherGateHas) {
  Gate::Options options;
  options.redis_url = "unix:///nowhere/redis.sock";
  const Gate gate(options);
  const std::string address = "127.0.0.1:" + std::to_string(gate.port());
  const ProgramRun second = RunSluice({"--listen", address, "--admin", "127.0.0.1:0"});
  EXPECT_EQ(second.exit_code, kCouldNotStart);
  EXPECT_TRUE(IsOneLineWith(second.err, {"http.listen", address}));
}

}  // namespace
}  // namespace sluice
