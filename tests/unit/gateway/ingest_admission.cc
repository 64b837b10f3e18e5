// IngestHandler's memory budget: what is charged, refused and given back, and when a client that
// was refused is told to come again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "support/json.h"
#include "unit/gateway/ingest_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kOne = R"({"device_id":"d-1","heart_rate":61})";

// ---- Bodies and records ------------------------------------------------------------------------

TEST_F(IngestHandlerTest, ABodyIsAdmittedByItsAnnouncedLengthBeforeItComes) {
  const std::string head = "POST /v1/vitals HTTP/1.1\r\nHost: g\r\nContent-Length: 200\r\n\r\n";
  Client& first = Connect();
  first.Say(head);
  Connect().Say(head);
  EXPECT_EQ(inflight_bytes(), 400u);
  Client& third = Connect();
  third.Say(head);
  TurnEnd();
  const auto answers = third.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].status, 503);
  EXPECT_GE(RetryAfter(answers[0]), 1u);
  EXPECT_EQ(Json::Parse(answers[0].body).Text("outcome"), "not_stored");
  EXPECT_EQ(answers[0].Header("Connection"), nullptr) << "shed on the live connection";
  EXPECT_EQ(stats.shed[static_cast<size_t>(ShedReason::kMemory)].value(), 1u);
  first.wire->FinishClose("connection reset by peer");
  EXPECT_EQ(inflight_bytes(), 200u);
  third.Say(std::string(200, ' ') + Post("/v1/vitals", kOne));
  EXPECT_THAT(sink.committed, SizeIs(1));
}

TEST_F(IngestHandlerTest, AChunkedBodyIsAdmittedAsItGrows) {
  Client& one = Connect();
  one.Say(Chunked("/v1/vitals") + Chunk(std::string(150, ' ')));
  Client& two = Connect();
  two.Say(Chunked("/v1/vitals") + Chunk(std::string(200, ' ')));
  EXPECT_EQ(inflight_bytes(), 350u);
  Client& three = Connect();
  three.Say(Chunked("/v1/vitals") + Chunk(std::string(150, ' ')));
  EXPECT_EQ(inflight_bytes(), 500u);
  one.Say(Chunk(" "));
  TurnEnd();
  EXPECT_THAT(one.Statuses(), ElementsAre(503));
  EXPECT_EQ(inflight_bytes(), 350u) << "what was charged for it is free again";
  three.Say(Chunk(kOne) + "0\r\n\r\n");
  EXPECT_THAT(sink.committed, SizeIs(1));
  EXPECT_EQ(inflight_bytes(), 200u + 5 + kRequestOverheadBytes);
}

TEST_F(IngestHandlerTest, AChunkedBodyOverTheMostIsRefusedWhenItGetsThere) {
  Client& client = Connect();
  client.Say(Chunked("/v1/vitals") + Chunk(std::string(200, ' ')));
  EXPECT_EQ(client.wire->sent, "");
  client.Say(Chunk(" "));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(413));
  EXPECT_EQ(inflight_bytes(), 0u);
  EXPECT_TRUE(client.wire->write_finished);
}

