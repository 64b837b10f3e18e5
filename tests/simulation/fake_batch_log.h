// A BatchLog on a disk in memory that outlives the process: syncs end when and how the test says,
// reads take as long as it says. What an unclear sync wrote, only a later process may find.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/check.h"
#include "sluice/record/batch_log.h"

namespace sluice {

struct LoggedCopy {
  explicit LoggedCopy(const LoggedBatch& batch)
      : ledger(batch.ledger), bytes(batch.bytes), view(batch) {}

  std::string ledger;
  std::string bytes;
  LoggedBatch view;  // its texts are the strings above
  bool unclear = false;
  bool released = false;
};

// Batches in the order in which they became durable.
struct FakeDisk {
  std::deque<LoggedCopy> batches;      // what Front points at does not move
  std::vector<std::string> set_aside;  // bytes of commands

  bool empty() const {
    for (const LoggedCopy& batch : batches) {
      if (!batch.released && !batch.unclear) return false;
    }
    return true;
  }
  std::string Describe() const {
    std::string text;
    for (const LoggedCopy& batch : batches) {
      text += batch.ledger + " " + std::to_string(batch.view.sequence) +
              (batch.released ? " released" : "") + (batch.unclear ? " unclear" : "") + "\n";
    }
    return text;
  }
};

class FakeBatchLog final : public BatchLog {
 public:
  // Opens the disk as a new process does: what an unclear sync left is found or not.
  FakeBatchLog(FakeDisk& disk, std::string ledger, bool finds_unclear)
      : disk_(disk), ledger_(std::move(ledger)) {
    std::erase_if(disk_.batches, [finds_unclear](const LoggedCopy& batch) {
      return batch.released || (batch.unclear && !finds_unclear);
    });
    for (LoggedCopy& batch : disk_.batches) batch.unclear = false;
  }

  size_t room = SIZE_MAX;     // bytes of batches that Append takes
  bool reads_at_once = true;  // else Front has nothing until it is set
  bool dead = false;          // the process is; nothing reaches the disk any more

  // The end of the sync under way.
  void FinishSync(LogSynced result) {
    SLUICE_CHECK(syncing_);
    syncing_ = false;
    healthy_ = result == LogSynced::kDurable;
    if (healthy_) last_sequence_ = staged_.back().view.sequence;
    for (LoggedCopy& batch : std::exchange(staged_, {})) {
      batch.unclear = result == LogSynced::kUnclear;
      if (result != LogSynced::kRefused) disk_.batches.push_back(std::move(batch));
    }
    listener_->OnSynced(result);
  }
  // The process dies in a sync: it may have been the disk's already.
  void DieSyncing(bool was_written) {
    if (was_written) {
      for (LoggedCopy& batch : staged_) disk_.batches.push_back(std::move(batch));
    }
    staged_.clear();
  }

  void set_listener(BatchLogListener& listener) override { listener_ = &listener; }
  std::string_view own_ledger() const override { return ledger_; }

  bool Append(const LoggedBatch& batch) override {
    const uint64_t last = staged_.empty() ? last_sequence_ : staged_.back().view.sequence;
    SLUICE_CHECK(!syncing_ && batch.ledger == ledger_ && batch.sequence > last);
    if (dead || batch.bytes.size() > room) return false;
    if (room != SIZE_MAX) room -= batch.bytes.size();
    staged_.emplace_back(batch);
    return true;
  }
  void Sync() override {
    SLUICE_CHECK(!syncing_ && !staged_.empty());
    syncing_ = true;
  }
  bool syncing() const override { return syncing_; }
  bool healthy() const override { return healthy_ && !dead; }

  const LoggedBatch* Front() override {
    if (dead || !reads_at_once) return nullptr;
    while (next_ < disk_.batches.size() && disk_.batches[next_].unclear) ++next_;
    if (next_ == disk_.batches.size()) return nullptr;
    LoggedCopy& batch = disk_.batches[next_];
    batch.view.ledger = batch.ledger;
    batch.view.bytes = batch.bytes;
    return &batch.view;
  }
  void Pop() override {
    SLUICE_CHECK(next_ < disk_.batches.size());
    ++next_;
  }
  uint64_t unread_bytes() const override {
    uint64_t bytes = 0;
    for (size_t i = next_; i < disk_.batches.size(); ++i) {
      if (!disk_.batches[i].unclear) bytes += disk_.batches[i].bytes.size();
    }
    return bytes;
  }

  void Release(std::string_view ledger, uint64_t sequence) override {
    if (dead) return;
    for (LoggedCopy& batch : disk_.batches) {
      if (batch.ledger == ledger && batch.view.sequence <= sequence) batch.released = true;
    }
  }
  void SetAside(const LoggedBatch& batch) override {
    if (!dead) disk_.set_aside.emplace_back(batch.bytes);
  }

  void Close() override { closing_ = true; }
  bool closed() const override { return closing_ && !syncing_; }

 private:
  FakeDisk& disk_;
  const std::string ledger_;
  BatchLogListener* listener_ = nullptr;
  std::vector<LoggedCopy> staged_;
  size_t next_ = 0;             // of the disk's batches: the first not taken
  uint64_t last_sequence_ = 0;  // of what is durable
  bool syncing_ = false;
  bool healthy_ = true;
  bool closing_ = false;
};

}  // namespace sluice
