#include "sluice/http/line_ends.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice {
namespace {

bool SoundInPieces(std::string_view head, size_t piece_bytes) {
  LineEnds ends;
  for (size_t at = 0; at < head.size(); at += piece_bytes) {
    ends.Read(head.substr(at, piece_bytes));
  }
  return ends.sound();
}

// Complains where a cut changes the verdict.
bool Sound(const std::string& head) {
  const bool whole = SoundInPieces(head, head.size());
  for (size_t piece = 1; piece < head.size(); ++piece) {
    EXPECT_EQ(SoundInPieces(head, piece), whole) << testing::PrintToString(head) << piece;
  }
  return whole;
}

TEST(LineEndsTest, AreSoundWhereEachIsCrlf) {
  EXPECT_TRUE(Sound("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(Sound("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_TRUE(Sound("GET / HTTP/1.1\r\nHost: a")) << "more may come";
  EXPECT_TRUE(Sound("GET / HTTP/1.1\r\nX:\r\nY: \t\r\n\r\n"));
}

TEST(LineEndsTest, ABareLfIsNone) {
  EXPECT_FALSE(Sound("GET / HTTP/1.1\nHost: a\r\n\r\n"));
  EXPECT_FALSE(Sound("GET / HTTP/1.1\r\nHost: a\n\r\n"));
  EXPECT_FALSE(Sound("GET / HTTP/1.1\r\nHost: a\r\n\n"));
  EXPECT_FALSE(Sound("GET / HTTP/1.1\r\nHost: a\n\n"));
}

TEST(LineEndsTest, AFoldedLineIsNotSound) {
  EXPECT_FALSE(Sound("GET / HTTP/1.1\r\n Host: a\r\n\r\n"));
  EXPECT_FALSE(Sound("GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n"));
  EXPECT_FALSE(Sound("GET / HTTP/1.1\r\nX:\r\n\tb\r\n\r\n"));
  EXPECT_FALSE(Sound("GET / HTTP/1.1\r\nX:\r\n \r\n\r\n"));
}

TEST(LineEndsTest, WhatFollowsTheEmptyLineIsNotLookedAt) {
  EXPECT_TRUE(Sound("GET / HTTP/1.1\r\nHost: a\r\n\r\n {\n\n} \r\n x"));
}

TEST(LineEndsTest, AnotherHeadIsReadAfresh) {
  LineEnds ends;
  ends.Read("GET / HTTP/1.1\n");
  ends.Clear();
  ends.Read("GET / HTTP/1.1\r\nHost: a\r\n");
  EXPECT_TRUE(ends.sound());
  ends.Read(" b");
  EXPECT_FALSE(ends.sound());
}

}  // namespace
}  // namespace sluice
