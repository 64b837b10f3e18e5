#include "redis/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kMulti = "*1\r\n$5\r\nMULTI\r\n";

// A batch's bytes need not be commands for it to move them about.
void Add(Batch& batch, uint32_t id, std::string_view bytes, uint32_t records = 1) {
  batch.bytes().Append(bytes);
  batch.Add({.session = {}, .answer = id, .records = records}, bytes.size(), records);
}

std::vector<uint32_t> Ids(Batch& batch) {
  std::vector<uint32_t> ids;
  for (const Claim& claim : batch.claims()) ids.push_back(claim.ticket.answer);
  return ids;
}

// The bytes behind MULTI.
std::string Body(Batch& batch) {
  EXPECT_TRUE(batch.bytes().view().starts_with(kMulti));
  return std::string(batch.bytes().view().substr(Batch::head_bytes()));
}

TEST(Batch, OpensWithMultiAndNobodysBytes) {
  Batch batch;
  EXPECT_EQ(batch.bytes().view(), kMulti);
  EXPECT_EQ(Batch::head_bytes(), kMulti.size());
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.claimed_bytes(), 0u);
}

TEST(Batch, CountsTheRecordsAndBytesOfItsClaims) {
  Batch batch;
  Add(batch, 1, "aaa", 2);
  Add(batch, 2, "bbbb", 3);
  EXPECT_EQ(batch.records(), 5u);
  EXPECT_EQ(batch.claimed_bytes(), 7u);
  EXPECT_FALSE(batch.empty());
}

