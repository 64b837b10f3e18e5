// `sluice journal`, the real program on directories that hold what a gate would have written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "sluice/journal/frame.h"
#include "sluice/redis/resp.h"
#include "support/gate.h"
#include "support/json.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kFirst = "1700000000000-0-000001.journal";
constexpr const char* kSecond = "1700000000000-0-000002.journal";
constexpr const char* kUrgent = "1700000000000-0u-000001.journal";
constexpr const char* kRefused = "1700000000000-0-refused.journal.refused";

class JournalCommandTest : public testing::Test {
 protected:
  static std::string Vital(const char* device) {
    Buffer bytes;
    AppendCommand(
        {"XADD", "vitals", "MAXLEN", "~", "1000", "*", "device_id", device, "heart_rate", "72"},
        bytes);
    return std::string(bytes.view());
  }
  static std::string Command(std::initializer_list<std::string_view> words) {
    Buffer bytes;
    AppendCommand(words, bytes);
    return std::string(bytes.view());
  }
  static std::string Frame(uint64_t sequence, const std::string& payload, uint32_t records = 1) {
    Buffer bytes;
    AppendFrame({.sequence = sequence, .records = records, .commands = records}, payload, bytes);
    return std::string(bytes.view());
  }
  static std::string Segment(std::initializer_list<std::string> frames) {
    std::string bytes = EncodeSegmentHeader("sluice:ledger:a");
    for (const std::string& frame : frames) bytes += frame;
    return bytes;
  }
  ProgramRun Run(const std::string& verb, const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"journal", verb, dir_.path()};
    args.insert(args.end(), more.begin(), more.end());
    return RunSluice(args, {"SLUICE_TYPO=1"});  // no setting is read
  }

  TempDir dir_;
};

TEST_F(JournalCommandTest, ListsEachFileWithItsState) {
  dir_.Write(kFirst, Segment({Frame(1, Vital("a")), "damage", Frame(2, Vital("b"), 7)}));
  dir_.Write(kSecond, Segment({Frame(3, Vital("c")), "tail"}));
  dir_.Write(kRefused, Segment({Frame(4, Vital("d"))}));
  dir_.Write(kSecond + std::string(".damaged"), "nothing");
  dir_.Write("1700000000001-1-000001.journal", Segment({}));
  dir_.Write(kUrgent, Segment({Frame(1, Vital("e"))}));
  dir_.Write("lock", "");
  const ProgramRun run = Run("ls");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, StartsWith("FILE                                     LANE    STATE  "));
  EXPECT_THAT(run.out, HasSubstr(std::string(kUrgent) + "          urgent  ok  "));
  const std::string size = std::to_string(Segment({Frame(3, Vital("c")), "tail"}).size());
  EXPECT_THAT(run.out,
              HasSubstr(std::string(kSecond) + "           bulk    torn       1       1        " +
                        size + "    3..3       sluice:ledger:a\n"));
  const ProgramRun json = Run("ls", {"--json"});
  std::istringstream lines(json.out);
  std::string states;
  for (std::string line; std::getline(lines, line);) {
    const Json file = Json::Parse(line);
    states += file.Text("file") + " " + file.Text("lane") + " " + file.Text("state") + " " +
              file.Text("frames") + " " + file.Text("records") + "\n";
  }
  EXPECT_EQ(states, std::string(kUrgent) + " urgent ok 1 1\n" + kRefused + " bulk refused 1 1\n" +
                        kFirst + " bulk damaged 2 8\n" + kSecond + " bulk torn 1 1\n" + kSecond +
                        ".damaged bulk set aside 0 0\n" +
                        "1700000000001-1-000001.journal bulk ok 0 0\n");
}

TEST_F(JournalCommandTest, VerifySaysNothingOfWhatChecksOut) {
  dir_.Write(kFirst, Segment({Frame(1, Vital("a"))}));
  const ProgramRun run = Run("verify");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out + run.err, "");
}

