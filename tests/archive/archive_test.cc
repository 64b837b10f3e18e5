// What sluice-archive does with a stream while nothing dies.
#include <gtest/gtest.h>

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
  StartArchive(std::string(kPatientBatches) + "rows_max = 10\n");
  AddMany(9);
  ASSERT_TRUE(WaitMetric("sluice_archive_pending_entries", 9));
  EXPECT_EQ(TableCount(), 0u);
  AddMany(1);
  ASSERT_TRUE(WaitRows(10));
  EXPECT_EQ(archive_->Metrics().Sum("sluice_archive_batches_total"), 1);
  EXPECT_EQ(TableRows(), StreamRows());
}

TEST_F(ArchiveTest, ABatchIsFullOfBytesToo) {
  StartArchive(std::string(kPatientBatches) + "bytes_max = \"64KiB\"\n");
  ASSERT_TRUE(WaitReady());
  for (int i = 0; i < 40; ++i) Add(i, std::string(4'000, 'w'));
  ASSERT_TRUE(WaitFor([this] { return TableCount() >= 16; }, "a batch of bytes"));
  EXPECT_LT(TableCount(), 40u);
}

TEST_F(ArchiveTest, SigtermFinishesTheBatchInHand) {
  StartArchive(kPatientBatches);
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

}  // namespace
}  // namespace sluice