TEST_F(IngestHandlerTest, RecordsAreAdmittedOnceMoreAsTheStoresBytes) {
  constexpr size_t kRoomBytes = kBudgetBytes - kRequestOverheadBytes;  // for one request's records
  CostlySink never(sink, kRoomBytes);
  set_sink(never);
  EXPECT_EQ(Ask(Post("/v1/vitals", R"({"device_id":"1"})")).status, 413) << "it can never fit";
  CostlySink costly(sink, kRoomBytes - 5);
  set_sink(costly);
  Connect().Say(Post("/v1/vitals", R"({"device_id":"12345"})"));
  ASSERT_THAT(sink.committed, SizeIs(1));
  EXPECT_EQ(inflight_bytes(), 5 + kRequestOverheadBytes);
  const HttpResponse answer = Ask(Post("/v1/vitals", R"({"device_id":"1"})"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_GE(RetryAfter(answer), 1u);
  EXPECT_EQ(stats.shed[static_cast<size_t>(ShedReason::kMemory)].value(), 1u);
  EXPECT_EQ(sink.rollback_count, 2u);
  sink.Settle(0, Outcome::kStored);
  EXPECT_EQ(inflight_bytes(), 0u);
  Connect().Say(Post("/v1/vitals", R"({"device_id":"1"})"));
  EXPECT_THAT(sink.committed, SizeIs(1));
  sink.Settle(0, Outcome::kStored);
  set_sink(sink);
}

TEST_F(IngestHandlerTest, ARequestIsChargedWhatItsBookkeepingTakesUntilItIsSettled) {
  Connect().Say(Post("/v1/fast", R"({"device_id":"1"})"));
  EXPECT_EQ(inflight_bytes(), 1 + kRequestOverheadBytes);
  EXPECT_EQ(Ask(Post("/v1/fast", R"({"device_id":"1"})")).status, 503) << "not room for two";
  sink.Settle(0, Outcome::kUnknown, OutcomeReason::kDeadline);
  EXPECT_EQ(inflight_bytes(), 0u);
}

TEST_F(IngestHandlerTest, IsRefusedBeforeItIsToldToGoOn) {
  const std::string head =
      "POST /v1/vitals HTTP/1.1\r\nHost: g\r\nContent-Length: 200\r\nExpect: 100-continue\r\n\r\n";
  Connect().Say(head);
  Connect().Say(head);
  Client& third = Connect();
  third.Say(head);
  TurnEnd();
  EXPECT_THAT(third.Statuses(), ElementsAre(503)) << "and no 100 before it";
}

// ---- What waits unread -------------------------------------------------------------------------

TEST_F(IngestHandlerTest, BytesBehindAFullPipelineAreChargedWhileTheyWait) {
  Client& client = Connect();
  std::string requests;
  for (uint32_t i = 0; i < kPipelineMax; ++i) requests += Post("/none", "");
  const std::string behind = Post("/none", std::string(100, ' '));
  client.Say(requests + behind);
  EXPECT_FALSE(client.wire->reading);
  EXPECT_EQ(inflight_bytes(), behind.size() + kJsonPaddingBytes);
  TurnEnd();
  EXPECT_EQ(inflight_bytes(), 0u);
  EXPECT_TRUE(client.wire->reading);
  EXPECT_THAT(client.Statuses(), SizeIs(kPipelineMax + 1));
}

TEST_F(IngestHandlerTest, BytesThatTheBudgetCannotHoldEndTheConnectionBehindTheAnswersOwed) {
  Client& client = Connect();
  std::string requests;
  for (uint32_t i = 0; i < kPipelineMax; ++i) requests += Post("/none", "");
  client.Say(requests + Post("/none", std::string(kBudgetBytes, ' ')));
  EXPECT_EQ(inflight_bytes(), 0u);
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(kPipelineMax));
  EXPECT_TRUE(answers.back().Says("Connection", "close")) << "the rest may be sent again";
  EXPECT_TRUE(client.wire->write_finished);
  EXPECT_EQ(stats.shed[static_cast<size_t>(ShedReason::kMemory)].value(), 1u);
}

TEST_F(IngestHandlerTest, WhatAClientThatLeftHadWaitingIsFree) {
  Client& client = Connect();
  std::string requests;
  for (uint32_t i = 0; i < kPipelineMax; ++i) requests += Post("/none", "");
  client.Say(requests + Post("/none", "more"));
  EXPECT_GT(inflight_bytes(), 0u);
  client.wire->FinishClose("connection reset by peer");
  EXPECT_EQ(inflight_bytes(), 0u);
}

// ---- Retry-After -------------------------------------------------------------------------------

TEST_F(IngestHandlerTest, RetryAfterIsSpreadUpwards) {
  std::set<uint64_t> seconds;
  for (int i = 0; i < 50; ++i) {
    seconds.insert(RetryAfter(AskAndSettle(Outcome::kRefused, OutcomeReason::kDeadline)));
  }
  EXPECT_THAT(seconds, ElementsAre(5, 6, 7)) << "nothing was ever confirmed";
}

TEST_F(IngestHandlerTest, RetryAfterIsHowLongTheStoreNeedsForWhatItHolds) {
  Sweep();
  Connect().Say(Post("/v1/fast", R"({"device_id":"1"})"));
  sink.Settle(0, Outcome::kStored);
  Sweep();  // a byte in 100 ms: ten a second
  Connect().Say(Post("/v1/fast", R"({"device_id":")" + std::string(90, 'd') + "\"}"));
  std::set<uint64_t> seconds;
  for (int i = 0; i < 200; ++i) {
    seconds.insert(RetryAfter(Ask(Post("/v1/fast", R"({"device_id":"1"})"))));
  }
  EXPECT_THAT(seconds, ElementsAre(9, 10, 11, 12, 13));
}

}  // namespace
}  // namespace sluice
