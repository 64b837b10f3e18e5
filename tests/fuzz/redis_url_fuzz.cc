// A URL of Redis, or what is none: what hides its password hides it, whatever stands behind it, and
// no error has it.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "fuzz/fuzz_target.h"
#include "server/text.h"
#include "sluice/redis/redis_url.h"

namespace sluice {
namespace {

void ExpectHidden(std::string_view behind) {
  constexpr std::string_view kPassword = "S3cr3t-Qx7";
  if (behind.find(kPassword) != std::string_view::npos) return;
  const std::string text = "redis://user:" + std::string(kPassword) + std::string(behind);
  if (behind.find('@') != std::string_view::npos) {
    EXPECT_EQ(HidePassword(text).find(kPassword), std::string::npos) << text;
  }
  const Result<RedisUrl> url = RedisUrl::Parse(text);
  if (!url) {
    EXPECT_EQ(url.error().find(kPassword), std::string::npos) << text;
  }
}

void Fuzz(std::string_view text) {
  ExpectHidden(text);
  const std::string hidden = HidePassword(text);
  EXPECT_EQ(HidePassword(hidden), hidden);
  const Result<RedisUrl> url = RedisUrl::Parse(text);
  if (!url || url.value().password.empty()) return;
  EXPECT_NE(hidden.find(":***@"), std::string::npos) << hidden;
  if (std::count(text.begin(), text.end(), '@') > 1) return;  // then more is hidden than need be
  const Result<RedisUrl> shown = RedisUrl::Parse(hidden);
  ASSERT_TRUE(shown.ok()) << hidden << ": " << shown.error();
  EXPECT_EQ(shown.value().password, "***") << hidden;
  EXPECT_EQ(shown.value().user, url.value().user);
  EXPECT_EQ(shown.value().db, url.value().db);
}

const FuzzTarget kTarget("redis_url", Fuzz);

}  // namespace
}  // namespace sluice
