// deploy/redis.acl in a cluster: what both programs do there works, and without any one of the
// words that only a cluster needs something does not.
#include <algorithm>

#include "integration/gate_fixture.h"
#include "support/acl_file.h"
#include "support/archive.h"
#include "support/redis_cluster.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

class RedisAclClusterTest : public GateTest {
 protected:
  void SetWordsWithout(const std::string& user, const std::string& word) {
    for (size_t node = 0; node < 2 * RedisCluster::kPrimaries; ++node) {
      std::vector<std::string> command = {"ACL", "SETUSER", user, "reset", ">secret"};
      for (const std::string& other : AclWords(user)) {
        if (other != word) command.push_back(other);
      }
      cluster_.client(node).Do(command);
    }
  }
  std::string UrlOf(const std::string& user) const {
    std::string url = cluster_.url();
    return url.insert(url.find("//") + 2, user + ":secret@");
  }
  static std::vector<std::string> ClusterWords(const std::string& user) {
    std::vector<std::string> words = AclWords(user);
    std::erase_if(words, [](const std::string& word) { return !IsForClusters(word); });
    return words;
  }
  void DeleteAll() {
    for (size_t node = 0; node < RedisCluster::kPrimaries; ++node) {
      cluster_.client(node).Do({"FLUSHALL"});
    }
  }

  // Also while a slot is on the way: its keys are at the next node, and it is not yet that node's.
  bool GateStores() {
    DeleteAll();
    const uint16_t slot = RedisCluster::SlotOf("vitals");
    const size_t from = cluster_.OwnerOf(slot);
    const size_t to = (from + 1) % RedisCluster::kPrimaries;
    StartGateOn(UrlOf("sluice"), "[delivery]\ndeadline_ms = 1000\n", 1);
    EXPECT_TRUE(WaitFor([this] { return Admin("/readyz").status == 200 || Refused(); },
                        "the cluster to be there"));
    bool stores = !Refused() && Accepts();
    if (stores) {
      SetSlot(to, slot, {"IMPORTING", IdOf(from)});
      SetSlot(from, slot, {"MIGRATING", IdOf(to)});
      MoveKeys(slot, from, to);
      stores = Accepts();
      for (const size_t node : {from, to}) SetSlot(node, slot, {"STABLE"});
    }
    gate_->Kill();
    return stores && !Refused();
  }
  // A record of each route, and an alert.
  bool Accepts() {
    ++records_;
    return Post(kQuestionnaires, QuestionAnswer("p", records_)).status == 200 &&
           Post(kVitals, R"({"device_id":"d","timestamp":1,"heart_rate":210})").status == 200;
  }
  bool Refused() const { return gate_->err().find("NOPERM") != std::string::npos; }
  std::string IdOf(size_t node) { return cluster_.client(node).Do({"CLUSTER", "MYID"}).text; }
  void SetSlot(size_t node, uint16_t slot, const std::vector<std::string>& to) {
    std::vector<std::string> command = {"CLUSTER", "SETSLOT", std::to_string(slot)};
    command.insert(command.end(), to.begin(), to.end());
    cluster_.client(node).Do(command);
  }
  void MoveKeys(uint16_t slot, size_t from, size_t to) {
    const std::string port = cluster_.client(to).Do({"CONFIG", "GET", "port"}).elements.at(1).text;
    const RedisReply keys =
        cluster_.client(from).Do({"CLUSTER", "GETKEYSINSLOT", std::to_string(slot), "10"});
    EXPECT_EQ(keys.elements.size(), 2u) << "the stream and its lane's ledger";
    for (const RedisReply& key : keys.elements) {
      cluster_.client(from).Do({"MIGRATE", "127.0.0.1", port, key.text, "0", "5000"});
    }
  }

  // Of both streams a row and a dead letter.
  bool ArchiveArchives() {
    DeleteAll();
    RedisClient& vitals = cluster_.client(cluster_.OwnerOf(RedisCluster::SlotOf("vitals")));
    RedisClient& questionnaires =
        cluster_.client(cluster_.OwnerOf(RedisCluster::SlotOf("questionnaires")));
    for (int i = 0; i < 2; ++i) {
      vitals.Do({"XADD", "vitals", "*", "device_id", "d", "timestamp", i == 0 ? "1" : "soon"});
      questionnaires.Do({"XADD", "questionnaires", "*", "patient_id", "p", "question_id", "q",
                         "answer", i == 0 ? "1" : "yes", "submit_time", "2026-01-31T08:00:00Z"});
    }
    const Archive::Run run = Archive::RunOnce({"--redis", UrlOf("sluice-archive"), "--database",
                                               "sqlite://" + dir_.File("archive.db"), "--admin",
                                               "127.0.0.1:0", "--once"});
    return run.exit_code == 0 && run.out.find(" 2 dead letters, 0 entries left") != run.out.npos;
  }

  const TempDir dir_;
  RedisCluster cluster_;
  int records_ = 0;
};

TEST_F(RedisAclClusterTest, AllWorksWithTheFilesWordsAndEachIsNeeded) {
  cluster_.Start();
  SetWordsWithout("sluice", "");
  EXPECT_TRUE(GateStores()) << gate_->err();
  EXPECT_EQ(ClusterWords("sluice"), (std::vector<std::string>{"+cluster|slots", "+asking"}));
  for (const std::string& word : ClusterWords("sluice")) {
    SetWordsWithout("sluice", word);
    EXPECT_FALSE(GateStores()) << "without " << word;
  }
  SetWordsWithout("sluice-archive", "");
  EXPECT_TRUE(ArchiveArchives());
  EXPECT_EQ(ClusterWords("sluice-archive").size(), 3u);
  for (const std::string& word : ClusterWords("sluice-archive")) {
    SetWordsWithout("sluice-archive", word);
    EXPECT_FALSE(ArchiveArchives()) << "without " << word;
  }
}

}  // namespace
}  // namespace sluice
