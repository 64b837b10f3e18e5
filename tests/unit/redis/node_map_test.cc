#include "sluice/redis/node_map.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice {
namespace {

const Address kAsked{.host = "10.0.0.9", .port = 7000, .path = ""};

// The reply in RESP, as a value.
ReplyValue Value(const std::string& resp) {
  ValueReader reader;
  reader.Feed(resp);
  ReplyValue value;
  EXPECT_TRUE(reader.Next(value)) << resp;
  return value;
}

std::string Text(const Address* address) { return address != nullptr ? address->ToString() : "-"; }

constexpr char kTwoNodes[] =
    "*2\r\n"
    "*4\r\n:0\r\n:99\r\n"
    "*3\r\n$8\r\n10.0.0.1\r\n:7001\r\n$1\r\na\r\n"
    "*4\r\n$8\r\n10.0.0.2\r\n:7002\r\n$1\r\nb\r\n*0\r\n"
    "*3\r\n:200\r\n:16383\r\n*3\r\n$-1\r\n:7003\r\n$1\r\nc\r\n";

TEST(NodeMap, KnowsEachSlotsNode) {
  const auto map = NodeMap::OfCluster(Value(kTwoNodes), kAsked);
  ASSERT_TRUE(map);
  EXPECT_EQ(Text(map->At(0)), "10.0.0.1:7001");
  EXPECT_EQ(Text(map->At(99)), "10.0.0.1:7001");
  EXPECT_EQ(Text(map->At(100)), "-");
  EXPECT_EQ(Text(map->At(199)), "-");
  EXPECT_EQ(Text(map->At(200)), "10.0.0.9:7003") << "the host of who was asked";
  EXPECT_EQ(Text(map->At(16383)), "10.0.0.9:7003");
  std::vector<std::string> nodes;
  for (const Address& node : map->nodes()) nodes.push_back(node.ToString());
  EXPECT_EQ(nodes, (std::vector<std::string>{"10.0.0.1:7001", "10.0.0.2:7002", "10.0.0.9:7003"}));
}

TEST(NodeMap, TakesAMoveUntilTheNextMap) {
  auto map = NodeMap::OfCluster(Value(kTwoNodes), kAsked);
  ASSERT_TRUE(map);
  map->Move(50, {.host = "10.0.0.2", .port = 7002, .path = ""});
  EXPECT_EQ(Text(map->At(50)), "10.0.0.2:7002");
  EXPECT_EQ(Text(map->At(49)), "10.0.0.1:7001");
  EXPECT_EQ(Text(map->At(51)), "10.0.0.1:7001");
}

TEST(NodeMap, IsNothingOfWhatIsNoMap) {
  for (const char* resp : {"*0\r\n", "+OK\r\n", "*1\r\n+x\r\n", "*1\r\n*2\r\n:0\r\n:1\r\n",
                           "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n",
                           "*1\r\n*3\r\n:-1\r\n:5\r\n*2\r\n$1\r\na\r\n:1\r\n",
                           "*1\r\n*3\r\n:0\r\n:5\r\n*2\r\n$1\r\na\r\n:0\r\n",
                           "*1\r\n*3\r\n:0\r\n:5\r\n*2\r\n$1\r\na\r\n:65536\r\n",
                           "*1\r\n*3\r\n:0\r\n:5\r\n*2\r\n$1\r\n?\r\n:7000\r\n"}) {
    EXPECT_FALSE(NodeMap::OfCluster(Value(resp), kAsked)) << resp;
  }
}

TEST(NodeMap, OfSentinelsHasOneNodeForAll) {
  const auto map =
      NodeMap::OfPrimary(Value("*8\r\n+name\r\n+main\r\n+ip\r\n+127.0.0.1\r\n+port\r\n+6380\r\n"
                               "+config-epoch\r\n+18446744073709551615\r\n"));
  ASSERT_TRUE(map);
  EXPECT_EQ(map->epoch(), UINT64_MAX);
  EXPECT_EQ(Text(map->At(0)), "127.0.0.1:6380");
  EXPECT_EQ(Text(map->At(16383)), "127.0.0.1:6380");
  for (const char* resp :
       {"*-1\r\n", "+OK\r\n", "*0\r\n", "*3\r\n+ip\r\n+a\r\n+port\r\n", "*2\r\n+port\r\n+1\r\n",
        "*4\r\n+ip\r\n+a\r\n+port\r\n+0\r\n", "*4\r\n+ip\r\n+a\r\n+port\r\n+1x\r\n",
        "*4\r\n+ip\r\n+a\r\n+port\r\n+65536\r\n", "*4\r\n+ip\r\n$0\r\n\r\n+port\r\n+1\r\n",
        "*6\r\n+ip\r\n+a\r\n+port\r\n+1\r\n+config-epoch\r\n+-1\r\n"}) {
    EXPECT_FALSE(NodeMap::OfPrimary(Value(resp))) << resp;
  }
}

}  // namespace
}  // namespace sluice
