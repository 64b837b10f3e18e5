#include "server/archive_command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "sluice/net/address.h"
#include "unit/server/arguments.h"
#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using Action = ArchiveCommandLine::Action;

class ArchiveCommandLineTest : public testing::Test {
 protected:
  ArchiveCommandLine Parse(std::vector<std::string> arguments,
                           std::vector<std::string> environment = {}) {
    arguments.insert(arguments.begin(), "sluice-archive");
    std::ostringstream out;
    std::ostringstream err;
    ArchiveCommandLine line =
        ParseArchiveCommandLine(static_cast<int>(arguments.size()), Pointers(arguments).data(),
                                Pointers(environment).data(), out, err);
    out_ = out.str();
    err_ = err.str();
    return line;
  }
  // What a command line that must be refused says.
  std::string ErrorOf(std::vector<std::string> arguments,
                      std::vector<std::string> environment = {}) {
    const ArchiveCommandLine line = Parse(std::move(arguments), std::move(environment));
    EXPECT_EQ(line.action, Action::kExit);
    EXPECT_EQ(line.exit_code, 2);
    EXPECT_EQ(out_, "");
    return err_;
  }

  std::string out_;
  std::string err_;
};

TEST_F(ArchiveCommandLineTest, NothingGivenArchivesAllRoutesWithTheDefaults) {
  const ArchiveCommandLine line = Parse({});
  EXPECT_EQ(line.action, Action::kRun);
  EXPECT_THAT(line.routes, IsEmpty());
  EXPECT_FALSE(line.once);
  EXPECT_EQ(Printed(line.config), Printed(LoadConfig(std::nullopt, {}).value()));
  EXPECT_EQ(out_ + err_, "");
}

TEST_F(ArchiveCommandLineTest, EachFlagSetsItsSetting) {
  const ArchiveCommandLine line =
      Parse({"--redis", "redis://a:1", "--database=sqlite:b.db", "--admin", "c:2", "--once"});
  EXPECT_EQ(line.action, Action::kRun);
  EXPECT_EQ(line.config.redis.url, "redis://a:1");
  EXPECT_EQ(line.config.archive.database, "sqlite:b.db");
  EXPECT_EQ(line.config.archive.listen, "c:2");
  EXPECT_EQ(line.config.admin.listen, AdminConfig().listen) << "that is sluice's";
  EXPECT_TRUE(line.once);
}

TEST_F(ArchiveCommandLineTest, EachRouteIsAFlagOfItsOwn) {
  EXPECT_EQ(Parse({"--route", "/a", "--route=/b"}).routes, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(ErrorOf({"--route", "/a", "/b"}), "sluice-archive: unexpected argument \"/b\"\n");
  EXPECT_THAT(ErrorOf({"--route"}), HasSubstr("--route"));
}

TEST_F(ArchiveCommandLineTest, ReadsSluicesFileAndVariables) {
  const TempDir dir;
  const std::string file =
      dir.Write("a.toml", "[http]\nworkers = 3\n[archive]\nrows_max = 1\nbytes_max = '1MiB'\n");
  const ArchiveCommandLine line =
      Parse({"--config", file}, {"SLUICE_ARCHIVE_ROWS_MAX=2", "SLUICE_HTTP_IDLE_MS=4"});
  EXPECT_EQ(line.config.archive.rows_max, 2u);
  EXPECT_EQ(line.config.archive.bytes_max, 1 * kMiB);
  EXPECT_EQ(line.config.http.workers, 3u);
  EXPECT_EQ(line.config.http.idle_ms, 4u);
  EXPECT_EQ(ErrorOf({}, {"SLUICE_ARCHIVE_ROW_MAX=2"}),
            "sluice-archive: unknown variable \"SLUICE_ARCHIVE_ROW_MAX\"; did you mean "
            "\"SLUICE_ARCHIVE_ROWS_MAX\"?\n");
}

TEST_F(ArchiveCommandLineTest, CheckIsTheCallersToPrint) {
  EXPECT_EQ(Parse({"--check"}).action, Action::kCheck);
  EXPECT_EQ(out_ + err_, "");
}

TEST_F(ArchiveCommandLineTest, HelpListsFlagsAndSettings) {
  const ArchiveCommandLine line = Parse({"--help"}, {"SLUICE_TYPO=1"});
  EXPECT_EQ(line.action, Action::kExit);
  EXPECT_EQ(line.exit_code, 0);
  EXPECT_EQ(err_, "");
  for (const char* text :
       {"--config FILE", "--redis URL", "--database URL", "--route PATH", "--admin ADDR", "--once",
        "--check", "--version", "--help", "archive.database  SLUICE_ARCHIVE_DATABASE"}) {
    EXPECT_THAT(out_, HasSubstr(text));
  }
  EXPECT_THAT(out_, Not(HasSubstr("--workers")));
}

TEST_F(ArchiveCommandLineTest, VersionIsOneLine) {
  EXPECT_EQ(Parse({"--version"}).exit_code, 0);
  EXPECT_THAT(out_, MatchesRegex("sluice-archive [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(ArchiveCommandLineTest, AnErrorNamesWhereTheValueCameFrom) {
  EXPECT_EQ(ErrorOf({"--admin", "9465"}),
            "sluice-archive: --admin: archive.listen: \"9465\" is no address: " +
                Address::Parse("9465").error() +
                "; give host:port, [v6 address]:port or unix:///path\n");
  EXPECT_EQ(ErrorOf({}, {"SLUICE_ARCHIVE_ROWS_MAX=0"}),
            "sluice-archive: SLUICE_ARCHIVE_ROWS_MAX: archive.rows_max: 0 is out of range; give 1 "
            "to 100000\n");
  EXPECT_EQ(ErrorOf({"--workers", "1"}), "sluice-archive: unexpected argument \"--workers\"\n");
}

TEST_F(ArchiveCommandLineTest, APasswordIsNeverPrinted) {
  for (const std::string url : {"postgresql://user:secret@host/name", "mariadb://:secret@host/name",
                                "postgresql:///name?user=u&password=secret"}) {
    const std::vector<std::vector<std::string>> wrong = {{url},
                                                         {"--databse", url},
                                                         {"--databse=" + url},
                                                         {"--database", url, "--database", url},
                                                         {"--database", url, "--redis", url, "-x"},
                                                         {"--database", url + "\n"},
                                                         {"--admin", url},
                                                         {"--once=" + url},
                                                         {"--config", url}};
    for (const std::vector<std::string>& arguments : wrong) {
      EXPECT_THAT(ErrorOf(arguments), Not(HasSubstr("secret")));
    }
    EXPECT_THAT(Printed(Parse({"--check", "--database", url}).config), Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace sluice
