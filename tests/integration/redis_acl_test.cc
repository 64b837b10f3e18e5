// deploy/redis.acl: with it everything works that sluice does, and without any one of its words
// something does not.
#include <algorithm>

#include "integration/gate_fixture.h"
#include "support/acl_file.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

class RedisAclTest : public GateTest {
 protected:
  RedisAclTest() : GateTest(RedisServer::Port::kLoopback) {}

  using Feature = bool (RedisAclTest::*)();
  struct Word {
    const char* word;
    Feature feature;  // that needs it
  };
  static std::vector<Word> Words() {
    return {{"+ping", &RedisAclTest::Stores},
            {"+info", &RedisAclTest::Stores},
            {"+client|id", &RedisAclTest::Stores},
            {"+client|kill", &RedisAclTest::ComesBack},
            {"+select", &RedisAclTest::StoresInAnotherDatabase},
            {"+multi", &RedisAclTest::Stores},
            {"+exec", &RedisAclTest::Stores},
            {"+xadd", &RedisAclTest::Stores},
            {"+setrange", &RedisAclTest::Stores},
            {"+expire", &RedisAclTest::Stores},
            {"+get", &RedisAclTest::StoresAKeyOnce},
            {"+eval", &RedisAclTest::StoresAKeyOnce},
            {"+exists", &RedisAclTest::StoresAnIdentityOnce},
            {"+set", &RedisAclTest::SendsItsJournal},
            {"+wait", &RedisAclTest::WaitsForAReplica},
            {"~vitals", &RedisAclTest::Stores},
            {"~questionnaires", &RedisAclTest::StoresAnIdentityOnce},
            {"~alerts", &RedisAclTest::RaisesAnAlert},
            {"~sluice:ledger:*", &RedisAclTest::Stores},
            {"~sluice:seen:*", &RedisAclTest::StoresAKeyOnce}};
  }

  void StartRedisWithTheFile() {
    redis_.Start({"--aclfile", dir_.Write("redis.acl", AclLine("sluice") + " >secret\n")});
    replica_.StartReplicaOf(redis_);
  }
  void SetWordsWithout(const std::string& word) {
    std::vector<std::string> command = {"ACL", "SETUSER", "sluice", "reset", ">secret"};
    for (const std::string& other : AclWords("sluice")) {
      if (other != word) command.push_back(other);
    }
    redis_.client().Do(command);
  }

  // With a gate of its own, which goes on running.
  bool Works(Feature feature) { return (this->*feature)() && !Refused(); }

  // ---- What sluice does, and whether that works -------------------------------------------------

  bool Stores() { return ComesUp() && Accepts(Vital("d", 1)); }
  bool StoresInAnotherDatabase() { return ComesUp("", "/1") && Accepts(Vital("d", 1)); }
  bool RaisesAnAlert() {
    return ComesUp() && Accepts(R"({"device_id":"d","timestamp":1,"heart_rate":210})");
  }
  bool StoresAKeyOnce() {
    if (!ComesUp()) return false;
    const std::string key = "Idempotency-Key: \"key-" + std::to_string(++key_count_) + "\"\r\n";
    HttpClient client = Connect();
    std::string second;
    for (int i = 0; i < 2; ++i) {
      client.Send(PostRequest(kVitals, Vital("d", 1), "", key));
      const HttpResponse answer = client.ReadResponse();
      if (answer.status != 200) return false;
      second = answer.body;
    }
    return second.find("\"repeated\":true") != second.npos;
  }
  bool StoresAnIdentityOnce() {
    if (!ComesUp()) return false;
    const std::string answer = QuestionAnswer("p" + std::to_string(++key_count_), 1);
    if (Post(kQuestionnaires, answer).status != 200) return false;
    return BodyText(Post(kQuestionnaires, answer), "repeated") == "1";
  }
  bool ComesBack() {
    if (!ComesUp()) return false;
    redis_.client().Do({"CLIENT", "KILL", "USER", "sluice"});
    // Each of its links is either back or refused.
    EXPECT_TRUE(
        WaitFor([this] { return Metrics().Sum("sluice_redis_reconnects_total") >= 2 || Refused(); },
                "both links to come back"));
    return !Refused() && WaitReady() && Accepts(Vital("d", 1));
  }
  bool WaitsForAReplica() {
    return ComesUp("[durability]\nreplicas = 1\nwait_ms = 500\n") && Accepts(Vital("d", 1));
  }
  bool SendsItsJournal() {
    const TempDir dir;
    if (!ComesUp("[journal]\ndir = \"" + dir.File("journal") + "\"\n")) return false;
    redis_.Pause();
    const HttpResponse answer = Post(kVitals, Vital("d", 1));
    redis_.Continue();
    EXPECT_NE(answer.body.find("journal"), answer.body.npos) << answer.raw;
    return bool(WaitFor([this] { return Metrics().Sum("sluice_journal_bytes") == 0; },
                        "the journal to be empty"));
  }

  // Whether Redis takes it at all, or refuses a word of its greeting.
  bool ComesUp(const std::string& config = "", const std::string& database = "") {
    StartGateOn("redis://sluice:secret@" + redis_.address() + database,
                "[delivery]\ndeadline_ms = 1000\n" + config, 1);
    EXPECT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_redis_up") == 1 || Refused(); },
                        "Redis to be up"));
    return !Refused();
  }
  bool Accepts(const std::string& record) { return Post(kVitals, record).status == 200; }
  bool Refused() const { return gate_->err().find("NOPERM") != std::string::npos; }

  const TempDir dir_;
  RedisServer replica_;
  int key_count_ = 0;
};

TEST_F(RedisAclTest, TheFileAloneLetsNobodyIn) {
  redis_.Start({"--aclfile", SLUICE_SOURCE_DIR "/deploy/redis.acl"});
  for (const char* password : {"", "secret", "sluice"}) {
    const RedisReply reply = redis_.client().Command({"AUTH", "sluice", password});
    EXPECT_EQ(reply.kind, RedisReply::Kind::kError) << password;
  }
}

TEST_F(RedisAclTest, EverythingWorksWithIt) {
  StartRedisWithTheFile();
  std::vector<Feature> done;
  for (const Word& word : Words()) {
    if (std::find(done.begin(), done.end(), word.feature) != done.end()) continue;
    done.push_back(word.feature);
    EXPECT_TRUE(Works(word.feature)) << "what needs " << word.word << "\n" << gate_->err();
    StopGate();
  }
}

TEST_F(RedisAclTest, EachOfItsWordsIsNeeded) {
  StartRedisWithTheFile();
  const std::vector<Word> known = Words();
  for (const std::string& word : AclWords("sluice")) {
    if (word == "on" || word == "resetchannels" || word == "-@all") continue;
    if (IsForClusters(word)) continue;  // redis_acl_cluster_test.cc
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const Word& one) { return one.word == word; });
    ASSERT_NE(found, known.end()) << word << " is in the file, and nobody knows what for";
    SetWordsWithout(word);
    EXPECT_FALSE(Works(found->feature)) << "without " << word;
    gate_->Kill();
  }
}

}  // namespace
}  // namespace sluice
