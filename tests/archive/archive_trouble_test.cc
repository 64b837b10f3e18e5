// A store that is away, another archive that died, and what was lost before it was archived.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "archive/archive_fixture.h"
#include "support/certificates.h"
#include "support/relay.h"
#include "support/tls_redis.h"

namespace sluice {
namespace {

class ArchiveTroubleTest : public ArchiveTest {};

class ArchiveTlsTest : public ArchiveTest {
 protected:
  void SetUp() override {}  // Redis starts with the test's certificate
};

TEST_F(ArchiveTroubleTest, ADatabaseThatIsAwayCostsNothing) {
  const std::string url = "sqlite://" + dir_.File("later/archive.db");
  AddMany(10);
  Archive::Options options = Options();
  options.database_url = url;
  archive_ = std::make_unique<Archive>(options);
  ASSERT_TRUE(WaitMetric("sluice_archive_lag_entries", 10));
  ASSERT_TRUE(WaitFor(
      [this] {
        return archive_->Metrics().Sum("sluice_archive_retries_total", {{"store", "database"}}) >=
               2;
      },
      "it to try again"));
  EXPECT_EQ(archive_->ReadyStatus(), 503);
  EXPECT_EQ(Pending(), 0) << "nothing is taken that cannot be put anywhere";
  EXPECT_EQ(archive_->Metrics().Sum("sluice_archive_up", {{"store", "redis"}}), 1);
  EXPECT_EQ(archive_->Metrics().Sum("sluice_archive_up", {{"store", "database"}}), 0);
  std::filesystem::create_directory(dir_.File("later"));
  ASSERT_TRUE(WaitRows(10));
  EXPECT_EQ(archive_->ReadyStatus(), 200);
  ASSERT_TRUE(WaitMetric("sluice_archive_lag_entries", 0));
  EXPECT_EQ(archive_->Stop(), 0);
  const std::string err = archive_->err();
  EXPECT_EQ(err.find("away or unwilling"), err.rfind("away or unwilling")) << "said once";
}

TEST_F(ArchiveTroubleTest, OnceGivesUpAtTheFirstFailure) {
  AddMany(1);
  const auto no_database =
      Archive::RunOnce({"--redis", redis_.url(), "--database", "sqlite:///nowhere/at/all.db",
                        "--admin", "127.0.0.1:0", "--once"});
  EXPECT_EQ(no_database.exit_code, 1);
  EXPECT_NE(no_database.err.find("archive.database"), std::string::npos) << no_database.err;
  const auto no_redis = Archive::RunOnce({"--redis", "unix://" + dir_.File("no.sock"), "--database",
                                          DatabaseUrl(), "--admin", "127.0.0.1:0", "--once"});
  EXPECT_EQ(no_redis.exit_code, 1);
  EXPECT_NE(no_redis.err.find("redis.url"), std::string::npos) << no_redis.err;
}

TEST_F(ArchiveTroubleTest, AGroupThatIsGoneIsMadeAgain) {
  StartArchive();
  AddMany(3);
  ASSERT_TRUE(WaitRows(3));
  redis_.client().Do({"FLUSHALL"});
  AddMany(4);
  ASSERT_TRUE(WaitRows(7));
  EXPECT_EQ(TableCount(), 7u);
}

TEST_F(ArchiveTroubleTest, ARedisThatComesBackIsReadOn) {
  redis_.Kill();
  StartArchive();
  ASSERT_TRUE(WaitFor(
      [this] {
        return archive_->Metrics().Sum("sluice_archive_retries_total", {{"store", "redis"}}) >= 2;
      },
      "it to try again"));
  EXPECT_EQ(archive_->ReadyStatus(), 503);
  redis_.Start();
  AddMany(3);
  ASSERT_TRUE(WaitRows(3));
  ASSERT_TRUE(WaitReady());
}

TEST_F(ArchiveTroubleTest, ARedisThatComesBackIsSeenWhileTheDatabaseIsAway) {
  redis_.Kill();
  Archive::Options options = Options();
  options.database_url = "sqlite://" + dir_.File("nowhere/archive.db");
  archive_ = std::make_unique<Archive>(options);
  ASSERT_TRUE(WaitFor([this] { return archive_->err().find("Redis is away") != std::string::npos; },
                      "Redis to be missed"));
  redis_.Start();
  EXPECT_TRUE(WaitMetric("sluice_archive_up", 1, {{"store", "redis"}}));
}

TEST_F(ArchiveTroubleTest, EntriesThatWereTrimmedTooEarlyAreCounted) {
  StartArchive(std::string(kPatientBatches) + "consumer = \"me\"\n");
  AddMany(5);
  ASSERT_TRUE(WaitMetric("sluice_archive_pending_entries", 5));
  archive_->Kill();
  redis_.client().Do({"XTRIM", "notes", "MAXLEN", "2"});
  StartArchive("age_ms_max = 0\nconsumer = \"me\"\n");
  ASSERT_TRUE(WaitRows(2));
  EXPECT_EQ(archive_->Metrics().Sum("sluice_archive_missing_entries_total"), 3);
  EXPECT_EQ(Pending(), 0);
}

TEST_F(ArchiveTroubleTest, ATableThatLacksAColumnIsNamed) {
  SqlRun(DatabaseUrl(), "CREATE TABLE notes (entry_id TEXT PRIMARY KEY, author TEXT)");
  const Archive::Run run = Once();
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("ADD COLUMN"), run.err.npos) << run.err;
}

TEST_F(ArchiveTroubleTest, MemoryIsBoundedWhileTheDatabaseIsAway) {
  constexpr size_t kAllOfItBytes = 64 * 1'024 * 1'024;
  // A sanitizer's own memory says nothing of the program, and its time would be long.
  const int count = kSanitized ? 2'000 : 20'000;  // 80 MB
  const std::string words(4'000, 'w');
  for (int i = 0; i < count; ++i) Add(i, words);
  Archive::Options options = Options("age_ms_max = 0\nrows_max = 100000\n");
  options.database_url = "sqlite://" + dir_.File("nowhere/archive.db");
  archive_ = std::make_unique<Archive>(options);
  ASSERT_TRUE(WaitFor(
      [this] {
        return archive_->Metrics().Sum("sluice_archive_retries_total", {{"store", "database"}}) >=
               3;
      },
      "it to try again"));
  if (!kSanitized) {
    EXPECT_LT(archive_->RssBytes(), kAllOfItBytes);
  }
  std::filesystem::create_directory(dir_.File("nowhere"));
  ASSERT_TRUE(WaitRows(static_cast<size_t>(count)));
  if (!kSanitized) {
    EXPECT_LT(archive_->RssBytes(), kAllOfItBytes);
  }
}

TEST_F(ArchiveTroubleTest, WhatAnotherLeftIsTakenOver) {
  Archive other(Options(std::string(kPatientBatches) + "consumer = \"other\"\n"));
  AddMany(5);
  ASSERT_TRUE(WaitFor([this] { return Pending() == 5; }, "the other to have them"));
  other.Kill();
  StartArchive("age_ms_max = 0\nclaim_ms = 100\nconsumer = \"me\"\n");
  ASSERT_TRUE(WaitRows(5));
  EXPECT_EQ(archive_->Metrics().Sum("sluice_archive_claimed_entries_total"), 5);
  EXPECT_EQ(TableRows(), StreamRows());
  EXPECT_EQ(Pending(), 0);
}

// Taken for dead, it was only slow: what both insert is there once.
TEST_F(ArchiveTroubleTest, WhatIsTakenOverFromALivingOneIsThereOnce) {
  Archive slow(Options(std::string(kPatientBatches) + "consumer = \"slow\"\n"));
  AddMany(5);
  ASSERT_TRUE(WaitFor([this] { return Pending() == 5; }, "the slow one to have them"));
  StartArchive("age_ms_max = 0\nclaim_ms = 100\nconsumer = \"me\"\n");
  ASSERT_TRUE(WaitRows(5));
  EXPECT_EQ(slow.Stop(), 0);
  ASSERT_TRUE(slow.sum());
  EXPECT_EQ(slow.sum()->rows, 5u) << "it had them in hand";
  EXPECT_EQ(TableRows(), StreamRows());
}

// Long before anybody would take it for dead.
TEST_F(ArchiveTroubleTest, AnArchiveGoesOnWhereItWasKilled) {
  StartArchive(kPatientBatches);
  AddMany(5);
  ASSERT_TRUE(WaitMetric("sluice_archive_pending_entries", 5));
  archive_->Kill();
  StartArchive("age_ms_max = 0\nclaim_ms = 7200000\n");
  ASSERT_TRUE(WaitRows(5));
  EXPECT_EQ(TableRows(), StreamRows());
}

TEST_F(ArchiveTroubleTest, EntriesWhoseReplyWasLostAreReadAgain) {
  Relay relay(redis_.socket_path());
  Archive::Options options = Options("age_ms_max = 0\nclaim_ms = 7200000\n");
  options.redis_url = relay.url();
  archive_ = std::make_unique<Archive>(options);
  ASSERT_TRUE(WaitReady());
  // Where the archive was not waiting for entries just then, another is added.
  ASSERT_TRUE(WaitFor(
      [&] {
        relay.Freeze(RelayDirection::kFromRedis);
        AddMany(1);
        if (Pending() > 0) return true;
        relay.Pass();
        return false;
      },
      "Redis to give an entry away"));
  relay.CutAll(RelayEnd::kReset);
  relay.Pass();
  const auto count = static_cast<size_t>(next_);
  ASSERT_TRUE(WaitFor([&] { return TableCount() == count && Pending() == 0; }, "all rows"));
  EXPECT_EQ(TableRows(), StreamRows());
}

TEST_F(ArchiveTroubleTest, ABatchInHandOutlivesItsConnection) {
  StartArchive(kPatientBatches);
  AddMany(5);
  ASSERT_TRUE(WaitMetric("sluice_archive_pending_entries", 5));
  redis_.client().Do({"CLIENT", "KILL", "TYPE", "NORMAL", "SKIPME", "YES"});
  ASSERT_TRUE(WaitMetric("sluice_archive_pending_entries", 0));
  EXPECT_EQ(archive_->Metrics().Sum("sluice_archive_rows_total"), 5);
  EXPECT_EQ(archive_->Metrics().Sum("sluice_archive_batches_total"), 1);
  EXPECT_EQ(TableRows(), StreamRows());
}

TEST_F(ArchiveTroubleTest, TheLagIsSeenWhileTheDatabaseIsStuck) {
  StartArchive();
  AddMany(1);
  ASSERT_TRUE(WaitRows(1));
  const SqlLock lock(DatabaseUrl());
  AddMany(5);
  ASSERT_TRUE(WaitMetric("sluice_archive_lag_entries", 5));
  ASSERT_TRUE(WaitFor([this] { return archive_->ReadyStatus() == 503; }, "readiness to fall"));
  EXPECT_GT(archive_->Metrics().Sum("sluice_archive_lag_seconds"), 0);
}

TEST_F(ArchiveTroubleTest, OnceEndsThoughEntriesGoOnComing) {
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    RedisClient redis(redis_.socket_path());
    while (!stop) {
      for (int i = 0; i < 100; ++i) {
        redis.Do({"XADD", "notes", "*", "author", "a", "number", "1"});
      }
    }
  });
  const Archive::Run run = Once("rows_max = 10\n");
  stop = true;
  writer.join();
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST_F(ArchiveTroubleTest, OnceSaysThatAnotherHasSomeInHand) {
  StartArchive(kPatientBatches);
  AddMany(3);
  ASSERT_TRUE(WaitMetric("sluice_archive_pending_entries", 3));
  const Archive::Run run = Once();
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.out.find("3 entries left"), run.out.npos) << run.out;
}

