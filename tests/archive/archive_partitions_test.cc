// Streams of several partitions in one table, from one Redis and from a cluster.
#include "archive/archive_fixture.h"
#include "support/redis_cluster.h"

namespace sluice {
namespace {

constexpr char kPartitioned[] = R"(
[[route]]
path = "/notes"
stream = "notes"
partitions = 3
field = [ { name = "author", type = "string", key = true, required = true, bytes_max = 64 },
          { name = "number", type = "int64", required = true } ]
)";

class ArchivePartitionsTest : public ArchiveTest {
 protected:
  Archive::Run OnceFrom(const std::string& redis_url) {
    return Archive::RunOnce({"--config", dir_.Write("once.toml", kPartitioned), "--redis",
                             redis_url, "--database", DatabaseUrl(), "--admin", "127.0.0.1:0",
                             "--once"});
  }
  static std::string Stream(int partition) { return "notes:{" + std::to_string(partition) + "}"; }
  static void Add(RedisClient& redis, int partition, const std::string& id,
                  const std::string& number) {
    redis.Do({"XADD", Stream(partition), id, "author", "a", "number", number});
  }
  SqlRows Rows() const {
    return SqlQuery(DatabaseUrl(), "SELECT entry_id, number FROM notes ORDER BY entry_id");
  }
};

TEST_F(ArchivePartitionsTest, EntriesOfOneIdInTwoPartitionsAreTwoRows) {
  for (const int partition : {0, 1, 2}) {
    Add(redis_.client(), partition, "5-1", std::to_string(partition));
    Add(redis_.client(), partition, "7-" + std::to_string(partition), "10");
  }
  for (int round = 0; round < 2; ++round) {
    const Archive::Run run = OnceFrom(redis_.url());
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(Rows(), (SqlRows{{"5-1@0", "0"},
                               {"5-1@1", "1"},
                               {"5-1@2", "2"},
                               {"7-0@0", "10"},
                               {"7-1@1", "10"},
                               {"7-2@2", "10"}}));
  }
}

TEST_F(ArchivePartitionsTest, EachIsReadFromItsNodeOfACluster) {
  RedisCluster cluster;
  cluster.Start();
  const auto node_of = [&cluster](int partition) -> RedisClient& {
    return cluster.client(cluster.OwnerOf(RedisCluster::SlotOf(Stream(partition))));
  };
  for (const int partition : {0, 1, 2}) Add(node_of(partition), partition, "5-1", "1");
  Add(node_of(1), 1, "6-1", "no number");
  Archive::Run run = OnceFrom(cluster.url());
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Rows().size(), 3u);
  EXPECT_EQ(node_of(1).Length(Stream(1) + ":dead"), 1);
  // Its slot moves; the group's place in it moves along.
  const uint16_t slot = RedisCluster::SlotOf(Stream(1));
  const size_t from = cluster.OwnerOf(slot);
  cluster.MigrateSlot(slot, from, (from + 1) % RedisCluster::kPrimaries);
  Add(node_of(1), 1, "7-1", "2");
  run = OnceFrom(cluster.url());
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Rows().size(), 4u);
}

}  // namespace
}  // namespace sluice
