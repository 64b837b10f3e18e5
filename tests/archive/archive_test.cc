// What sluice-archive does with a stream while nothing dies.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "archive/archive_fixture.h"
#include "support/gate.h"
#include "support/http_client.h"

namespace sluice {
namespace {

TEST_F(ArchiveTest, OnceArchivesWhatIsThereAndLeaves) {
  AddMany(2'500);
  const Archive::Run run = Once();
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("archived 2500 rows in 3 batches, 0 dead letters, 0 entries left"),
            run.out.npos)
      << run.out;
  EXPECT_EQ(TableRows(), StreamRows());
  EXPECT_EQ(Pending(), 0);
}

TEST_F(ArchiveTest, ASecondTimeThereIsNothingToDo) {
  AddMany(10);
  ASSERT_EQ(Once().exit_code, 0);
  EXPECT_NE(Once().out.find("archived 0 rows in 0 batches"), std::string::npos);
  EXPECT_EQ(TableCount(), 10u);
}

TEST_F(ArchiveTest, ANewGroupReadsItAllAgainAndChangesNothing) {
  AddMany(10);
  ASSERT_EQ(Once().exit_code, 0);
  const SqlRows before = TableRows();
  ASSERT_EQ(Once("group = \"another\"\n").exit_code, 0);
  EXPECT_EQ(TableRows(), before);
}

TEST_F(ArchiveTest, AnEmptyRedisIsNoError) {
  const Archive::Run run = Once();
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(TableCount(), 0u);
}

TEST_F(ArchiveTest, WhatTheGateStoresIsARowAtOnce) {
  StartArchive();
  ASSERT_TRUE(WaitReady());
  Gate gate(GateOptions(kNotesRoute));
  const HttpResponse response =
      HttpClient(gate.port())
          .Post("/notes", R"([{"author":"é","number":"9223372036854775807"},
                              {"author":"","number":-1,"words":"it's \"so\"\n"}])",
                "application/json");
  ASSERT_EQ(response.status, 200);
  ASSERT_TRUE(WaitRows(2));
  const SqlRows rows =
      SqlQuery(DatabaseUrl(), "SELECT author, CAST(number AS TEXT), words FROM notes ORDER BY 2");
  EXPECT_EQ(rows, (SqlRows{{"", "-1", "it's \"so\"\n"}, {"é", "9223372036854775807", "NULL"}}));
  EXPECT_EQ(gate.Stop(), 0);
}

