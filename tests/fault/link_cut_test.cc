// Connections to Redis cut at random bytes in both directions, and between EXEC and its reply:
// nothing is lost or doubled, and every request is told that it is stored.
#include "fault/fault_fixture.h"
#include "sluice/base/random.h"

namespace sluice {
namespace {

class LinkCutTest : public FaultTest {
 protected:
  void StartUnderLoad() {
    redis_.Start();
    StartGateOnRelay(kPatient);
    ASSERT_TRUE(WaitReady());
    StartLoad();
    ASSERT_TRUE(WaitStored(100));
  }
  testing::AssertionResult WaitCut(uint64_t count) {
    return WaitFor([this, count] { return relay_->cut_count() >= count; },
                   "cut number " + std::to_string(count));
  }
  void Finish() {
    relay_->Pass();
    ExpectAllStored();
  }

  static RelayEnd AnyEnd(Random& random) {
    return random.Below(2) == 0 ? RelayEnd::kClose : RelayEnd::kReset;
  }
};

TEST_F(LinkCutTest, AtRandomBytes) {
  StartUnderLoad();
  const uint64_t seed = FaultNumber("SLUICE_FAULT_SEED", 1);
  SCOPED_TRACE("SLUICE_FAULT_SEED=" + std::to_string(seed));
  Random random(seed);
  const uint64_t rounds = FaultRounds(200);
  for (uint64_t round = 1; round <= rounds; ++round) {
    // Some right in the greeting and the recovery of the connection after the last cut.
    const uint64_t most = random.Below(3) == 0 ? 300 : 50'000;
    switch (random.Below(3)) {
      case 0:
        relay_->CutBeforeExecReply(AnyEnd(random));
        break;
      case 1:
        relay_->CutAfter(RelayDirection::kToRedis, 1 + random.Below(most), AnyEnd(random));
        break;
      default:
        relay_->CutAfter(RelayDirection::kFromRedis, 1 + random.Below(most / 10), AnyEnd(random));
    }
    ASSERT_TRUE(WaitCut(round));
  }
  Finish();
}

TEST_F(LinkCutTest, BetweenExecAndItsReply) {
  StartUnderLoad();
  const uint64_t rounds = FaultRounds(20);
  for (uint64_t round = 1; round <= rounds; ++round) {
    relay_->CutBeforeExecReply(RelayEnd::kReset);
    ASSERT_TRUE(WaitCut(round));
    // Each finds its way back before the next.
    ASSERT_TRUE(WaitStored(20)) << "round " << round;
  }
  Finish();
}

TEST_F(LinkCutTest, AllLinksAtOnce) {
  StartUnderLoad();
  const uint64_t rounds = FaultRounds(20);
  for (uint64_t round = 1; round <= rounds; ++round) {
    relay_->CutAll(RelayEnd::kReset);
    ASSERT_TRUE(WaitStored(20)) << "round " << round;
  }
  Finish();
}

// The ledger's number passes a batch that Redis refused when it takes the one behind it; neither
// reply arrives.
TEST_F(LinkCutTest, ARefusedBatchIsNotTakenForStoredBecauseTheNextOneWas) {
  redis_.Start();
  StartGateOnRelay(kPatient, 1);
  ASSERT_TRUE(WaitReady());
  relay_->Freeze(RelayDirection::kFromRedis);
  HttpClient clients[] = {Connect(), Connect()};
  const uint64_t first = witness_.Ask(2);
  const auto send = [&](uint64_t i) {
    clients[i].Send(PostRequest(kVitals, Vital(std::to_string(first + i), 1)));
  };
  redis_.client().Do({"CONFIG", "SET", "maxmemory", "1"});
  send(0);
  ASSERT_TRUE(WaitFor(
      [this] {
        const RedisReply errors = redis_.client().Do({"INFO", "errorstats"});
        return errors.text.find("EXECABORT") != std::string::npos;
      },
      "the first batch to be refused"));
  redis_.client().Do({"CONFIG", "SET", "maxmemory", "0"});
  send(1);
  ASSERT_TRUE(WaitFor([this] { return Length("vitals") == 1; }, "the second batch to be run"));
  relay_->CutAll(RelayEnd::kReset);
  relay_->Pass();
  for (uint64_t i = 0; i < 2; ++i) {
    const HttpResponse response = clients[i].ReadResponse();
    EXPECT_EQ(witness_.Answer(first + i, 1, response), Told::kStored) << response.raw;
  }
  ExpectAnswersTrue();
}

}  // namespace
}  // namespace sluice
