// A worker's journal on a real loop in a directory of its own, as its lane sees it: batches are
// named by their sequence alone, and their bytes follow from it. A crash is what it is to the
// files: everything is gone but what was written.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/log.h"
#include "sluice/journal/journal.h"
#include "sluice/journal/journal_directory.h"
#include "support/temp_dir.h"
#include "unit/net/loop_fixture.h"

namespace sluice {

class JournalTest : public LoopTest, public BatchLogListener, public LogSink {
 protected:
  using Sequences = std::vector<uint64_t>;

  struct Setup {
    uint64_t bytes_max = kJournalBytesMax;
    uint64_t segment_bytes = kSegmentBytes;
    uint32_t worker_count = 1;
    uint32_t worker = 0;
    uint64_t start_ms = 1'700'000'000'000;
    bool urgent_lanes = false;
    LaneKind lane = LaneKind::kBulk;
  };

  JournalTest() { SetLogSink(this); }
  ~JournalTest() override { SetLogSink(nullptr); }

  // A process begins; its ledger is named after how many there were before it.
  void Start(const Setup& setup) {
    auto opened = JournalDirectory::Open({.dir = path(),
                                          .bytes_max = setup.bytes_max,
                                          .worker_count = setup.worker_count,
                                          .start_ms = setup.start_ms,
                                          .urgent_lanes = setup.urgent_lanes});
    ASSERT_TRUE(opened.ok()) << opened.error();
    directory_ = std::move(opened.value());
    stats_ = std::make_unique<JournalStats>();
    ledger_ = "ledger:" + std::to_string(++start_count_);
    journal_ = std::make_unique<Journal>(Journal::Options{.worker = setup.worker,
                                                          .lane = setup.lane,
                                                          .ledger = ledger_,
                                                          .segment_bytes = setup.segment_bytes},
                                         *directory_, loop(), *stats_);
    journal_->set_listener(*this);
  }
  void Start() { Start(Setup()); }
  void Crash() {
    journal_.reset();
    directory_.reset();
  }
  void Close() {
    journal_->Close();
    RunUntil([this] { return journal_->closed(); });
    Crash();
  }
  std::string OpenError(uint32_t worker_count = 1) {
    const auto opened = JournalDirectory::Open({.dir = path(), .worker_count = worker_count});
    return opened.ok() ? "no error" : opened.error();
  }

  static std::string Bytes(uint64_t sequence) {
    return "commands of batch " + std::to_string(sequence) + std::string(sequence % 7, '.');
  }
  static uint64_t FrameBytes(uint64_t sequence) { return 32 + Bytes(sequence).size(); }
  LoggedBatch Batch(uint64_t sequence) {
    bytes_ = Bytes(sequence);
    return {.ledger = ledger_, .sequence = sequence, .records = 3, .commands = 3, .bytes = bytes_};
  }
  // Appends them and makes them durable together.
  LogSynced Store(const Sequences& sequences) {
    for (const uint64_t sequence : sequences) EXPECT_TRUE(journal_->Append(Batch(sequence)));
    return Sync();
  }
  LogSynced Sync() {
    synced_.clear();
    journal_->Sync();
    EXPECT_TRUE(journal_->syncing());
    EXPECT_TRUE(synced_.empty()) << "from inside Sync";
    RunUntil([this] { return !synced_.empty(); });
    EXPECT_EQ(synced_.size(), 1u);
    return synced_.at(0);
  }
  // Takes the next batch; null when there is none.
  const LoggedBatch* Next() {
    const LoggedBatch* front = nullptr;
    RunUntil([&] {
      front = journal_->Front();
      return front != nullptr || journal_->unread_bytes() == 0;
    });
    return front;
  }
  // Takes all that can be read, checking that each is what it was.
  Sequences TakeAll() {
    Sequences sequences;
    while (const LoggedBatch* batch = Next()) {
      EXPECT_EQ(batch->bytes, Bytes(batch->sequence));
      EXPECT_EQ(batch->records, 3u);
      sequences.push_back(batch->sequence);
      ledgers_.emplace_back(batch->ledger);
      journal_->Pop();
    }
    return sequences;
  }
  void Release(std::string_view ledger, uint64_t sequence) { journal_->Release(ledger, sequence); }

  std::string path() const { return dir_.path() + "/journal"; }
  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      const std::string name = entry.path().filename();
      if (name != "lock") files.push_back(name);
    }
    std::sort(files.begin(), files.end());
    return files;
  }
  std::string Content(const std::string& file) const {
    std::ifstream in(path() + "/" + file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void Put(const std::string& file, std::string_view content) const {
    std::filesystem::create_directory(path());
    std::ofstream(path() + "/" + file, std::ios::binary) << content;
  }
  void RemoveAll() const { std::filesystem::remove_all(path()); }
  // The log's lines that hold these words.
  size_t Said(std::string_view words) const {
    return static_cast<size_t>(std::count_if(
        said_.begin(), said_.end(),
        [words](const std::string& line) { return line.find(words) != std::string::npos; }));
  }

  void OnSynced(LogSynced result) override {
    synced_.push_back(result);
    on_synced_();
  }
  void Write(LogLevel, std::string_view sentence, std::span<const LogField> fields) override {
    std::string line(sentence);
    for (const LogField& field : fields) line += " " + std::string(field.name) + "=" + field.value;
    said_.push_back(line);
  }
  void TearDown() override {
    if (journal_) Close();
    LoopTest::TearDown();
  }

  TempDir dir_;
  std::string ledger_;
  std::unique_ptr<JournalStats> stats_;
  std::unique_ptr<JournalDirectory> directory_;
  std::unique_ptr<Journal> journal_;
  std::vector<LogSynced> synced_;
  std::function<void()> on_synced_ = [] {};
  std::vector<std::string> ledgers_;  // of what was taken
  std::vector<std::string> said_;

 private:
  std::string bytes_;
  int start_count_ = 0;
};

}  // namespace sluice
