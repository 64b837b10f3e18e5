#include "server/log_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/json.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;

constexpr bool kText = false;
constexpr bool kJson = true;

std::string Line(bool json, LogLevel level, std::string_view sentence,
                 std::vector<LogField> fields = {}) {
  return FormatLogLine(json, level, sentence, fields);
}

// The object a JSON line is, once LogOutput has put the time in front.
Json Parsed(std::string_view sentence, std::vector<LogField> fields = {}) {
  return Json::Parse("{" + Line(kJson, LogLevel::kInfo, sentence, std::move(fields)) + "}");
}

// ---- The line ----------------------------------------------------------------------------------

TEST(LogLine, TextIsTheLevelTheSentenceAndNamedValues) {
  EXPECT_EQ(Line(kText, LogLevel::kWarning, "Redis is away",
                 {{"reason", "connection refused"}, {"unknown_batches", 3}}),
            R"(warning Redis is away reason="connection refused" unknown_batches=3)");
  EXPECT_EQ(Line(kText, LogLevel::kInfo, "draining"), "info draining");
}

TEST(LogLine, JsonHasTheSameMembers) {
  EXPECT_EQ(Line(kJson, LogLevel::kError, "Redis is away",
                 {{"reason", "connection refused"}, {"unknown_batches", 3}}),
            R"("level":"error","message":"Redis is away","reason":"connection refused",)"
            R"("unknown_batches":3)");
}

TEST(LogLine, NamesEachLevel) {
  std::vector<std::string> lines;
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    lines.push_back(Line(kText, level, "x"));
  }
  EXPECT_THAT(lines, ElementsAre("debug x", "info x", "warning x", "error x"));
}

TEST(LogLine, AValueCannotForgeALineOrAMember) {
  const std::string evil = "a\"\n\r\t\\,\"level\":\"error";
  for (const bool json : {kText, kJson}) {
    EXPECT_THAT(Line(json, LogLevel::kInfo, "said", {{"value", evil}}), Not(HasSubstr("\n")));
  }
  EXPECT_EQ(Parsed("said", {{"value", evil}}).Text("value"), evil);
  EXPECT_EQ(Parsed(evil).Text("message"), evil);
  EXPECT_EQ(Parsed("said", {{"a\"b", "x"}}).Text("a\"b"), "x");
}

TEST(LogLine, AValueThatIsNotUtf8IsShownWithoutItsBadBytes) {
  EXPECT_EQ(Line(kText, LogLevel::kInfo, "said",
                 {{"value",
                   "a\xff"
                   "b"}}),
            R"(info said value="a?b")");
}

TEST(LogLine, ALongValueIsCut) {
  const std::string line = Line(kText, LogLevel::kInfo, "said", {{"v", std::string(5'000, 'v')}});
  EXPECT_LT(line.size(), 1'100u);
  EXPECT_GT(line.size(), 1'000u);
}

// ---- On standard error -------------------------------------------------------------------------

// What the log wrote to standard error while `speak` ran, line by line.
template <typename F>
std::vector<std::string> Logged(const LogConfig& config, F speak) {
  testing::internal::CaptureStderr();
  {
    LogOutput log(config);
    speak(log);
  }
  std::vector<std::string> lines;
  std::string text = testing::internal::GetCapturedStderr();
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
    lines.push_back(text.substr(0, end));
    text.erase(0, end + 1);
  }
  EXPECT_EQ(text, "") << "each line has its end";
  return lines;
}

TEST(LogOutput, TextLinesStartWithTheTimeInUtc) {
  const auto lines = Logged({.level = "info", .format = "text"}, [](LogOutput& log) {
    log.Write(LogLevel::kInfo, "100% {} of it", {});
  });
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\."
                                     "[0-9]{3}Z info 100% \\{\\} of it"));
}

TEST(LogOutput, JsonLinesAreOneObjectEach) {
  const auto lines = Logged({.level = "info", .format = "json"}, [](LogOutput& log) {
    log.Write(LogLevel::kWarning, "Redis is away", std::vector<LogField>{{"reason", "a \"b\""}});
    log.Write(LogLevel::kInfo, "Redis is up", {});
  });
  ASSERT_THAT(lines, SizeIs(2));
  const Json first = Json::Parse(lines[0]);
  EXPECT_THAT(first.Text("time"), MatchesRegex("[-0-9]+T[0-9:]+\\.[0-9]{3}Z"));
  EXPECT_EQ(first.Text("level"), "warning");
  EXPECT_EQ(first.Text("message"), "Redis is away");
  EXPECT_EQ(first.Text("reason"), "a \"b\"");
  EXPECT_EQ(Json::Parse(lines[1]).Text("message"), "Redis is up");
}

TEST(LogOutput, LeavesOutWhatIsBelowItsLevel) {
  const auto speak = [](LogOutput& log) {
    log.Write(LogLevel::kDebug, "d", {});
    log.Write(LogLevel::kInfo, "i", {});
    log.Write(LogLevel::kWarning, "w", {});
    log.Write(LogLevel::kError, "e", {});
  };
  EXPECT_THAT(Logged({.level = "debug", .format = "text"}, speak), SizeIs(4));
  EXPECT_THAT(Logged({.level = "info", .format = "text"}, speak), SizeIs(3));
  EXPECT_THAT(Logged({.level = "warning", .format = "text"}, speak), SizeIs(2));
  EXPECT_THAT(Logged({.level = "error", .format = "text"}, speak),
              ElementsAre(HasSubstr("error e")));
}

TEST(LogOutput, LeavesOutALineThatOnlyRepeatsTheLast) {
  const auto lines = Logged({.level = "info", .format = "text"}, [](LogOutput& log) {
    log.Write(LogLevel::kInfo, "same", {});
    log.Write(LogLevel::kInfo, "same", {});
    log.Write(LogLevel::kInfo, "same", std::vector<LogField>{{"but", 1}});
    log.Write(LogLevel::kInfo, "same", {});
  });
  EXPECT_THAT(lines,
              ElementsAre(HasSubstr("info same"), HasSubstr("but=1"), HasSubstr("info same")));
}

}  // namespace
}  // namespace sluice
