#include "redis/batch_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const LedgerOptions kLedger = {
    .key = "ledger", .ttl_seconds = 60, .replicas = 0, .replica_wait_ms = 1};

// The test hears how claims are settled.
class BatchStoreTest : public testing::Test, public TicketListener {
 protected:
  void OnSettled(const Ticket& ticket, const Settlement& settlement) override {
    constexpr const char* kOutcomes[] = {" stored", " refused", " unknown"};
    settled_.push_back(std::to_string(ticket.answer) +
                       kOutcomes[static_cast<size_t>(settlement.outcome)]);
  }
  // A batch that was sent, of a claim of ten bytes each.
  std::unique_ptr<Batch> Sent(BatchStore& store, uint64_t sequence, std::vector<uint32_t> ids) {
    std::unique_ptr<Batch> batch = store.Take(1);
    for (const uint32_t id : ids) {
      batch->bytes().Append(std::string(10, static_cast<char>('0' + id)));
      batch->Add({.session = {}, .answer = id, .records = 1, .deadline_ns = id}, 10, 1);
      store.Hold(10);
    }
    batch->sequence = sequence;
    batch->Seal(kLedger);
    batch->exposed = true;
    return batch;
  }
  static std::vector<std::string> Commands(BatchRing& batches) {
    std::vector<std::string> commands;
    for (size_t i = 0; i < batches.size(); ++i) {
      commands.emplace_back(batches[i]->command_bytes().substr(0, 1));
    }
    return commands;
  }

  std::shared_ptr<BatchMemory> memory_ = std::make_shared<BatchMemory>();
  BatchStore store_{*this, memory_};
  std::vector<std::string> settled_;
  BatchRing sent_;
};

// ---- Taken back --------------------------------------------------------------------------------

TEST_F(BatchStoreTest, WhatIsTakenBackCanBeChangedAgainAndWhatWasSettledGoes) {
  sent_.PushBack(Sent(store_, 1, {1, 2}));
  sent_.PushBack(Sent(store_, 2, {3}));
  sent_.PushBack(Sent(store_, 3, {4, 5}));
  sent_[0]->claims()[1].failures = 1;
  store_.Expire(sent_, 1);
  store_.Expire(sent_, 3);
  EXPECT_THAT(settled_, ElementsAre("1 unknown", "2 unknown", "3 unknown"));
  EXPECT_EQ(store_.held_bytes(), 50u) << "as long as they may be stored their bytes stay";
  settled_.clear();
  store_.TakeBack(sent_, 2);
  EXPECT_EQ(store_.held_bytes(), 20u);
  EXPECT_THAT(Commands(sent_), ElementsAre("4")) << "the two others are empty";
  EXPECT_TRUE(sent_[0]->sealed() && sent_[0]->exposed) << "and this one was not taken back";
  store_.TakeBack(sent_, 1);
  EXPECT_FALSE(sent_[0]->sealed() || sent_[0]->exposed);
  EXPECT_EQ(sent_[0]->sequence, 3u);
  store_.Expire(sent_, 4);
  EXPECT_THAT(settled_, ElementsAre("4 refused"));
  EXPECT_THAT(Commands(sent_), ElementsAre("5"));
  EXPECT_EQ(store_.held_bytes(), 10u);
  store_.ReleaseAll(sent_);
  EXPECT_EQ(store_.held_bytes(), 0u);
}

TEST_F(BatchStoreTest, FailuresOfWhatIsTakenBackAreForgotten) {
  sent_.PushBack(Sent(store_, 1, {1}));
  sent_[0]->claims()[0].failures = 1;
  store_.TakeBack(sent_, 1);
  store_.SettleExecuted(*sent_[0], true);
  EXPECT_THAT(settled_, ElementsAre("1 stored"));
  store_.ReleaseAll(sent_);
}

TEST_F(BatchStoreTest, WhatIsOnDiskIsTakenBackWhole) {
  sent_.PushBack(Sent(store_, 1, {1, 2}));
  sent_[0]->logged = true;
  store_.Expire(sent_, 1);
  store_.TakeBack(sent_, 1);
  EXPECT_EQ(store_.held_bytes(), 20u);
  store_.Expire(sent_, 2);
  EXPECT_THAT(settled_, ElementsAre("1 unknown", "2 unknown"));
  store_.ReleaseAll(sent_);
}

TEST_F(BatchStoreTest, WhatMayBeOnDiskIsTakenBackAndStaysUnknown) {
  sent_.PushBack(Sent(store_, 1, {1, 2}));
  sent_[0]->on_disk = true;  // a sync of it ended badly
  store_.TakeBack(sent_, 1);
  store_.Expire(sent_, 2);
  EXPECT_THAT(settled_, ElementsAre("1 unknown", "2 unknown"));
  store_.ReleaseAll(sent_);
}

// ---- Memory ------------------------------------------------------------------------------------

TEST_F(BatchStoreTest, WhoShareTheMemoryHoldTogether) {
  BatchStore other(*this, memory_);
  sent_.PushBack(Sent(store_, 1, {1, 2}));
  sent_.PushBack(Sent(other, 1, {3}));
  EXPECT_EQ(store_.held_bytes(), 30u);
  EXPECT_EQ(other.held_bytes(), 30u);
  other.Release(sent_.PopBack());
  EXPECT_EQ(store_.held_bytes(), 20u);
  store_.ReleaseAll(sent_);
  EXPECT_EQ(other.held_bytes(), 0u);
}

TEST_F(BatchStoreTest, ABatchThatOneGivesBackAnotherTakes) {
  BatchStore other(*this, memory_);
  std::unique_ptr<Batch> batch = Sent(store_, 1, {1});
  const Batch* const before = batch.get();
  store_.Release(std::move(batch));
  batch = other.Take(5);
  EXPECT_EQ(batch.get(), before);
  EXPECT_TRUE(batch->empty());
  EXPECT_EQ(batch->opened_ns, 5u);
}

TEST_F(BatchStoreTest, SpareBatchesAreBoundedByWhatTheyKeep) {
  // As many as have room: eight of the largest that are kept at all.
  constexpr size_t kLargest = Batch::kKeptBytesMax;
  std::vector<std::unique_ptr<Batch>> taken;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20; ++i) {
      taken.push_back(memory_->Take());
      taken.back()->bytes().Reserve(kLargest - taken.back()->bytes().size());
    }
    ASSERT_LE(taken.back()->bytes().capacity(), kLargest);
    while (!taken.empty()) {
      memory_->Give(std::move(taken.back()));
      taken.pop_back();
    }
    size_t spare_bytes = 0;
    for (int i = 0; i < 20; ++i) {
      taken.push_back(memory_->Take());
      if (taken.back()->bytes().capacity() >= kLargest / 2) {
        spare_bytes += taken.back()->bytes().capacity();
      }
    }
    EXPECT_GT(spare_bytes, 4 * kLargest) << round;
    EXPECT_LE(spare_bytes, 8 * kLargest) << round << ", also when they go round";
    taken.clear();
  }
}

TEST_F(BatchStoreTest, MoreIsNeverGivenBackThanWasHeld) {
  memory_->Hold(5);
  EXPECT_DEATH(memory_->LetGo(6), "invariant broken");
  memory_->LetGo(5);
}

}  // namespace
}  // namespace sluice