TEST_F(JournalCommandTest, VerifyNamesEachDamagedRunAndChangesNothing) {
  const std::string damaged = Segment({Frame(1, Vital("a")), "damage", Frame(2, Vital("b"))});
  const std::string torn = Segment({Frame(3, Vital("c")), "tail"});
  const std::string path = dir_.Write(kFirst, damaged);
  dir_.Write(kSecond, torn);
  const ProgramRun run = Run("verify");
  EXPECT_EQ(run.exit_code, 1);
  const std::string at = std::to_string(Segment({Frame(1, Vital("a"))}).size());
  const std::string tail_at = std::to_string(torn.size() - 4);
  EXPECT_EQ(run.out, std::string(kFirst) + ": damaged: 6 bytes at offset " + at + "\n" + kSecond +
                         ": torn: 4 bytes at offset " + tail_at + "\n");
  EXPECT_EQ(Run("verify", {"--json"}).out,
            "{\"file\":\"" + std::string(kFirst) +
                "\",\"lane\":\"bulk\",\"state\":\"damaged\",\"offset\":" + at +
                ",\"bytes\":6}\n{\"file\":\"" + kSecond +
                "\",\"lane\":\"bulk\",\"state\":\"torn\",\"offset\":" + tail_at +
                ",\"bytes\":4}\n");
  std::ifstream file(path, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), damaged);
}

TEST_F(JournalCommandTest, CatPrintsRecordsAndOtherCommandsAsTheyAre) {
  dir_.Write(kFirst, Segment({Frame(1, Vital("a") + Vital("q\"\n")), "damage",
                              Frame(2, Command({"EVALSHA", "abc", "1", "vitals"}))}));
  const ProgramRun run = Run("cat");
  EXPECT_EQ(run.exit_code, 0);
  const std::string file =
      "{\"file\":\"" + std::string(kFirst) + "\",\"lane\":\"bulk\",\"sequence\":";
  EXPECT_EQ(
      run.out,
      file + "1,\"stream\":\"vitals\",\"fields\":{\"device_id\":\"a\",\"heart_rate\":\"72\"}}\n" +
          file +
          "1,\"stream\":\"vitals\",\"fields\":{\"device_id\":\"q\\\"\\u000a\","
          "\"heart_rate\":\"72\"}}\n" +
          file + "2,\"command\":[\"EVALSHA\",\"abc\",\"1\",\"vitals\"]}\n");
}

TEST_F(JournalCommandTest, ADirectoryThatIsNotThereIsOneLine) {
  const ProgramRun run = RunSluice({"journal", "ls", dir_.path() + "/none"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, "sluice: journal: cannot read the directory " + dir_.path() +
                         "/none: No such file or directory\n");
}

TEST_F(JournalCommandTest, WrongUsageIsOneLineAndHelpListsIt) {
  for (const std::vector<std::string>& args : {std::vector<std::string>{"journal"},
                                               {"journal", "ls"},
                                               {"journal", "look", dir_.path()},
                                               {"journal", "ls", dir_.path(), "more"},
                                               {"journal", "ls", dir_.path(), "--bogus"}}) {
    const ProgramRun run = RunSluice(args);
    EXPECT_EQ(run.exit_code, 2) << args.back();
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  }
  EXPECT_THAT(RunSluice({"--help"}).out, HasSubstr("journal ls|verify|cat DIR"));
  const ProgramRun help = RunSluice({"journal", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("verify"));
}

TEST_F(JournalCommandTest, AGateHoldsItsDirectoryAndASecondIsToldSo) {
  Gate::Options options;
  options.redis_url = "unix:///nowhere/redis.sock";
  options.config = "[journal]\ndir = \"" + dir_.path() + "/journal\"\n";
  Gate gate(options);
  const ProgramRun second = RunSluice({"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"},
                                      {"SLUICE_JOURNAL_DIR=" + dir_.path() + "/journal"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_EQ(second.err, "sluice: journal.dir: " + dir_.path() +
                            "/journal is in use by another sluice; "
                            "give each process its own journal.dir\n");
  EXPECT_EQ(RunSluice({"journal", "verify", dir_.path() + "/journal"}).exit_code, 0);
  EXPECT_EQ(gate.Stop(), 0);
  EXPECT_EQ(gate.err().find("Sanitizer"), std::string::npos);
}

}  // namespace
}  // namespace sluice
