// ArchiveTest: a real sluice-archive between a real Redis and an SQLite file, and the words the
// tests of this folder share. When a test ends, an archive that still runs is asked to end, and
// must do so with exit code 0 and no complaint of a sanitizer; a failed test shows what it said.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/archive.h"
#include "support/gate.h"
#include "support/redis_server.h"
#include "support/sql_query.h"
#include "support/temp_dir.h"
#include "support/wait.h"

namespace sluice {

using SqlRows = std::vector<std::vector<std::string>>;

// A small route of which all tests here know the fields.
inline constexpr char kNotesRoute[] = R"(
[[route]]
path = "/notes"
stream = "notes"
field = [ { name = "author", type = "string", key = true, required = true, bytes_max = 64 },
          { name = "number", type = "int64", required = true },
          { name = "words", type = "string", bytes_max = 4096 } ]
)";

// Batches that only a bound or the archive's end makes due.
inline constexpr char kPatientBatches[] = "age_ms_max = 3600000\nclaim_ms = 7200000\n";

class ArchiveTest : public testing::Test {
 protected:
  // Of the database under test; SQLite unless a test says otherwise.
  virtual std::string DatabaseUrl() const { return "sqlite://" + dir_.File("archive.db"); }

  void SetUp() override { redis_.Start(); }

  // With batches that are due at once unless `settings` says otherwise.
  Archive::Options Options(const std::string& settings = "age_ms_max = 0\n") const {
    return {.redis_url = redis_.url(),
            .database_url = DatabaseUrl(),
            .config = "[archive]\n" + settings + kNotesRoute,
            .args = {}};
  }
  void StartArchive(const std::string& settings = "age_ms_max = 0\n") {
    archive_ = std::make_unique<Archive>(Options(settings));
  }
  Archive::Run Once(const std::string& more = "") {
    const std::string file = dir_.Write("once.toml", "[archive]\n" + more + kNotesRoute);
    return Archive::RunOnce({"--config", file, "--redis", redis_.url(), "--database", DatabaseUrl(),
                             "--admin", "127.0.0.1:0", "--once"});
  }

  // A gate before the same Redis.
  Gate::Options GateOptions(const std::string& config) const {
    Gate::Options options;
    options.redis_url = redis_.url();
    options.config = config;
    return options;
  }

  // An entry of the stream `notes`; its id.
  std::string Add(int64_t number, const std::string& words = "some") {
    return redis_.client()
        .Do({"XADD", "notes", "*", "author", "a" + std::to_string(number % 7), "number",
             std::to_string(number), "words", words})
        .text;
  }
  void AddMany(int count) {
    for (int i = 0; i < count; ++i) Add(next_++);
  }

  // All of the table, in the stream's order.
  SqlRows TableRows() const {
    SqlRows rows = SqlQuery(DatabaseUrl(), "SELECT entry_id, author, number, words FROM notes");
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return std::pair(a[0].size(), a[0]) < std::pair(b[0].size(), b[0]);
    });
    return rows;
  }
  SqlRows StreamRows() {
    SqlRows rows;
    for (const StreamEntry& entry : redis_.client().ReadStream("notes")) {
      std::vector<std::string>& row = rows.emplace_back(std::vector{entry.id});
      for (const auto& [name, value] : entry.fields) row.push_back(value);
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return std::pair(a[0].size(), a[0]) < std::pair(b[0].size(), b[0]);
    });
    return rows;
  }
  size_t TableCount() const {
    return std::stoul(SqlQuery(DatabaseUrl(), "SELECT COUNT(*) FROM notes").at(0).at(0));
  }
  int64_t Pending() {
    const RedisReply reply = redis_.client().Command({"XPENDING", "notes", "sluice-archive"});
    return reply.elements.empty() ? 0 : reply.elements[0].integer;
  }

  testing::AssertionResult WaitMetric(const std::string& name, double value,
                                      const MetricsText::Labels& labels = {{"stream", "notes"}}) {
    return WaitFor([&] { return archive_->Metrics().Sum(name, labels) == value; },
                   name + " to be " + std::to_string(value));
  }
  testing::AssertionResult WaitRows(size_t count) {
    return WaitMetric("sluice_archive_rows_total", static_cast<double>(count));
  }
  testing::AssertionResult WaitReady() {
    return WaitFor([this] { return archive_->ReadyStatus() == 200; }, "readiness");
  }

  void TearDown() override {
    if (archive_ == nullptr) return;
    if (archive_->Running()) {
      EXPECT_EQ(archive_->Stop(), 0);
    }
    const std::string err = archive_->err();
    EXPECT_EQ(err.find("Sanitizer"), err.npos);
    EXPECT_EQ(err.find("runtime error:"), err.npos);
    if (HasFailure()) {
      std::cerr << "The archive's stdout:\n" << archive_->out() << "Its stderr:\n" << err;
    }
  }

  TempDir dir_;
  RedisServer redis_;
  std::unique_ptr<Archive> archive_;
  int64_t next_ = 0;
};

}  // namespace sluice
