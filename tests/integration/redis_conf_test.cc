// deploy/redis.conf: a real redis-server takes it, and has the settings that a 200 relies on.
#include <map>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

class RedisConfTest : public GateTest {
 protected:
  // The file first, then a test's own place, which beats it; it must not be beaten itself.
  void StartRedisWithTheFile() { redis_.StartWithFile(SLUICE_SOURCE_DIR "/deploy/redis.conf"); }
  std::string Setting(const std::string& name) {
    const RedisReply reply = redis_.client().Do({"CONFIG", "GET", name});
    return reply.elements.size() == 2 ? reply.elements[1].text : "no such setting";
  }
};

TEST_F(RedisConfTest, SetsWhatA200ReliesOn) {
  StartRedisWithTheFile();
  const std::map<std::string, std::string> kExpected = {{"appendonly", "yes"},
                                                        {"appendfsync", "always"},
                                                        {"no-appendfsync-on-rewrite", "no"},
                                                        {"aof-load-truncated", "no"},
                                                        {"save", ""},
                                                        {"maxmemory", std::to_string(2ull << 30)},
                                                        {"maxmemory-policy", "noeviction"},
                                                        {"stream-node-max-bytes", "4096"},
                                                        {"stream-node-max-entries", "100"},
                                                        {"timeout", "0"},
                                                        {"tcp-keepalive", "60"},
                                                        {"replica-read-only", "yes"},
                                                        {"min-replicas-max-lag", "10"}};
  for (const auto& [name, value] : kExpected) EXPECT_EQ(Setting(name), value) << name;
}

TEST_F(RedisConfTest, WhatWasAnsweredIsThereAfterRedisWasKilled) {
  StartRedisWithTheFile();
  StartGate();
  ASSERT_TRUE(WaitReady());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(IsAccepted(Post(kVitals, Vital("d", i)), 1));
  redis_.Kill();
  StartRedisWithTheFile();
  EXPECT_EQ(Length("vitals"), 20);
}

}  // namespace
}  // namespace sluice
