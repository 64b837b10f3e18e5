// A gate that real sentinels lead to a real primary, under load, while it dies and its replica
// becomes the primary.
#include "fault/partition_fixture.h"
#include "support/redis_sentinels.h"

namespace sluice {
namespace {

class SentinelTest : public FaultTest {
 protected:
  SentinelTest() : FaultTest(RedisServer::Port::kLoopback) {}

  void StartGateAmongSentinels(const std::string& settings) {
    StartDurableRedis();
    replica_.StartReplicaOf(redis_);
    sentinels_.Start(redis_);
    StartGateOn(sentinels_.url(), settings + kPatient, AnyWorkers());
    ASSERT_TRUE(WaitReady());
  }
  void StartAll(const std::string& settings) {
    StartGateAmongSentinels(settings);
    StartLoad({.alert_every = 20});
    ASSERT_TRUE(WaitStored(200));
  }
  // On a connection of its own: sentinels close those to a server whose role they change.
  std::vector<StreamEntry> ReadPrimary(const std::string& stream) {
    return RedisClient(replica_.socket_path()).ReadStream(stream);
  }
  std::vector<StreamEntry> RecordEntries() override { return ReadPrimary("vitals"); }
  void ExpectTrue() {
    StopLoad();
    EXPECT_TRUE(witness_.Check(RecordEntries()));
    EXPECT_TRUE(witness_.CheckAlerts(ReadPrimary("alerts")));
  }

  RedisServer replica_{RedisServer::Port::kLoopback};
  RedisSentinels sentinels_;
};

// What a replica has not got when the primary dies is lost, so one must confirm; with it gone, none
// does, and the gate says so of what it stores from then on. On a busy machine sentinels may go
// back to the first primary before they made a replica of it, which is why it keeps what it
// confirmed.
constexpr char kConfirmed[] = "[durability]\nreplicas = 1\nwait_ms = 500\n";

TEST_F(SentinelTest, ThePrimaryDiesAndItsReplicaIsFollowed) {
  StartAll(kConfirmed);
  redis_.Kill();
  sentinels_.WaitPrimary(replica_.address());
  StartDurableRedis();  // with all it confirmed; the sentinels make a replica of it
  ASSERT_TRUE(WaitStored(200));
  ExpectTrue();
}

TEST_F(SentinelTest, ThePrimaryStopsAndComesBackAsAReplica) {
  StartAll(kConfirmed);
  redis_.Pause();
  sentinels_.WaitPrimary(replica_.address());
  redis_.Continue();
  ASSERT_TRUE(WaitStored(200));
  ExpectTrue();
}

// Both live. The sentinels tell the old primary some ten seconds later, and what it takes until
// then is lost.
TEST_F(SentinelTest, AFailoverOnCommandIsFollowedBeforeTheOldPrimaryKnowsOfIt) {
  StartGateAmongSentinels("");
  ASSERT_EQ(PostAndRead({Reading::kNormal}), Told::kStored);
  ASSERT_TRUE(WaitFor([&] { return RecordEntries().size() == 1; }, "the replica to have it"));
  // Each link's lanes learn of each primary once.
  const auto know = [&](size_t primaries) {
    const auto maps = static_cast<double>(primaries * link_count());
    return WaitFor([&, maps] { return Metrics().Sum("sluice_redis_node_maps_total") == maps; },
                   "all lanes to know of " + std::to_string(primaries) + " primaries");
  };
  ASSERT_TRUE(know(1));
  sentinels_.FailOver();
  ASSERT_TRUE(know(2));
  EXPECT_NE(redis_.client().Do({"INFO", "replication"}).text.find("role:master"),
            std::string::npos);
  StartLoad({.alert_every = 20});
  ASSERT_TRUE(WaitStored(200));
  ExpectTrue();
}

}  // namespace
}  // namespace sluice
