// A gate on a real Redis Cluster of six processes, under load, while slots migrate and primaries
// die: what is answered is true, and a record is never stored twice.
#include <map>
#include <string>
#include <vector>

#include "fault/partition_fixture.h"
#include "sluice/base/random.h"
#include "support/redis_cluster.h"

namespace sluice {
namespace {

constexpr LoadDriver::Options kLoad = {.records_max = 12, .alert_every = 20};

class ClusterTest : public FaultTest {
 protected:
  void StartAll(const std::string& settings = "") {
    cluster_.Start();
    StartGateOn(cluster_.url(), settings + kPatient + kPartitionedVitals, AnyWorkers());
    ASSERT_TRUE(WaitReady());
    StartLoad(kLoad);
    ASSERT_TRUE(WaitStored(200));
  }

  std::vector<StreamEntry> RecordEntries() override {
    std::vector<StreamEntry> all;
    for (uint32_t partition = 0; partition < kPartitions; ++partition) {
      for (StreamEntry& entry : cluster_.ReadStream(PartitionStream(partition))) {
        all.push_back(std::move(entry));
      }
    }
    return all;
  }
  void ExpectTrue() {
    StopLoad();
    EXPECT_TRUE(witness_.Check(RecordEntries()));
    EXPECT_TRUE(witness_.CheckAlerts(cluster_.ReadStream("alerts")));
  }
  // Nothing was in doubt, so nobody was told that it was.
  void ExpectAllStored() {
    ASSERT_TRUE(WaitStored(100));
    ExpectTrue();
    EXPECT_EQ(witness_.Count(Told::kUnknown), 0u);
    EXPECT_EQ(witness_.Count(Told::kNotStored), 0u);
    EXPECT_EQ(StopGate().stored, RecordEntries().size());
  }
  double Redirects(const std::string& kind) {
    return Metrics().Sum("sluice_redis_redirects_total", {{"kind", kind}});
  }
  size_t OwnerOf(const std::string& key) { return cluster_.OwnerOf(RedisCluster::SlotOf(key)); }

  RedisCluster cluster_;
};

TEST_F(ClusterTest, RecordsGoToTheirPartitionsNodesAndStayInOrder) {
  cluster_.Start();
  StartGateOn(cluster_.url(), kPartitionedVitals, AnyWorkers());
  ASSERT_TRUE(WaitReady());
  HttpClient device = Connect();
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(device
                  .Post(kVitals, "[" + Vital("a", i) + "," + Vital("b", i) + "," + Vital("c", i) +
                                     "," + Vital("d", i) + "]")
                  .status,
              200);
  }
  std::map<std::string, std::vector<std::string>> of_device;
  for (const StreamEntry& entry : RecordEntries()) {
    of_device[entry.fields.at(0).second].push_back(entry.fields.at(1).second);
  }
  ASSERT_EQ(of_device.size(), 4u);
  for (const auto& [name, times] : of_device) {
    ASSERT_EQ(times.size(), 50u) << name;
    for (int i = 0; i < 50; ++i)
      EXPECT_EQ(times[static_cast<size_t>(i)], std::to_string(i)) << name;
  }
  EXPECT_EQ(StopGate().stored, 200u);
}

TEST_F(ClusterTest, ASlotThatMovedWhileNothingCameIsFollowed) {
  cluster_.Start();
  StartGateOn(cluster_.url(), kPartitionedVitals, 1);
  ASSERT_TRUE(WaitReady());
  ASSERT_EQ(Post(kVitals, Vital("a", 1)).status, 200);
  for (uint32_t partition = 0; partition < kPartitions; ++partition) {
    const std::string stream = PartitionStream(partition);
    const size_t from = OwnerOf(stream);
    cluster_.MigrateSlot(RedisCluster::SlotOf(stream), from, (from + 1) % RedisCluster::kPrimaries);
  }
  EXPECT_EQ(Post(kVitals, Vital("a", 2)).status, 200);
  EXPECT_EQ(Redirects("moved"), 1);
  EXPECT_EQ(RecordEntries().size(), 2u);
}

TEST_F(ClusterTest, SlotsMigrateUnderLoad) {
  StartAll();
  for (uint64_t round = 0; round < FaultRounds(6); ++round) {
    const std::string stream = round % 3 == 2 ? "alerts" : PartitionStream(round % kPartitions);
    const size_t from = OwnerOf(stream);
    const size_t to = (from + 1) % RedisCluster::kPrimaries;
    const double turned = Redirects("ask") + Redirects("wait");
    cluster_.MigrateSlot(RedisCluster::SlotOf(stream), from, to, [&] {
      // The slot's keys are at either node, some here and some there: nobody takes a transaction.
      EXPECT_TRUE(WaitFor([&] { return Redirects("ask") + Redirects("wait") > turned; },
                          "a lane to be turned away"));
    });
    ASSERT_TRUE(WaitStored(50)) << stream;
  }
  ExpectAllStored();
}

TEST_F(ClusterTest, ANodeIsAddedUnderLoad) {
  StartAll();
  const size_t added = cluster_.AddNode();
  for (uint32_t partition = 0; partition < kPartitions; partition += 2) {
    const std::string stream = PartitionStream(partition);
    cluster_.MigrateSlot(RedisCluster::SlotOf(stream), OwnerOf(stream), added);
    ASSERT_TRUE(WaitStored(50)) << stream;
  }
  EXPECT_GT(cluster_.client(added).Do({"DBSIZE"}).integer, 0);
  ExpectAllStored();
}

// Without a word of the replica a record may be lost with its primary, and nobody could know; so it
// is asked for one.
constexpr char kConfirmed[] = "[durability]\nreplicas = 1\nwait_ms = 500\n";

TEST_F(ClusterTest, APrimaryDiesAndItsReplicaTakesOver) {
  StartAll(kConfirmed);
  for (uint64_t round = 0; round < FaultRounds(2); ++round) {
    const std::string stream = PartitionStream(round % kPartitions);
    const uint16_t slot = RedisCluster::SlotOf(stream);
    const size_t primary = cluster_.OwnerOf(slot);
    cluster_.Kill(primary);
    cluster_.WaitOwner(slot, primary);
    cluster_.Restart(primary);
    cluster_.WaitReplicas();
    ASSERT_TRUE(WaitStored(100)) << stream;
  }
  ExpectTrue();
}

TEST_F(ClusterTest, APrimaryStopsAndComesBackAsAReplica) {
  StartAll(kConfirmed);
  const uint16_t slot = RedisCluster::SlotOf(PartitionStream(0));
  const size_t primary = cluster_.OwnerOf(slot);
  cluster_.Pause(primary);
  cluster_.WaitOwner(slot, primary);
  cluster_.Continue(primary);
  cluster_.WaitReplicas();
  ASSERT_TRUE(WaitStored(100));
  ExpectTrue();
}

}  // namespace
}  // namespace sluice
