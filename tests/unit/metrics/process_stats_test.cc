#include "metrics/process_stats.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>

namespace sluice {
namespace {

// pid, name, state, then fields 4 to 13; 14 is user time.
constexpr const char* kLine =
    "42 (slu) ice) S 1 42 42 0 -1 4194560 10 11 12 13 "
    "700 300 0 0 20 0 3 0 5000 1048576 256 18446744073709551615 1 2\n";

TEST(ProcessStatsTest, CountsFieldsBehindANameWithBracketsAndBlanks) {
  const auto line = ParseProcStat(kLine);
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->user_ticks, 700u);
  EXPECT_EQ(line->system_ticks, 300u);
  EXPECT_EQ(line->start_ticks, 5000u);
  EXPECT_EQ(line->virtual_bytes, 1048576u);
  EXPECT_EQ(line->resident_pages, 256u);
}

TEST(ProcessStatsTest, TakesNothingFromALineThatIsCutOrIsNone) {
  const std::string whole = kLine;
  EXPECT_FALSE(ParseProcStat(""));
  EXPECT_FALSE(ParseProcStat("no bracket"));
  EXPECT_FALSE(ParseProcStat(whole.substr(0, whole.find(" 256"))));
  EXPECT_FALSE(ParseProcStat("42 (x) S a b c d e f g h i j k l m n o p q r s t u v w"));
}

TEST(ProcessStatsTest, FindsTheBootTimeAtTheStartOfALineOnly) {
  EXPECT_EQ(ParseBootSeconds("cpu 1 2\nxbtime 7\nbtime 1700000000\nprocesses 3\n"), 1700000000u);
  EXPECT_EQ(ParseBootSeconds("btime 5\n"), 5u);
  EXPECT_FALSE(ParseBootSeconds("cpu 1 2\nxbtime 7\n"));
  EXPECT_FALSE(ParseBootSeconds("btime soon\n"));
}

TEST(ProcessStatsTest, SeesThisProcess) {
  const ProcessStats before = ReadProcessStats();
  const int fd = open("/dev/null", O_RDONLY);
  const ProcessStats after = ReadProcessStats();
  close(fd);
  EXPECT_EQ(*after.open_fds, *before.open_fds + 1);
  EXPECT_GT(*after.max_fds, *after.open_fds);
  EXPECT_GE(*after.cpu_seconds, *before.cpu_seconds);
  EXPECT_GT(*after.resident_bytes, 0);
  EXPECT_GT(*after.virtual_bytes, *after.resident_bytes);

  using std::chrono::duration;
  const double now = duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LE(*after.start_time_seconds, now + 2);  // /proc rounds the boot's second
  EXPECT_GT(*after.start_time_seconds, now - 86'400);
}

}  // namespace
}  // namespace sluice
