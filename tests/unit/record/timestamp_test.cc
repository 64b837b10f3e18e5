#include "sluice/record/timestamp.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "sluice/base/limits.h"

namespace sluice {
namespace {

void ExpectSound(std::initializer_list<const char*> texts) {
  for (const char* text : texts) EXPECT_TRUE(IsRfc3339(text)) << text;
}
void ExpectUnsound(std::initializer_list<const char*> texts) {
  for (const char* text : texts) EXPECT_FALSE(IsRfc3339(text)) << text;
}

TEST(TimestampTest, TakesTheExamplesOfRfc3339) {
  ExpectSound({"1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00", "1990-12-31T23:59:60Z",
               "1990-12-31T15:59:60-08:00", "1937-01-01T12:00:27.87+00:20"});
}

TEST(TimestampTest, TakesLowerCaseLettersAndAnyFraction) {
  ExpectSound({"2026-01-31t23:59:59z", "2026-01-31T23:59:59.0Z",
               "2026-01-31T23:59:59.123456789012345678901234567890Z", "0000-01-01T00:00:00Z",
               "9999-12-31T23:59:60.9+23:59", "2026-01-31T00:00:00-00:00"});
}

TEST(TimestampTest, AFractionHasAnEnd) {
  const std::string before = "2026-01-31T23:59:59.";
  const std::string longest(kScalarBytesMax - before.size() - 1, '0');
  EXPECT_TRUE(IsRfc3339(before + longest + "Z"));
  EXPECT_FALSE(IsRfc3339(before + longest + "0Z"));
  EXPECT_FALSE(IsRfc3339(before + std::string(1'000'000, '0') + "Z"));
}

TEST(TimestampTest, KnowsTheLengthOfMonths) {
  ExpectSound({"2026-01-31T00:00:00Z", "2026-04-30T00:00:00Z", "2026-12-31T00:00:00Z",
               "2024-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "2026-02-28T00:00:00Z"});
  ExpectUnsound({"2026-01-32T00:00:00Z", "2026-04-31T00:00:00Z", "2026-02-29T00:00:00Z",
                 "1900-02-29T00:00:00Z", "2026-02-30T00:00:00Z", "2026-00-01T00:00:00Z",
                 "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z"});
}

TEST(TimestampTest, KnowsTheBoundsOfTheClock) {
  ExpectUnsound({"2026-01-31T24:00:00Z", "2026-01-31T23:60:00Z", "2026-01-31T23:59:61Z",
                 "2026-01-31T23:59:59+24:00", "2026-01-31T23:59:59+00:60"});
}

TEST(TimestampTest, NeedsEveryPart) {
  ExpectUnsound({"", "Z", "2026-01-31", "2026-01-31T23:59Z", "2026-01-31T23:59:59",
                 "2026-01-31T23:59:59.Z", "2026-01-31T23:59:59.1", "2026-01-31T23:59:59+",
                 "2026-01-31T23:59:59+1", "2026-01-31T23:59:59+01", "2026-01-31T23:59:59+01:0",
                 "26-01-31T23:59:59Z", "2026-1-31T23:59:59Z"});
}

TEST(TimestampTest, TakesNothingBesides) {
  ExpectUnsound({" 2026-01-31T23:59:59Z", "2026-01-31T23:59:59Z ", "2026-01-31T23:59:59ZZ",
                 "2026-01-31T23:59:59+01:00Z", "2026-01-31T23:59:59+0100",
                 "2026-01-31T23:59:59+01:000", "2026-01-31 23:59:59Z", "2026-01-31T23:59:59,1Z",
                 "2026/01/31T23:59:59Z", "2026-01-31T23.59.59Z", "2026-01-31T23:59:59 Z",
                 "+026-01-31T23:59:59Z", "2026-01-31T23:59:5xZ", "2026-01-31T23:59:59.1xZ",
                 "2026-01-31T23:59:59.1.2Z", "20260131T235959Z",
                 "2026-01-31T23:59:59\xC2\xB1"
                 "1:00"});
}

TEST(TimestampTest, NoOtherByteMayStandInAnyPlace) {
  const std::string sound = "2026-10-11T12:13:14.567+08:10";
  ASSERT_TRUE(IsRfc3339(sound));
  for (size_t at = 0; at < sound.size(); ++at) {
    for (const char byte : {'x', '/', ';', '\0', ' ', '\xFF'}) {
      std::string text = sound;
      text[at] = byte;
      EXPECT_FALSE(IsRfc3339(text)) << text;
    }
    EXPECT_FALSE(IsRfc3339(sound.substr(0, at))) << at;
  }
}

TEST(TimestampTest, IsTheSameMomentInUtc) {
  const std::pair<const char*, const char*> kMoments[] = {
      {"2026-01-31T08:00:00Z", "2026-01-31 08:00:00.000000"},
      {"2026-01-31t23:59:60.123456789z", "2026-02-01 00:00:00.123456"},
      {"2026-01-01T00:30:00.5+01:00", "2025-12-31 23:30:00.500000"},
      {"2024-02-28T23:30:00-00:45", "2024-02-29 00:15:00.000000"},
      {"0001-01-01T00:00:00Z", "0001-01-01 00:00:00.000000"},
      {"9999-12-31T23:59:59.9999999Z", "9999-12-31 23:59:59.999999"},
  };
  for (const auto& [text, utc] : kMoments) EXPECT_EQ(UtcText(text), utc) << text;
}

TEST(TimestampTest, WhatSqlHasNoMomentForIsEmpty) {
  for (const char* text : {"yesterday", "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01"}) {
    EXPECT_EQ(UtcText(text), "") << text;
  }
}

}  // namespace
}  // namespace sluice
