#include "server/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "unit/server/arguments.h"
#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using Action = CommandLine::Action;

class CommandLineTest : public testing::Test {
 protected:
  CommandLine Parse(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
    arguments.insert(arguments.begin(), "sluice");
    std::ostringstream out;
    std::ostringstream err;
    CommandLine line =
        ParseCommandLine(static_cast<int>(arguments.size()), Pointers(arguments).data(),
                         Pointers(environment).data(), out, err);
    out_ = out.str();
    err_ = err.str();
    return line;
  }
  // What a command line that must be refused says.
  std::string ErrorOf(std::vector<std::string> arguments,
                      std::vector<std::string> environment = {}) {
    const CommandLine line = Parse(std::move(arguments), std::move(environment));
    EXPECT_EQ(line.action, Action::kExit);
    EXPECT_EQ(line.exit_code, 2);
    EXPECT_EQ(out_, "");
    return err_;
  }
  std::string File(std::string_view name, std::string_view toml) { return dir_.Write(name, toml); }

  std::string out_;
  std::string err_;

 private:
  TempDir dir_;
};

TEST_F(CommandLineTest, NothingGivenRunsWithTheDefaults) {
  const CommandLine line = Parse({}, {"PATH=/bin", "SLUICED=1", "NOT_SLUICE_X=1"});
  EXPECT_EQ(line.action, Action::kRun);
  EXPECT_EQ(Printed(line.config), Printed(LoadConfig(std::nullopt, {}).value()));
  EXPECT_EQ(out_ + err_, "");
}

TEST_F(CommandLineTest, FlagsBeatEnvironmentBeatsFileBeatsDefault) {
  const std::string file =
      File("a.toml", "[http]\nlisten = 'file:1'\nworkers = 1\npipeline_max = 1\n");
  const CommandLine line = Parse({"--workers", "3", "--config", file},
                                 {"SLUICE_HTTP_LISTEN=env:2", "SLUICE_HTTP_WORKERS=2"});
  EXPECT_EQ(line.config.http.workers, 3u);
  EXPECT_EQ(line.config.http.listen, "env:2");
  EXPECT_EQ(line.config.http.pipeline_max, 1u);
  EXPECT_EQ(line.config.http.header_count_max, kHeaderCountMax);
}

TEST_F(CommandLineTest, EachFlagSetsItsSetting) {
  const CommandLine line = Parse(
      {"--listen", "a:1", "--admin=b:2", "--redis", "redis://c:3", "--workers=4", "--takeover"});
  EXPECT_EQ(line.action, Action::kRun);
  EXPECT_EQ(line.config.http.listen, "a:1");
  EXPECT_EQ(line.config.admin.listen, "b:2");
  EXPECT_EQ(line.config.redis.url, "redis://c:3");
  EXPECT_EQ(line.config.http.workers, 4u);
  EXPECT_TRUE(line.config.http.takeover);
  EXPECT_FALSE(Parse({}).config.http.takeover);
}

TEST_F(CommandLineTest, TheFlagsFileBeatsTheVariables) {
  const std::string a = File("a.toml", "[http]\nworkers = 1\n");
  const std::string b = File("b.toml", "[http]\npipeline_max = 2\n");
  EXPECT_EQ(Parse({}, {"SLUICE_CONFIG=" + a}).config.http.workers, 1u);
  const CommandLine line = Parse({"--config", b}, {"SLUICE_CONFIG=" + a});
  EXPECT_EQ(line.config.http.workers, 0u);
  EXPECT_EQ(line.config.http.pipeline_max, 2u);
}

TEST_F(CommandLineTest, EverySettingHasItsVariable) {
  for (const Setting& setting : Settings()) {
    EXPECT_THAT(
        ErrorOf({}, {EnvironmentName(setting) + "=\n"}),
        HasSubstr("sluice: " + EnvironmentName(setting) + ": " + SettingName(setting) + ": "));
  }
}

