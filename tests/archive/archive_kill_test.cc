// Whoever dies, and when: the rows are the stream's entries, each once. On all three databases.
// SLUICE_FAULT_ROUNDS sets how often.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "archive/archive_fixture.h"
#include "fault/fault_fixture.h"
#include "support/mariadb_server.h"
#include "support/postgres_server.h"

namespace sluice {
namespace {

// A database that can be killed; SQLite, which has no process, cannot.
class TestDatabase {
 public:
  virtual ~TestDatabase() = default;
  virtual std::string url() const = 0;
  virtual void Start() {}
  virtual void Kill() {}
  virtual bool has_process() const { return false; }
};

class SqliteFile final : public TestDatabase {
 public:
  std::string url() const override { return "sqlite://" + dir_.File("archive.db"); }

 private:
  TempDir dir_;
};

template <typename Server>
class DatabaseServer final : public TestDatabase {
 public:
  std::string url() const override { return server_.url(); }
  void Start() override { server_.Start(); }
  void Kill() override { server_.Kill(); }
  bool has_process() const override { return true; }

 private:
  Server server_;
};

std::unique_ptr<TestDatabase> MakeDatabase(const std::string& kind) {
  if (kind == "Postgresql") return std::make_unique<DatabaseServer<PostgresServer>>();
  if (kind == "Mariadb") return std::make_unique<DatabaseServer<MariadbServer>>();
  return std::make_unique<SqliteFile>();
}

class ArchiveKillTest : public ArchiveTest, public testing::WithParamInterface<const char*> {
 protected:
  // In small batches, so that many are on their way when somebody dies. Some rows are not to be had
  // in the table.
  static constexpr char kSettings[] = "age_ms_max = 5\nrows_max = 50\nclaim_ms = 1000\n";

  std::string DatabaseUrl() const override { return database_->url(); }

  void SetUp() override {
    redis_.Start(RedisServer::Durable());
    database_->Start();
    SqlRun(DatabaseUrl(),
           "CREATE TABLE notes (entry_id VARCHAR(64) NOT NULL PRIMARY KEY, author VARCHAR(64) NOT "
           "NULL, number BIGINT NOT NULL CHECK (number % 100 <> 13), words VARCHAR(4096))");
    writer_ = std::thread([this] { Write(); });
  }
  // Entries without end, on a connection of its own.
  void Write() {
    RedisClient redis(redis_.socket_path());
    for (int64_t number = 0; !writer_stops_; ++number) {
      redis.Do({"XADD", "notes", "*", "author", "a" + std::to_string(number % 7), "number",
                std::to_string(number), "words", std::to_string(number * number)});
      ++written_;
      // The archive is to keep up with it: what it has in hand is what this is about.
      WaitFor([this] { return writer_stops_ || written_ - archived() < 5'000; }, "the archive");
    }
  }
  uint64_t archived() const { return archived_; }

  void ExpectRowsAreTheStream() {
    writer_stops_ = true;
    writer_.join();
    if (archive_ == nullptr || !archive_->Running()) StartArchive(kSettings);
    ASSERT_TRUE(WaitFor([this] { return Settled(); }, "the archive to have it all"));
    EXPECT_EQ(archive_->Stop(), 0);
    SqlRows rows = TableRows();
    SqlRows entries = StreamRows();
    const auto refused = std::partition(entries.begin(), entries.end(), [](const auto& row) {
      return std::stoll(row[2]) % 100 != 13;
    });
    std::vector<std::string> refused_ids;
    for (auto entry = refused; entry != entries.end(); ++entry) refused_ids.push_back((*entry)[0]);
    entries.erase(refused, entries.end());
    std::sort(entries.begin(), entries.end());
    std::sort(rows.begin(), rows.end());
    EXPECT_EQ(rows.size(), entries.size());
    EXPECT_TRUE(rows == entries);
    std::vector<std::string> letter_ids;
    for (const StreamEntry& letter : redis_.client().ReadStream("notes:dead")) {
      letter_ids.push_back(letter.fields.at(0).second);
    }
    std::sort(letter_ids.begin(), letter_ids.end());
    std::sort(refused_ids.begin(), refused_ids.end());
    EXPECT_EQ(letter_ids, refused_ids) << "each refused row has one letter";
    EXPECT_GT(rows.size(), 0u);
  }
  // By the ids, not by "lag", which is nil for a while in a Redis that replayed its file.
  bool Settled() {
    const RedisReply groups = redis_.client().Do({"XINFO", "GROUPS", "notes"});
    const RedisReply last = redis_.client().Do({"XREVRANGE", "notes", "+", "-", "COUNT", "1"});
    if (groups.elements.empty() || last.elements.empty() || Pending() > 0) return false;
    const auto& group = groups.elements[0].elements;
    for (size_t i = 0; i + 1 < group.size(); i += 2) {
      if (group[i].text == "last-delivered-id") {
        return group[i + 1].text == last.elements[0].elements[0].text;
      }
    }
    return false;
  }
  // Until so many more rows are there.
  testing::AssertionResult WaitTable(size_t more) {
    const size_t until = TableCount() + more;
    const auto there = WaitFor([&] { return TableCount() >= until; }, "more rows");
    archived_ = TableCount();
    return there;
  }

  void TearDown() override {
    writer_stops_ = true;
    if (writer_.joinable()) writer_.join();
    ArchiveTest::TearDown();
  }

  std::unique_ptr<TestDatabase> database_ = MakeDatabase(GetParam());
  std::thread writer_;
  std::atomic<bool> writer_stops_{false};
  std::atomic<uint64_t> written_{0};
  std::atomic<uint64_t> archived_{0};
};

TEST_P(ArchiveKillTest, OfTheArchive) {
  for (uint64_t round = 0; round < FaultRounds(20); ++round) {
    StartArchive(kSettings);
    ASSERT_TRUE(WaitTable(100 + 37 * (round % 5)));
    archive_->Kill();
  }
  ExpectRowsAreTheStream();
}

TEST_P(ArchiveKillTest, OfTheDatabase) {
  if (!database_->has_process()) GTEST_SKIP() << "SQLite dies with the archive";
  StartArchive(kSettings);
  for (uint64_t round = 0; round < std::min<uint64_t>(FaultRounds(5), 5); ++round) {
    ASSERT_TRUE(WaitTable(200));
    database_->Kill();
    ASSERT_TRUE(WaitFor([this] { return archive_->ReadyStatus() == 503; }, "it to be missed"));
    database_->Start();
  }
  ExpectRowsAreTheStream();
}

TEST_P(ArchiveKillTest, OfRedis) {
  StartArchive(kSettings);
  ASSERT_TRUE(WaitTable(200));
  writer_stops_ = true;
  writer_.join();
  for (uint64_t round = 0; round < std::min<uint64_t>(FaultRounds(5), 5); ++round) {
    redis_.Kill();
    redis_.Start(RedisServer::Durable());
    writer_stops_ = false;
    writer_ = std::thread([this] { Write(); });
    ASSERT_TRUE(WaitTable(200));
    writer_stops_ = true;
    writer_.join();
  }
  writer_ = std::thread([] {});
  ExpectRowsAreTheStream();
}

INSTANTIATE_TEST_SUITE_P(Database, ArchiveKillTest,
                         testing::Values("Sqlite", "Postgresql", "Mariadb"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace sluice
