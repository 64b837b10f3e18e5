#include "server/terminal_line.h"

#include <gtest/gtest.h>

#include <sstream>

namespace sluice {
namespace {

// The log and the line on one "terminal".
class TerminalLineTest : public testing::Test, public LogSink {
 protected:
  void Write(LogLevel, std::string_view sentence, std::span<const LogField>) override {
    terminal_ << sentence << "\n";
  }
  void Say(std::string_view sentence) { line_.Write(LogLevel::kInfo, sentence, {}); }

  std::ostringstream terminal_;
  TerminalLine line_{*this, terminal_};
};

TEST_F(TerminalLineTest, EachDrawingTakesTheLastOnesPlace) {
  line_.Draw("1 row");
  line_.Draw("2 rows");
  EXPECT_EQ(terminal_.str(), "\r\x1b[K1 row\r\x1b[K2 rows");
}

TEST_F(TerminalLineTest, ALineOfTheLogHasItsPlaceAlone) {
  Say("starting");
  line_.Draw("1 row");
  Say("Redis is away");
  Say("Redis is back");
  EXPECT_EQ(terminal_.str(),
            "starting\n\r\x1b[K1 row\r\x1b[KRedis is away\n"
            "Redis is back\n");
}

TEST_F(TerminalLineTest, IsTakenAwayOnce) {
  line_.Clear();
  EXPECT_EQ(terminal_.str(), "");
  line_.Draw("1 row");
  line_.Clear();
  line_.Clear();
  EXPECT_EQ(terminal_.str(), "\r\x1b[K1 row\r\x1b[K");
}

TEST_F(TerminalLineTest, WhatIsNoTerminalHas80Columns) { EXPECT_EQ(LineColumns(-1), 79u); }

}  // namespace
}  // namespace sluice