TEST_F(CommandLineTest, CheckIsTheCallersToPrint) {
  const CommandLine line = Parse({"--check", "--workers", "5"});
  EXPECT_EQ(line.action, Action::kCheck);
  EXPECT_EQ(line.config.http.workers, 5u);
  EXPECT_EQ(out_ + err_, "");
}

TEST_F(CommandLineTest, HelpListsFlagsAndSettings) {
  const CommandLine line = Parse({"--help"}, {"SLUICE_TYPO=1"});
  EXPECT_EQ(line.action, Action::kExit);
  EXPECT_EQ(line.exit_code, 0);
  EXPECT_EQ(err_, "");
  for (const char* flag : {"--config FILE", "--listen ADDR", "--admin ADDR", "--redis URL",
                           "--workers N", "--takeover", "--check", "--version", "--help"}) {
    EXPECT_THAT(out_, HasSubstr(flag));
  }
  for (const Setting& setting : Settings()) {
    EXPECT_THAT(out_, HasSubstr(SettingName(setting) + "  " + EnvironmentName(setting)));
  }
}

TEST_F(CommandLineTest, ATokensFlagsTakeOneValueEach) {
  const CommandLine line = Parse(
      {"token", "new", "--file", "f", "--id", "i", "--route", "/a", "--route", "/b", "--key", "k",
       "--key=l", "--key-prefix", "p", "--records-per-second", "5", "--bytes-per-second=6"},
      {"SLUICE_TYPO=1"});
  ASSERT_EQ(line.action, Action::kToken) << err_;
  EXPECT_EQ(line.token.file, "f");
  EXPECT_EQ(line.token.id, "i");
  EXPECT_EQ(line.token.common_name, "");
  EXPECT_EQ(line.token.routes, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(line.token.keys, (std::vector<std::string>{"k", "l"}));
  EXPECT_EQ(line.token.key_prefixes, std::vector<std::string>{"p"});
  EXPECT_EQ(line.token.records_per_second, 5);
  EXPECT_EQ(line.token.bytes_per_second, 6);
  const CommandLine named = Parse({"token", "new", "--file", "f", "--id", "i", "--cn", "n"});
  EXPECT_EQ(named.token.common_name, "n");
  EXPECT_FALSE(named.token.records_per_second.has_value());
  EXPECT_THAT(ErrorOf({"token", "new", "--file", "f"}), HasSubstr("--id"));
  EXPECT_THAT(ErrorOf({"token", "new", "--id", "i"}), HasSubstr("--file"));
  EXPECT_THAT(ErrorOf({"token", "new", "--file", "f", "--id", "i", "--route", "/a", "/b"}),
              HasSubstr("/b"));
  EXPECT_THAT(ErrorOf({"token"}), HasSubstr("subcommand"));
}

TEST_F(CommandLineTest, VersionIsOneLine) {
  const CommandLine line = Parse({"--version"});
  EXPECT_EQ(line.action, Action::kExit);
  EXPECT_EQ(line.exit_code, 0);
  EXPECT_THAT(out_, MatchesRegex("sluice [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(CommandLineTest, AnUnknownVariableIsNamedWithTheNearestKnownOne) {
  EXPECT_EQ(
      ErrorOf({}, {"SLUICE_HTTP_LISEN=a:1"}),
      "sluice: unknown variable \"SLUICE_HTTP_LISEN\"; did you mean \"SLUICE_HTTP_LISTEN\"?\n");
  EXPECT_EQ(ErrorOf({}, {"SLUICE_CONFG=a"}),
            "sluice: unknown variable \"SLUICE_CONFG\"; did you mean \"SLUICE_CONFIG\"?\n");
  EXPECT_EQ(ErrorOf({}, {"SLUICE_=a"}), "sluice: unknown variable \"SLUICE_\"\n");
}

TEST_F(CommandLineTest, AnErrorNamesWhereTheValueCameFrom) {
  EXPECT_EQ(ErrorOf({"--workers", "-1"}),
            "sluice: --workers: http.workers: -1 is out of range; give 0 to 1024\n");
  EXPECT_EQ(ErrorOf({}, {"SLUICE_DELIVERY_DEADLINE_MS=5s"}),
            "sluice: SLUICE_DELIVERY_DEADLINE_MS: delivery.deadline_ms: \"5s\" is not an integer; "
            "give 1 to 3600000 ms\n");
  const std::string file = File("a.toml", "[http]\nworkers = -1\n");
  EXPECT_EQ(ErrorOf({"--config", file}),
            "sluice: " + file + ":2:11: http.workers: -1 is out of range; give 0 to 1024\n");
}

TEST_F(CommandLineTest, TheDoctorTakesTheSettingsOfAGate) {
  const std::string file = File("a.toml", "[http]\nworkers = 3\n");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"doctor", "--config", file, "--json"},
        std::vector<std::string>{"--config", file, "doctor", "--json"}}) {
    const CommandLine line = Parse(arguments, {"SLUICE_REDIS_CONNECT_MS=7"});
    EXPECT_EQ(line.action, Action::kDoctor);
    EXPECT_TRUE(line.json);
    EXPECT_EQ(line.config.http.workers, 3u);
    EXPECT_EQ(line.config.redis.connect_ms, 7u);
  }
  EXPECT_FALSE(Parse({"doctor"}).json);
  EXPECT_THAT(ErrorOf({"doctor", "--check"}), HasSubstr("--check"));
  EXPECT_THAT(ErrorOf({"doctor", "--workers", "many"}), HasSubstr("--workers"));
  EXPECT_EQ(ErrorOf({"doctor"}, {"SLUICE_TYPO=1"}), "sluice: unknown variable \"SLUICE_TYPO\"\n");
  EXPECT_THAT(ErrorOf({"--json"}), HasSubstr("--json"));
}

