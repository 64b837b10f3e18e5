#include "server/doctor_answers.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(NamedTextsTest, AreInfosLines) {
  const NamedTexts info = NamedTexts::OfInfo(
      "# Server\r\nredis_version:7.0.15\r\nconfig_file:\r\n\r\n# Memory\r\nused_memory:1024\r\n"
      "ratio:1.25\r\nslave0:ip=::1,port=1");
  EXPECT_EQ(info.Text("redis_version"), "7.0.15");
  EXPECT_EQ(info.Text("slave0"), "ip=::1,port=1");
  EXPECT_EQ(info.Number("used_memory"), 1024);
  EXPECT_EQ(info.Decimal("ratio"), 1.25);
  EXPECT_TRUE(info.Has("config_file"));
  EXPECT_EQ(info.Text("config_file"), "");
}

TEST(NamedTextsTest, WhatIsNotThereIsNothing) {
  const NamedTexts info = NamedTexts::OfInfo("a:1x\r\nno line of it\r\n# b:2\r\n");
  EXPECT_FALSE(info.Has("# b"));
  EXPECT_EQ(info.Text("b"), "");
  EXPECT_EQ(info.Number("a"), std::nullopt);
  EXPECT_EQ(info.Number("b"), std::nullopt);
  EXPECT_TRUE(NamedTexts::OfInfo("").empty());
}

}  // namespace
}  // namespace sluice
