// deploy/redis.acl: with its user `sluice-archive` everything works that the archive does, and
// without any one of its words something does not.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/acl_file.h"
#include "support/archive.h"
#include "support/redis_server.h"
#include "support/temp_dir.h"
#include "support/wait.h"

namespace sluice {
namespace {

class ArchiveAclTest : public testing::Test {
 protected:
  static constexpr char kUser[] = "sluice-archive";

  void SetUp() override {
    redis_.Start({"--aclfile", dir_.Write("redis.acl", AclLine(kUser) + " >secret\n")});
    redis_.client().Do({"SELECT", "1"});
  }
  void SetWordsWithout(const std::string& word) {
    std::vector<std::string> command = {"ACL", "SETUSER", kUser, "reset", ">secret"};
    for (const std::string& other : AclWords(kUser)) {
      if (other != word) command.push_back(other);
    }
    redis_.client().Do(command);
  }
  // Everything: both streams, rows and dead letters, trimming, in a database that is selected.
  Archive::Run ArchiveAll() {
    redis_.client().Do({"FLUSHALL"});
    for (int i = 0; i < 2; ++i) {
      redis_.client().Do(
          {"XADD", "vitals", "*", "device_id", "d", "timestamp", i == 0 ? "1" : "soon"});
      redis_.client().Do({"XADD", "questionnaires", "*", "patient_id", "p", "question_id", "q",
                          "answer", i == 0 ? "1" : "yes", "submit_time", "2026-01-31T08:00:00Z"});
    }
    const std::string config = dir_.Write("sluice.toml", "[archive]\nretention_s = 1\n");
    return Archive::RunOnce(
        {"--config", config, "--redis", "redis://sluice-archive:secret@" + redis_.address() + "/1",
         "--database", "sqlite://" + dir_.File("archive.db"), "--admin", "127.0.0.1:0", "--once"});
  }

  // Of an entry that cannot be put anywhere.
  bool SeesTheLag() {
    redis_.client().Do({"FLUSHALL"});
    redis_.client().Do({"XADD", "vitals", "*", "device_id", "d", "timestamp", "1"});
    Archive archive({.redis_url = Url(),
                     .database_url = "sqlite://" + dir_.File("nowhere/archive.db"),
                     .config = "",
                     .args = {}});
    const auto sees = [&] { return archive.Metrics().Sum("sluice_archive_lag_entries") == 1; };
    EXPECT_TRUE(WaitFor(
        [&] { return sees() || archive.err().find("the lag is not known") != std::string::npos; },
        "a word of the lag"));
    const bool seen = sees();
    EXPECT_EQ(archive.Stop(), 0);
    return seen;
  }
  std::string Url() const { return "redis://sluice-archive:secret@" + redis_.address() + "/1"; }

  TempDir dir_;
  RedisServer redis_{RedisServer::Port::kLoopback};
};

TEST_F(ArchiveAclTest, EverythingWorksWithTheFilesWords) {
  const Archive::Run run = ArchiveAll();
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("archived 2 rows in 2 batches, 2 dead letters, 0 entries left"),
            run.out.npos)
      << run.out;
  EXPECT_TRUE(SeesTheLag());
}

TEST_F(ArchiveAclTest, EachWordIsNeeded) {
  for (const std::string& word : AclWords(kUser)) {
    // What the user may not do, and what a user without it could not do at all.
    if (word == "on" || word == "resetchannels" || word == "-@all") continue;
    if (IsForClusters(word)) continue;  // integration/redis_acl_cluster_test.cc
    SetWordsWithout(word);
    const Archive::Run run = ArchiveAll();
    EXPECT_FALSE(run.exit_code == 0 && SeesTheLag()) << word << "\n" << run.out << run.err;
  }
}

}  // namespace
}  // namespace sluice
