// StreamGroupTest: two consumers of one group of the stream `s` of a real Redis.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "archive/stream_group.h"
#include "sluice/base/clock.h"
#include "support/redis_server.h"
#include "support/wait.h"

namespace sluice {

class StreamGroupTest : public testing::Test {
 protected:
  void SetUp() override {
    redis_.Start();
    ASSERT_TRUE(link_.Connect());
    ASSERT_TRUE(group_.Ensure());
  }
  std::string Add(const std::string& value) {
    return redis_.client().Do({"XADD", "s", "*", "f", value}).text;
  }
  std::vector<std::string> AddMany(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) ids.push_back(Add(std::to_string(i)));
    return ids;
  }
  static std::vector<std::string> IdsOf(const Result<EntriesRead>& read) {
    EXPECT_TRUE(read.ok()) << read.error();
    std::vector<std::string> ids;
    if (!read) return ids;
    for (const Entry& entry : read.value().entries) ids.push_back(entry.id);
    return ids;
  }
  GroupLag Lag() {
    const auto lag = group_.Lag();
    EXPECT_TRUE(lag.ok());
    return lag ? lag.value() : GroupLag();
  }
  uint64_t Trim() {
    const auto trimmed = group_.TrimArchived(0);
    EXPECT_TRUE(trimmed.ok());
    return trimmed ? trimmed.value() : 0;
  }
  BlockingLinkOptions LinkOptions() {
    return {.url = RedisUrl::Parse(redis_.url()).value(),
            .tls = nullptr,
            .connect_ms = kWaitBoundMs,
            .reply_ms = kWaitBoundMs};
  }

  RedisServer redis_;
  SystemClock clock_;
  BlockingLink link_{LinkOptions(), clock_};
  StreamGroup group_{link_, "s", "g", "me"};
  StreamGroup other_{link_, "s", "g", "other"};
};

}  // namespace sluice