TEST(Batch, SealsWithTheLedgersNumberAndExec) {
  Batch batch;
  Add(batch, 1, "aaa");
  batch.sequence = UINT64_MAX;
  batch.Seal(
      {.key = "sluice:ledger:1", .ttl_seconds = 86'400, .replicas = 0, .replica_wait_ms = 1});
  EXPECT_TRUE(batch.finished());
  EXPECT_EQ(Body(batch),
            "aaa*4\r\n$8\r\nSETRANGE\r\n$15\r\nsluice:ledger:1\r\n$3\r\n300\r\n"
            "$20\r\n18446744073709551615\r\n"
            "*3\r\n$6\r\nEXPIRE\r\n$15\r\nsluice:ledger:1\r\n$5\r\n86400\r\n*1\r\n$4\r\nEXEC\r\n");
}

TEST(Batch, WaitsForReplicasBehindExec) {
  Batch batch;
  Add(batch, 1, "aaa");
  batch.sequence = 7;
  batch.Seal({.key = "ledger", .ttl_seconds = 60, .replicas = 2, .replica_wait_ms = 500});
  EXPECT_TRUE(Body(batch).ends_with("EXEC\r\n*3\r\n$4\r\nWAIT\r\n$1\r\n2\r\n$3\r\n500\r\n"));
  EXPECT_EQ(batch.command_bytes(), "aaa");
}

TEST(Batch, IsAsBeforeItWasSealedUnderTheSameNumber) {
  const LedgerOptions ledger = {
      .key = "ledger", .ttl_seconds = 60, .replicas = 1, .replica_wait_ms = 500};
  Batch batch;
  Add(batch, 1, "aaa");
  Add(batch, 2, "bbbb");
  batch.sequence = 7;
  batch.Seal(ledger);
  const std::string sealed = Body(batch);
  batch.Unseal();
  EXPECT_EQ(Body(batch), "aaabbbb");
  EXPECT_FALSE(batch.sealed());
  EXPECT_TRUE(batch.finished()) << "no more requests";
  EXPECT_EQ(batch.sequence, 7u);
  batch.Seal(ledger);
  EXPECT_EQ(Body(batch), sealed);
  batch.Unseal();
  batch.claims()[0].settled = true;
  EXPECT_EQ(batch.TakeOutSettled(), 3u);
  batch.Seal(ledger);
  EXPECT_EQ(Body(batch), sealed.substr(3));
  EXPECT_DEATH(batch.Seal(ledger), "invariant broken");
}

TEST(Batch, WhatComesFromTheLogHasOneClaimThatIsSettled) {
  Batch batch;
  batch.Load({.ledger = "l", .sequence = 9, .records = 5, .commands = 3, .bytes = "aaabbb"});
  EXPECT_EQ(batch.command_bytes(), "aaabbb");
  EXPECT_EQ(batch.records(), 5u);
  EXPECT_EQ(batch.commands(), 3u);
  EXPECT_EQ(batch.sequence, 9u);
  EXPECT_TRUE(batch.logged && batch.claims().front().settled);
}

TEST(Batch, ItsLastClaimCanMoveBehindAnothersOwn) {
  Batch batch;
  Add(batch, 1, "aaa", 2);
  Add(batch, 2, "bbbb", 3);
  Batch next;
  Add(next, 3, "c");
  batch.MoveLastTo(next);
  EXPECT_EQ(Body(batch), "aaa");
  EXPECT_THAT(Ids(batch), ElementsAre(1));
  EXPECT_EQ(batch.records(), 2u);
  EXPECT_EQ(Body(next), "cbbbb");
  EXPECT_THAT(Ids(next), ElementsAre(3, 2));
  EXPECT_EQ(next.records(), 4u);
}

TEST(Batch, ACopiedClaimStartsWithoutTheFailuresOfItsFirstSending) {
  Batch batch;
  Add(batch, 1, "aaa");
  Add(batch, 2, "bbbb", 3);
  batch.claims()[1].failures = 2;
  Batch again;
  batch.CopyTo(again, 1, Batch::head_bytes() + 3);
  EXPECT_EQ(Body(again), "bbbb");
  EXPECT_EQ(again.records(), 3u);
  EXPECT_EQ(again.claims()[0].failures, 0u);
  EXPECT_EQ(Body(batch), "aaabbbb");
}

TEST(Batch, TakesOutTheSettledClaimsWhereverTheyStand) {
  for (uint32_t settled = 0; settled < 16; ++settled) {
    Batch batch;
    std::string rest;
    std::vector<uint32_t> rest_ids;
    size_t taken_bytes = 0;
    for (uint32_t i = 0; i < 4; ++i) {
      const std::string bytes(3 + i, static_cast<char>('a' + i));
      Add(batch, i, bytes, i + 1);
      batch.claims()[i].settled = (settled >> i & 1) != 0;
      if (batch.claims()[i].settled) {
        taken_bytes += bytes.size();
      } else {
        rest += bytes;
        rest_ids.push_back(i);
      }
    }
    EXPECT_EQ(batch.TakeOutSettled(), taken_bytes) << settled;
    EXPECT_EQ(Body(batch), rest) << settled;
    EXPECT_EQ(Ids(batch), rest_ids) << settled;
    uint32_t records = 0;
    for (const uint32_t id : rest_ids) records += id + 1;
    EXPECT_EQ(batch.records(), records) << settled;
  }
}

TEST(Batch, IsAsGoodAsNewAfterReset) {
  Batch batch;
  Add(batch, 1, "aaa");
  batch.sequence = 1;
  batch.Seal({.key = "ledger", .ttl_seconds = 1, .replicas = 0, .replica_wait_ms = 1});
  batch.opened_ns = batch.sent_ns = 5;
  batch.exposed = batch.logged = batch.logging = batch.on_disk = true;
  batch.Reset();
  EXPECT_EQ(Body(batch), "");
  EXPECT_THAT(Ids(batch), IsEmpty());
  EXPECT_EQ(batch.records(), 0u);
  EXPECT_FALSE(batch.finished());
  EXPECT_EQ(batch.opened_ns + batch.sent_ns + batch.sequence, 0u);
  EXPECT_FALSE(batch.sealed() || batch.exposed || batch.logged || batch.logging || batch.on_disk);
}

TEST(Batch, GivesBackWhatALargeClaimThatLeftItHadNeeded) {
  const std::string large(2 * Batch::kKeptBytesMax, 'l');
  Batch moved;
  Add(moved, 1, "aaa");
  Add(moved, 2, large);
  Batch other;
  moved.MoveLastTo(other);
  Batch expired;
  Add(expired, 1, "aaa");
  Add(expired, 2, large);
  expired.claims()[1].settled = true;
  expired.TakeOutSettled();
  Batch rolled_back;
  Add(rolled_back, 1, "aaa");
  const size_t begin = rolled_back.bytes().size();
  rolled_back.bytes().Append(large);
  rolled_back.bytes().Truncate(begin);
  rolled_back.GiveBackSpare();
  for (Batch* batch : {&moved, &expired, &rolled_back}) {
    EXPECT_LE(batch->bytes().capacity(), Batch::kKeptBytesMax);
    EXPECT_EQ(Body(*batch), "aaa");
    EXPECT_THAT(Ids(*batch), ElementsAre(1));
  }
}

TEST(Batch, GivesAnUncommonlyLargeBufferBack) {
  Batch batch;
  Add(batch, 1, std::string(Batch::kKeptBytesMax, 'a'));
  batch.Reset();
  EXPECT_LT(batch.bytes().capacity(), Batch::kKeptBytesMax);
  EXPECT_EQ(Body(batch), "");
}

}  // namespace
}  // namespace sluice
