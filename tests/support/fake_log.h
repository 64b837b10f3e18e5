// A BatchLog in memory. The test ends each sync, well or badly; what is durable is handed out at
// once, or kept back as if it were still being read.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "sluice/base/check.h"
#include "sluice/record/batch_log.h"

namespace sluice {

class FakeLog final : public BatchLog {
 public:
  struct Stored {
    std::string ledger;
    uint64_t sequence = 0;
    uint32_t records = 0;
    uint32_t commands = 0;
    std::string bytes;
  };

  size_t room = SIZE_MAX;  // batches that Append still takes
  bool reading = false;    // Front has nothing yet
  bool failing = false;
  std::deque<Stored> unread;
  std::vector<Stored> appended;  // part of the sync under way
  std::vector<Stored> set_aside;
  std::vector<std::string> released;  // "<ledger> <sequence>"

  void FinishSync(LogSynced result = LogSynced::kDurable) {
    SLUICE_CHECK(syncing_);
    syncing_ = false;
    failing = result != LogSynced::kDurable;
    if (!failing) unread.insert(unread.end(), appended.begin(), appended.end());
    appended.clear();
    listener_->OnSynced(result);
  }

  void set_listener(BatchLogListener& listener) override { listener_ = &listener; }
  std::string_view own_ledger() const override { return "ledger"; }
  bool Append(const LoggedBatch& batch) override {
    SLUICE_CHECK(!syncing_);
    if (room == 0) return false;
    --room;
    appended.push_back(Copy(batch));
    return true;
  }
  void Sync() override { syncing_ = true; }
  bool syncing() const override { return syncing_; }
  bool healthy() const override { return !failing; }
  const LoggedBatch* Front() override {
    if (reading || unread.empty()) return nullptr;
    const Stored& front = unread.front();
    front_ = {.ledger = front.ledger,
              .sequence = front.sequence,
              .records = front.records,
              .commands = front.commands,
              .bytes = front.bytes};
    return &front_;
  }
  void Pop() override { unread.pop_front(); }
  uint64_t unread_bytes() const override {
    uint64_t bytes = 0;
    for (const Stored& batch : unread) bytes += batch.bytes.size();
    return bytes;
  }
  void Release(std::string_view ledger, uint64_t sequence) override {
    released.push_back(std::string(ledger) + " " + std::to_string(sequence));
    std::erase_if(unread, [&](const Stored& batch) {
      return batch.ledger == ledger && batch.sequence <= sequence;
    });
  }
  void SetAside(const LoggedBatch& batch) override { set_aside.push_back(Copy(batch)); }
  void Close() override {}
  bool closed() const override { return !syncing_; }

 private:
  static Stored Copy(const LoggedBatch& batch) {
    return {std::string(batch.ledger), batch.sequence, batch.records, batch.commands,
            std::string(batch.bytes)};
  }

  BatchLogListener* listener_ = nullptr;
  bool syncing_ = false;
  LoggedBatch front_;
};

}  // namespace sluice