// Nothing of it can be called back, so the process ends without it.
TEST_F(ArchiveTroubleTest, ABatchThatIsStuckInTheDatabaseStaysPendingAtTheDrainsEnd) {
  StartArchive("age_ms_max = 0\ndrain_ms = 200\n");
  AddMany(1);
  ASSERT_TRUE(WaitRows(1));
  {
    const SqlLock lock(DatabaseUrl());
    AddMany(5);
    ASSERT_TRUE(WaitFor([this] { return Pending() > 0; }, "the archive to have a batch"));
    EXPECT_EQ(archive_->Stop(), 3);
    ASSERT_TRUE(archive_->sum());
    EXPECT_EQ(archive_->sum()->rows, 1u);
    EXPECT_GT(Pending(), 0);
  }
  StartArchive();
  ASSERT_TRUE(WaitRows(5));
  EXPECT_EQ(TableRows(), StreamRows());
}

TEST_F(ArchiveTlsTest, RedisIsReadOverTls) {
  const CertificateAuthority authority(dir_, "ca");
  const uint16_t port = StartOverTls(redis_, authority, authority.Server());
  AddMany(1'500);
  Archive::Options options = Options("age_ms_max = 0\n[redis]\nca = '" + authority.file() + "'\n");
  options.redis_url = "rediss://localhost:" + std::to_string(port);
  archive_ = std::make_unique<Archive>(options);
  ASSERT_TRUE(WaitRows(1'500));
  EXPECT_EQ(TableRows(), StreamRows());
}

TEST_F(ArchiveTlsTest, ARedisOfAnotherAuthorityIsNotTrusted) {
  const CertificateAuthority authority(dir_, "ca");
  const CertificateAuthority other(dir_, "other");
  const uint16_t port = StartOverTls(redis_, authority, authority.Server());
  const std::string file =
      dir_.Write("tls.toml", "[redis]\nca = '" + other.file() + "'\n" + kNotesRoute);
  const auto run =
      Archive::RunOnce({"--config", file, "--redis", "rediss://localhost:" + std::to_string(port),
                        "--database", DatabaseUrl(), "--admin", "127.0.0.1:0", "--once"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("certificate verify failed"), run.err.npos) << run.err;
}

}  // namespace
}  // namespace sluice
