// Redis killed under load again and again. With appendfsync always what it confirmed is on its
// disk, so a record answered 200 is there afterwards, and what it had not confirmed is sent again
// exactly when its ledger says that it was not committed.
#include "fault/fault_fixture.h"

namespace sluice {
namespace {

class RedisKillTest : public FaultTest {
 protected:
  RedisKillTest() : FaultTest(RedisServer::Port::kLoopback) {}

  void KillUnderLoad() {
    ASSERT_TRUE(WaitReady());
    StartLoad({.alert_every = 4});
    const uint64_t rounds = FaultRounds(20);
    for (uint64_t round = 0; round < rounds; ++round) {
      ASSERT_TRUE(WaitStored(100)) << "round " << round;
      redis_.Kill();
      StartDurableRedis();
    }
    ExpectAllStored();
  }
};

TEST_F(RedisKillTest, NothingAnsweredIsLostAndNothingStoredIsDoubled) {
  StartDurableRedis();
  StartGateOn("redis://" + redis_.address(), kPatient, AnyWorkers());
  KillUnderLoad();
}

TEST_F(RedisKillTest, OnAUnixSocketToo) {
  StartDurableRedis();
  StartGate(kPatient, 1);
  KillUnderLoad();
}

// A primary that forgets (no persistence) has forgotten its ledger too: what was in flight is sent
// again, to a server that has none of it.
TEST_F(RedisKillTest, AForgetfulRedisGetsEveryRecordAtMostOnce) {
  redis_.Start();
  StartGate(kPatient, 1);
  ASSERT_TRUE(WaitReady());
  StartLoad();
  ASSERT_TRUE(WaitStored(100));
  redis_.Kill();
  redis_.Start();
  ASSERT_TRUE(WaitStored(100));
  StopLoad();
  std::map<std::string, int> times;
  for (const Fields& entry : Stored("vitals")) ++times[entry.at(0).second];
  for (const auto& [device, count] : times) ASSERT_EQ(count, 1) << "record " << device;
}

}  // namespace
}  // namespace sluice
