#include "redis/ledger.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/redis/scripted_redis.h"

namespace sluice {
namespace {

// What the commands of these batches, run in this order, leave in the key.
std::string Written(std::initializer_list<uint64_t> sequences) {
  const LedgerOptions ledger{.key = "l", .ttl_seconds = 60, .replicas = 0, .replica_wait_ms = 1};
  std::string value;
  for (const uint64_t sequence : sequences) {
    Buffer out;
    AppendLedgerWrite(ledger, sequence, out);
    std::string_view rest = out.view();
    const RedisCommand write = TakeCommand(rest);
    EXPECT_EQ(TakeCommand(rest), (RedisCommand{"EXPIRE", "l", "60"}));
    EXPECT_EQ(rest, "");
    EXPECT_EQ(write[0] + " " + write[1], "SETRANGE l");
    const size_t at = std::stoull(write[2]);
    if (value.size() < at + write[3].size()) value.resize(at + write[3].size(), '\0');
    value.replace(at, write[3].size(), write[3]);
  }
  return value;
}

TEST(Ledger, WrittenThroughANumberItCountsAllUpToItAndNoMore) {
  const LedgerOptions ledger{.key = "l", .ttl_seconds = 60, .replicas = 0, .replica_wait_ms = 1};
  for (const uint64_t last : {UINT64_C(2), UINT64_C(15), UINT64_C(16), UINT64_C(1'000)}) {
    Buffer out;
    AppendLedgerWriteThrough(ledger, last, out);
    std::string_view rest = out.view();
    const RedisCommand write = TakeCommand(rest);
    ASSERT_EQ(write[2], "0");
    const auto committed = CommittedBatches::Parse(write[3]);
    ASSERT_TRUE(committed);
    for (uint64_t n = 1; n <= last; ++n) EXPECT_TRUE(committed->Has(n)) << n << " of " << last;
    for (uint64_t n = 1; n <= 20; ++n) EXPECT_FALSE(committed->Has(last + n)) << n << " behind";
  }
}

TEST(Ledger, WhatIsWrittenIsReadBack) {
  const auto committed = CommittedBatches::Parse(Written({1, 3, 15, 16, 18, UINT64_MAX}));
  ASSERT_TRUE(committed);
  for (const uint64_t sequence :
       {UINT64_C(1), UINT64_C(3), UINT64_C(16), UINT64_C(18), UINT64_MAX}) {
    EXPECT_TRUE(committed->Has(sequence)) << sequence;
  }
  for (const uint64_t sequence : {4, 17, 19, 32, 34}) {
    EXPECT_FALSE(committed->Has(sequence)) << sequence;
  }
}

TEST(Ledger, ARefusedBatchShowsBetweenCommittedOnes) {
  const auto committed = CommittedBatches::Parse(Written({7, 9}));
  EXPECT_TRUE(committed->Has(7));
  EXPECT_FALSE(committed->Has(8));
  EXPECT_TRUE(committed->Has(9));
}

TEST(Ledger, ASlotThatWentOnCountsWhatItHeldBefore) {
  const auto committed = CommittedBatches::Parse(Written({5, 5 + kLedgerSlots}));
  EXPECT_TRUE(committed->Has(5));
  EXPECT_TRUE(committed->Has(5 + kLedgerSlots));
  EXPECT_FALSE(committed->Has(5 + 2 * kLedgerSlots));
}

TEST(Ledger, AnEmptyOneCountsNothing) {
  const auto committed = CommittedBatches::Parse("");
  ASSERT_TRUE(committed);
  EXPECT_FALSE(committed->Has(1));
}

TEST(Ledger, WhatIsNoLedgerIsNotReadAsOne) {
  EXPECT_FALSE(CommittedBatches::Parse("41"));
  EXPECT_FALSE(CommittedBatches::Parse("0000000000000000004x"));
  EXPECT_FALSE(CommittedBatches::Parse("99999999999999999999"));
  EXPECT_FALSE(CommittedBatches::Parse(std::string((kLedgerSlots + 1) * 20, '0')));
}

}  // namespace
}  // namespace sluice
