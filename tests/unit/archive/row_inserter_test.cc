#include "archive/row_inserter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "support/fake_clock.h"

namespace sluice {
namespace {

// Takes all rows of a call or none; refuses calls that hold one of `bad`, fails at call `fails_at`.
class FakeDatabase final : public Database {
 public:
  Status Use(const Table&) override { return {}; }
  Insertion Insert(std::span<const Row> rows) override {
    ++calls;
    most = std::max(most, rows.size());
    if (calls == fails_at) return {Insertion::Outcome::kFailed, "gone"};
    for (const Row& row : rows) {
      if (bad.contains(row.entry_id)) return {Insertion::Outcome::kRefused, "not " + row.entry_id};
    }
    for (const Row& row : rows) stored.insert(row.entry_id);
    return {};
  }

  std::set<std::string> bad;
  std::set<std::string> stored;
  size_t calls = 0;
  size_t most = 0;  // rows of a call
  size_t fails_at = 0;
};

class RowInserterTest : public testing::Test {
 protected:
  explicit RowInserterTest() {
    for (size_t i = 0; i < 100; ++i) rows_.push_back({std::to_string(i), {}});
  }
  Insertion::Outcome Insert() {
    refused_.clear();
    return InsertRows(database_, rows_, rows_max_, clock_, stats_, refused_).outcome;
  }

  FakeDatabase database_;
  FakeClock clock_;
  ArchiveStats stats_{"s"};
  std::vector<Row> rows_;
  std::vector<RefusedRow> refused_;
  size_t rows_max_ = 100;
};

TEST_F(RowInserterTest, SoundRowsAreOneTransaction) {
  EXPECT_EQ(Insert(), Insertion::Outcome::kDone);
  EXPECT_EQ(database_.calls, 1u);
  EXPECT_EQ(database_.stored.size(), 100u);
  EXPECT_TRUE(refused_.empty());
}

TEST_F(RowInserterTest, NoTransactionHasMoreRowsThanItMay) {
  rows_max_ = 30;
  database_.bad = {"30", "99"};
  EXPECT_EQ(Insert(), Insertion::Outcome::kDone);
  EXPECT_EQ(database_.stored.size(), 98u);
  EXPECT_EQ(database_.most, 30u);
  ASSERT_EQ(refused_.size(), 2u);
  EXPECT_EQ(refused_[0].place, 30u);
  EXPECT_EQ(refused_[1].place, 99u);
}

TEST_F(RowInserterTest, NoRowsAreNoTransaction) {
  rows_.clear();
  EXPECT_EQ(Insert(), Insertion::Outcome::kDone);
  EXPECT_EQ(database_.calls, 0u);
}

TEST_F(RowInserterTest, EachRefusedRowIsFoundWhereverItIs) {
  for (size_t i = 0; i < rows_.size(); ++i) {
    database_ = FakeDatabase();
    database_.bad = {std::to_string(i)};
    EXPECT_EQ(Insert(), Insertion::Outcome::kDone);
    ASSERT_EQ(refused_.size(), 1u);
    EXPECT_EQ(refused_[0].place, i);
    EXPECT_EQ(refused_[0].reason, "not " + std::to_string(i));
    EXPECT_EQ(database_.stored.size(), 99u);
    EXPECT_LE(database_.calls, 15u) << "two halves for each of the 7 levels, and the whole";
  }
}

TEST_F(RowInserterTest, ManyRefusedRowsLeaveTheOthers) {
  for (size_t i = 0; i < rows_.size(); i += 3) database_.bad.insert(std::to_string(i));
  EXPECT_EQ(Insert(), Insertion::Outcome::kDone);
  EXPECT_EQ(refused_.size(), 34u);
  EXPECT_TRUE(
      std::is_sorted(refused_.begin(), refused_.end(),
                     [](const RefusedRow& a, const RefusedRow& b) { return a.place < b.place; }));
  EXPECT_EQ(database_.stored.size(), 66u);
}

TEST_F(RowInserterTest, AFailureAtAnyCallIsTold) {
  database_.bad = {"41"};
  ASSERT_EQ(Insert(), Insertion::Outcome::kDone);
  const size_t calls = database_.calls;
  for (size_t at = 1; at <= calls; ++at) {
    database_ = FakeDatabase();
    database_.bad = {"41"};
    database_.fails_at = at;
    EXPECT_EQ(Insert(), Insertion::Outcome::kFailed) << at;
    EXPECT_EQ(database_.calls, at) << "nothing is tried behind a failure";
  }
}

}  // namespace
}  // namespace sluice