TEST_F(ArchiveTest, TheShippedRoutesAreTwoTables) {
  redis_.client().Do({"XADD", "vitals", "*", "device_id", "band", "timestamp", "1700000000000",
                      "blood_oxygen", "97.50"});
  redis_.client().Do({"XADD", "questionnaires", "*", "patient_id", "p", "question_id", "q",
                      "answer", "-3", "submit_time", "2026-01-31T09:00:00.5+01:00"});
  const auto run = Archive::RunOnce(
      {"--redis", redis_.url(), "--database", DatabaseUrl(), "--admin", "127.0.0.1:0", "--once"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(SqlQuery(DatabaseUrl(),
                     "SELECT device_id, CAST(timestamp AS TEXT), heart_rate, "
                     "CAST(blood_oxygen AS TEXT) FROM vitals"),
            (SqlRows{{"band", "1700000000000", "NULL", "97.5"}}));
  EXPECT_EQ(SqlQuery(DatabaseUrl(),
                     "SELECT patient_id, question_id, answer, CAST(submit_time AS TEXT) "
                     "FROM questionnaires"),
            (SqlRows{{"p", "q", "-3", "2026-01-31 08:00:00.500000"}}));
}

TEST_F(ArchiveTest, OnlyTheChosenRoutesAreArchived) {
  const auto run = Archive::RunOnce({"--redis", redis_.url(), "--database", DatabaseUrl(),
                                     "--admin", "127.0.0.1:0", "--route", "/submit_qol", "--once"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(SqlQuery(DatabaseUrl(), "SELECT name FROM sqlite_master WHERE type = 'table'"),
            (SqlRows{{"questionnaires"}}));
}

TEST_F(ArchiveTest, APackedEntryIsARowForEachLine) {
  const std::string packed = std::string(kNotesRoute) + "entry = \"packed\"\n";
  Gate gate(GateOptions(packed));
  ASSERT_EQ(HttpClient(gate.port())
                .Post("/notes", R"([{"author":"a","number":1},{"author":"b","number":2}])",
                      "application/json")
                .status,
            200);
  ASSERT_EQ(gate.Stop(), 0);
  const std::string file = dir_.Write("packed.toml", packed);
  ASSERT_EQ(Archive::RunOnce({"--config", file, "--redis", redis_.url(), "--database",
                              DatabaseUrl(), "--admin", "127.0.0.1:0", "--once"})
                .exit_code,
            0);
  const std::string id = redis_.client().ReadStream("notes").at(0).id;
  EXPECT_EQ(TableRows(), (SqlRows{{id + ":0", "a", "1", "NULL"}, {id + ":1", "b", "2", "NULL"}}));
}

TEST_F(ArchiveTest, ABatchWaitsForItsAgeUnlessItIsFull) {
  StartArchive("age_ms_max = 3600000\nrows_max = 10\n");
  AddMany(9);
  ASSERT_TRUE(WaitMetric("sluice_archive_pending_entries", 9));
  EXPECT_EQ(TableCount(), 0u);
  AddMany(1);
  ASSERT_TRUE(WaitRows(10));
  EXPECT_EQ(archive_->Metrics().Sum("sluice_archive_batches_total"), 1);
  EXPECT_EQ(TableRows(), StreamRows());
}

TEST_F(ArchiveTest, ABatchIsFullOfBytesToo) {
  StartArchive("age_ms_max = 3600000\nbytes_max = \"64KiB\"\n");
  ASSERT_TRUE(WaitReady());
  for (int i = 0; i < 40; ++i) Add(i, std::string(4'000, 'w'));
  ASSERT_TRUE(WaitFor([this] { return TableCount() >= 16; }, "a batch of bytes"));
  EXPECT_LT(TableCount(), 40u);
}

TEST_F(ArchiveTest, SigtermFinishesTheBatchInHand) {
  StartArchive("age_ms_max = 3600000\n");
  AddMany(5);
  ASSERT_TRUE(WaitMetric("sluice_archive_pending_entries", 5));
  EXPECT_EQ(archive_->Stop(), 0);
  const auto sum = archive_->sum();
  ASSERT_TRUE(sum) << archive_->out();
  EXPECT_EQ(sum->rows, 5u);
  EXPECT_EQ(sum->left, 0u);
  EXPECT_EQ(TableRows(), StreamRows());
  EXPECT_EQ(Pending(), 0);
}

// A table of the operator's own, which refuses what the schema allows.
class RefusalTest : public ArchiveTest {
 protected:
  void SetUp() override {
    ArchiveTest::SetUp();
    SqlRun(DatabaseUrl(),
           "CREATE TABLE notes (entry_id TEXT PRIMARY KEY, author TEXT, number INTEGER "
           "CHECK (number % 100 <> 13), words TEXT)");
  }
};

TEST_F(RefusalTest, ARefusedRowGoesToTheDeadLettersAndHoldsUpNobody) {
  AddMany(1'000);
  ASSERT_EQ(Once().exit_code, 0);
  EXPECT_EQ(TableCount(), 990u);
  EXPECT_EQ(Pending(), 0);
  const auto letters = redis_.client().ReadStream("notes:dead");
  ASSERT_EQ(letters.size(), 10u);
  const StreamEntry entry = redis_.client().ReadStream("notes").at(13);
  ASSERT_EQ(letters[0].fields.size(), 5u);
  EXPECT_EQ(letters[0].fields[0], std::pair(std::string("entry_id"), entry.id));
  EXPECT_EQ(letters[0].fields[1].first, "reason");
  EXPECT_NE(letters[0].fields[1].second.find("CHECK constraint failed"), std::string::npos);
  EXPECT_TRUE(std::equal(entry.fields.begin(), entry.fields.end(), letters[0].fields.begin() + 2));
}

TEST_F(RefusalTest, TheyAreCountedAndLoggedWithoutTheirValues) {
  StartArchive();
  Add(113, "secretword");
  Add(1);
  ASSERT_TRUE(WaitMetric("sluice_archive_dead_letters_total", 1));
  ASSERT_TRUE(WaitRows(1));
  EXPECT_NE(archive_->err().find("dead letters"), std::string::npos);
  EXPECT_EQ(archive_->err().find("secretword"), std::string::npos);
}

TEST_F(ArchiveTest, AnEntryThatIsNoRecordGoesToTheDeadLetters) {
  redis_.client().Do({"XADD", "notes", "*", "author", "a", "number", "many"});
  redis_.client().Do({"XADD", "notes", "*", "colour", "red"});
  Add(1);
  ASSERT_EQ(Once().exit_code, 0);
  EXPECT_EQ(TableCount(), 1u);
  const auto letters = redis_.client().ReadStream("notes:dead");
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_EQ(letters[0].fields[1].second, "field number is no int64");
  EXPECT_EQ(letters[0].fields[3], std::pair(std::string("number"), std::string("many")));
  EXPECT_EQ(letters[1].fields[1].second, "field colour is not in the schema");
}

TEST_F(ArchiveTest, ManyArchivesShareAGroup) {
  std::vector<std::unique_ptr<Archive>> archives;
  for (int i = 0; i < 3; ++i) {
    archives.push_back(std::make_unique<Archive>(
        Options("age_ms_max = 0\nrows_max = 10\nconsumer = \"c" + std::to_string(i) + "\"\n")));
  }
  AddMany(3'000);
  ASSERT_TRUE(WaitFor([this] { return TableCount() == 3'000; }, "all rows"));
  uint64_t rows = 0;
  for (auto& archive : archives) {
    EXPECT_EQ(archive->Stop(), 0) << archive->err();
    ASSERT_TRUE(archive->sum());
    EXPECT_GT(archive->sum()->rows, 0u);
    rows += archive->sum()->rows;
  }
  EXPECT_EQ(rows, 3'000u) << "each entry was given to one of them";
  EXPECT_EQ(TableRows(), StreamRows());
}

TEST_F(ArchiveTest, WhatAnotherLeftIsTakenOver) {
  Archive other(Options("age_ms_max = 3600000\nconsumer = \"other\"\n"));
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
TEST_F(ArchiveTest, WhatIsTakenOverFromALivingOneIsThereOnce) {
  Archive slow(Options("age_ms_max = 3600000\nconsumer = \"slow\"\n"));
  AddMany(5);
  ASSERT_TRUE(WaitFor([this] { return Pending() == 5; }, "the slow one to have them"));
  StartArchive("age_ms_max = 0\nclaim_ms = 100\nconsumer = \"me\"\n");
  ASSERT_TRUE(WaitRows(5));
  EXPECT_EQ(slow.Stop(), 0);
  ASSERT_TRUE(slow.sum());
  EXPECT_EQ(slow.sum()->rows, 5u) << "it had them in hand";
  EXPECT_EQ(TableRows(), StreamRows());
}

TEST_F(ArchiveTest, ADatabaseThatIsAwayCostsNothing) {
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

TEST_F(ArchiveTest, OnceGivesUpAtTheFirstFailure) {
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

TEST_F(ArchiveTest, AGroupThatIsGoneIsMadeAgain) {
  StartArchive();
  AddMany(3);
  ASSERT_TRUE(WaitRows(3));
  redis_.client().Do({"FLUSHALL"});
  AddMany(4);
  ASSERT_TRUE(WaitRows(7));
  EXPECT_EQ(TableCount(), 7u);
}

TEST_F(ArchiveTest, ARedisThatComesBackIsReadOn) {
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

TEST_F(ArchiveTest, EntriesThatWereTrimmedTooEarlyAreCounted) {
  StartArchive("age_ms_max = 3600000\nconsumer = \"me\"\n");
  AddMany(5);
  ASSERT_TRUE(WaitMetric("sluice_archive_pending_entries", 5));
  archive_->Kill();
  redis_.client().Do({"XTRIM", "notes", "MAXLEN", "2"});
  StartArchive("age_ms_max = 0\nconsumer = \"me\"\n");
  ASSERT_TRUE(WaitRows(2));
  EXPECT_EQ(archive_->Metrics().Sum("sluice_archive_missing_entries_total"), 3);
  EXPECT_EQ(Pending(), 0);
}

TEST_F(ArchiveTest, WhatIsArchivedAndOldIsTrimmed) {
  redis_.client().Do({"CONFIG", "SET", "stream-node-max-entries", "10"});
  for (int i = 1; i <= 100; ++i) {
    redis_.client().Do({"XADD", "notes", std::to_string(i) + "-0", "author", "a", "number", "1"});
  }
  AddMany(5);  // young
  StartArchive("age_ms_max = 0\nretention_s = 3600\n");
  ASSERT_TRUE(WaitFor([this] { return redis_.client().Length("notes") <= 15; }, "a trim"));
  EXPECT_EQ(TableCount(), 105u);
  EXPECT_GE(redis_.client().Length("notes"), 5);
}

TEST_F(ArchiveTest, ATableThatLacksAColumnIsNamed) {
  SqlRun(DatabaseUrl(), "CREATE TABLE notes (entry_id TEXT PRIMARY KEY, author TEXT)");
  const Archive::Run run = Once();
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("ADD COLUMN"), run.err.npos) << run.err;
}

TEST_F(ArchiveTest, MemoryIsBoundedWhileTheDatabaseIsAway) {
  constexpr size_t kAllOfItBytes = 64 * 1'024 * 1'024;
  const std::string words(4'000, 'w');
  for (int i = 0; i < 20'000; ++i) Add(i, words);  // 80 MB
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
  ASSERT_TRUE(WaitRows(20'000));
  if (!kSanitized) {
    EXPECT_LT(archive_->RssBytes(), kAllOfItBytes);
  }
}

}  // namespace
}  // namespace sluice
