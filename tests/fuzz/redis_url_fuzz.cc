// A URL of Redis, or what is none: no error repeats it, and what hides its password hides it.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "fuzz/fuzz_target.h"
#include "server/text.h"
#include "sluice/redis/redis_url.h"

namespace sluice {
namespace {

void Fuzz(std::string_view text) {
  const std::string hidden = HidePassword(text);
  EXPECT_EQ(HidePassword(hidden), hidden);
  const Result<RedisUrl> url = RedisUrl::Parse(text);
  if (!url) {
    const bool may_be_a_word = text.size() < 16;
    EXPECT_TRUE(may_be_a_word || url.error().find(text) == std::string::npos) << url.error();
    return;
  }
  if (url.value().password.empty()) return;
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
