#include "server/doctor_nodes.h"

#include <gmock/gmock.h>

#include "sluice/redis/hash_slot.h"
#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

WorkerPlan Plan(const std::string& url) {
  return PlanWorkers(Loaded("[redis]\nurl = '" + url + "'\n")).value();
}

ReplyValue Value(const std::string& resp) {
  ValueReader reader;
  reader.Feed(resp);
  ReplyValue value;
  EXPECT_TRUE(reader.Next(value)) << resp;
  return value;
}

std::string Range(int first, int last, int port) {
  return "*3\r\n:" + std::to_string(first) + "\r\n:" + std::to_string(last) +
         "\r\n*2\r\n$8\r\n10.0.0.1\r\n:" + std::to_string(port) + "\r\n";
}

const Address kFirst{.host = "10.0.0.1", .port = 7000, .path = ""};
const Address kSecond{.host = "10.0.0.2", .port = 7000, .path = ""};

// Two primaries, of which nobody has `orphan`.
SeedAnswer Cluster(uint16_t orphan) {
  return {.seed = kFirst,
          .map = NodeMap::OfCluster(Value("*2\r\n" + Range(0, orphan - 1, 7000) +
                                          Range(orphan + 1, kHashSlots - 1, 7001)),
                                    kFirst)};
}

SeedAnswer Sentinel(const std::string& primary) {
  return {.seed = kFirst,
          .map = NodeMap::OfPrimary(Value("*4\r\n+ip\r\n+" + primary + "\r\n+port\r\n+6379\r\n"))};
}

SeedAnswer Silent() { return {.seed = kSecond, .map = std::nullopt, .reason = "refused"}; }

TEST(DoctorNodesTest, EachSlotThatIsWrittenToHasANode) {
  const WorkerPlan plan = Plan("redis+cluster://10.0.0.1:7000");
  const Finding finding = CheckNodes({Cluster(1)}, plan);
  EXPECT_EQ(finding.verdict, Verdict::kOk);
  EXPECT_EQ(finding.found, "2 primaries; each slot that is written to has a node (3)");
  for (const char* stream : {"vitals", "questionnaires", "alerts"}) {
    const uint16_t slot = HashSlot(stream);
    const Finding orphan = CheckNodes({Cluster(slot)}, plan);
    EXPECT_EQ(orphan.verdict, Verdict::kProblem);
    EXPECT_EQ(orphan.found, "2 primaries; no node has slot " + std::to_string(slot) + " (" +
                                stream + "), which is written to");
    EXPECT_THAT(orphan.remedy, HasSubstr("redis-cli --cluster fix"));
  }
}

TEST(DoctorNodesTest, TheSentinelsSayWhoThePrimaryIs) {
  const WorkerPlan plan = Plan("redis+sentinel://10.0.0.1,10.0.0.2/main");
  const Finding finding = CheckNodes({Sentinel("10.0.1.1"), Sentinel("10.0.1.1")}, plan);
  EXPECT_EQ(finding.verdict, Verdict::kOk);
  EXPECT_EQ(finding.found, "10.0.1.1:6379 is the primary, say 2 of 2 sentinels");
  const Finding torn = CheckNodes({Sentinel("10.0.1.1"), Sentinel("10.0.1.2")}, plan);
  EXPECT_EQ(torn.verdict, Verdict::kWarning);
  EXPECT_EQ(torn.found,
            "10.0.1.1:6379 is the primary, say 1 of 2 sentinels; 10.0.0.1:7000 says "
            "10.0.1.2:6379");
}

TEST(DoctorNodesTest, WhoDoesNotAnswerIsNamed) {
  const Finding sentinels =
      CheckNodes({Silent(), Sentinel("10.0.1.1")}, Plan("redis+sentinel://10.0.0.2,10.0.0.1/main"));
  EXPECT_EQ(sentinels.verdict, Verdict::kWarning);
  EXPECT_THAT(sentinels.found, AllOf(HasSubstr("say 1 of 2 sentinels"),
                                     EndsWith("without an answer: 10.0.0.2:7000")));
  const WorkerPlan plan = Plan("redis+cluster://10.0.0.2,10.0.0.1");
  EXPECT_EQ(CheckNodes({Silent(), Cluster(1)}, plan).verdict, Verdict::kWarning);
  const Finding worse = CheckNodes({Silent(), Cluster(HashSlot("vitals"))}, plan);
  EXPECT_EQ(worse.verdict, Verdict::kProblem);
  EXPECT_THAT(worse.remedy, HasSubstr("--cluster fix"));
}

}  // namespace
}  // namespace sluice