TEST_F(CommandLineTest, UsageErrorsNameTheArgument) {
  EXPECT_EQ(ErrorOf({"--bogus"}), "sluice: unexpected argument \"--bogus\"\n");
  EXPECT_EQ(ErrorOf({"-h"}), "sluice: unexpected argument \"-h\"\n");
  EXPECT_EQ(ErrorOf({"file.toml"}), "sluice: unexpected argument \"file.toml\"\n");
  EXPECT_THAT(ErrorOf({"--workers"}), HasSubstr("--workers"));
  EXPECT_THAT(ErrorOf({"--workers", "1", "--workers", "2"}), HasSubstr("--workers"));
  EXPECT_THAT(ErrorOf({"--check=perhaps"}), HasSubstr("--check"));
}

TEST_F(CommandLineTest, AFileThatCannotBeReadIsNamed) {
  const std::string reason = "No such file or directory\n";
  EXPECT_EQ(ErrorOf({"--config", "/no/a.toml"}),
            "sluice: cannot read the file \"/no/a.toml\": " + reason);
  EXPECT_EQ(ErrorOf({}, {"SLUICE_CONFIG="}), "sluice: cannot read the file \"\": " + reason);
}

TEST_F(CommandLineTest, APasswordIsNeverPrinted) {
  const std::string url = "redis://user:secret@host:6379";
  const std::vector<std::vector<std::string>> wrong = {{url},
                                                       {"--redsi", url},
                                                       {"--redsi=" + url},
                                                       {"--redis", url, "--redis", url},
                                                       {"--listen", url},
                                                       {"--workers", url},
                                                       {"--redis", url + "\n"},
                                                       {"--check=" + url},
                                                       {"--config", url}};
  for (const std::vector<std::string>& arguments : wrong) {
    EXPECT_THAT(ErrorOf(arguments), Not(HasSubstr("secret")));
  }
  EXPECT_THAT(ErrorOf({}, {"SLUICE_REDIS_UR=" + url}), Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace sluice
