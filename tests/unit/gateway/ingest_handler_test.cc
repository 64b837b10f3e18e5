// Records, refusals, outcomes and counts; the memory budget is in ingest_admission.cc.
#include "sluice/gateway/ingest_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "support/json.h"
#include "unit/gateway/ingest_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kOne = R"({"device_id":"d-1","heart_rate":61})";

// ---- Records -----------------------------------------------------------------------------------

TEST_F(IngestHandlerTest, CommitsARequestsRecordsAndAnswersWhenTheyAreStored) {
  Client& client = Connect();
  client.Say(Post("/v1/vitals", R"([{"device_id":"a","heart_rate":61.50},{"device_id":"b"}])"));
  TurnEnd();
  EXPECT_EQ(client.wire->sent, "");
  ASSERT_THAT(sink.committed, SizeIs(1));
  EXPECT_EQ(sink.committed[0].stream, 4u);
  EXPECT_THAT(sink.committed[0].records, ElementsAre("a|61.50", "b|-"));
  EXPECT_EQ(sink.committed[0].ticket.deadline_ns, now_ns() + kDeadlineMs * kNsPerMs);
  sink.Settle(0, Outcome::kStored);
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].status, 200);
  EXPECT_EQ(answers[0].body, R"({"success":true,"accepted":2})");
}

TEST_F(IngestHandlerTest, ReadsABodyAsItsContentTypeSays) {
  const std::string lines = "{\"device_id\":\"a\"}\n{\"device_id\":\"b\"}\n";
  Connect().Say(Post("/vitals", lines, "Content-Type: application/x-ndjson\r\n"));
  ASSERT_THAT(sink.committed, SizeIs(1));
  EXPECT_THAT(sink.committed[0].records, ElementsAre("a|-", "b|-"));
  sink.Settle(0, Outcome::kStored);
  Connect().Say(Post("/vitals", kOne, "Content-Type: application/json; charset=utf-8\r\n"));
  EXPECT_EQ(Ask(Post("/vitals", lines, "Content-Type: application/json\r\n")).status, 400);
  ASSERT_THAT(sink.committed, SizeIs(1));
  EXPECT_THAT(sink.committed[0].records, ElementsAre("d-1|61"));
}

TEST_F(IngestHandlerTest, WithAckMemoryAnswers202AndNobodyWaits) {
  Client& client = Connect();
  client.Say(Post("/v1/fast", kOne));
  TurnEnd();
  const auto answers = client.Answers();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].status, 202);
  EXPECT_EQ(answers[0].body, R"({"success":true,"accepted":1})");
  ASSERT_THAT(sink.committed, SizeIs(1));
  EXPECT_EQ(sink.committed[0].stream, 7u);
  EXPECT_EQ(sink.committed[0].ticket.session.index, SlotHandle::kNone);
  EXPECT_EQ(sink.committed[0].ticket.deadline_ns, 0u) << "taken is taken: it may wait for long";
  sink.Settle(0, Outcome::kStored);
  TurnEnd();
  EXPECT_THAT(client.Statuses(), IsEmpty());
  EXPECT_EQ(stats.routes[1].records_stored.value(), 1u);
}

TEST_F(IngestHandlerTest, OneBadRecordRefusesTheRequestAndNamesThePlace) {
  const HttpResponse answer =
      Ask(Post("/v1/vitals", R"([{"device_id":"a"},{"device_id":"b","heart_rate":351},7])"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.Says("Content-Type", "application/problem+json"));
  EXPECT_EQ(answer.Header("Connection"), nullptr) << "the connection goes on";
  const Json body = Json::Parse(answer.body);
  EXPECT_EQ(body.Text("status"), "400");
  EXPECT_EQ(body.Text("outcome"), "not_stored");
  EXPECT_TRUE(body.Find("success")->IsFalse());
  const auto& errors = body.Find("errors")->elements();
  ASSERT_THAT(errors, SizeIs(2));
  EXPECT_EQ(errors[0].Text("index"), "1");
  EXPECT_EQ(errors[0].Text("pointer"), "/1/heart_rate");
  EXPECT_EQ(errors[0].Text("code"), "range");
  EXPECT_FALSE(errors[0].Text("detail").empty());
  EXPECT_EQ(errors[1].Text("index"), "2");
  EXPECT_EQ(sink.rollback_count, 1u);
  EXPECT_THAT(sink.committed, IsEmpty());
  EXPECT_EQ(stats.routes[0].records_accepted.value(), 0u);
}

// ---- What is not taken -------------------------------------------------------------------------

struct Refused {
  const char* bytes;
  int status;
  bool ends;  // the connection
};

class IngestRefusalTest : public IngestHandlerTest, public testing::WithParamInterface<Refused> {};

TEST_P(IngestRefusalTest, IsAnsweredAndNothingIsCommitted) {
  const HttpResponse answer = Ask(GetParam().bytes);
  EXPECT_EQ(answer.status, GetParam().status);
  EXPECT_EQ(answer.Says("Connection", "close"), GetParam().ends);
  EXPECT_TRUE(Json::Parse(answer.body).Find("success")->IsFalse());
  EXPECT_THAT(sink.committed, IsEmpty());
  EXPECT_EQ(inflight_bytes(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    , IngestRefusalTest,
    testing::Values(
        Refused{"POST /none HTTP/1.1\r\nHost: g\r\nContent-Length: 0\r\n\r\n", 404, false},
        Refused{"POST /v1/vitals/ HTTP/1.1\r\nHost: g\r\nContent-Length: 0\r\n\r\n", 404, false},
        Refused{"GET /v1/vitals HTTP/1.1\r\nHost: g\r\n\r\n", 405, false},
        Refused{"PUT /v1/vitals HTTP/1.1\r\nHost: g\r\nContent-Length: 1\r\n\r\n1", 405, false},
        Refused{"POST /v1/vitals HTTP/1.1\r\nHost: g\r\n\r\n", 411, true},
        Refused{"POST /v1/vitals HTTP/1.1\r\nHost: g\r\nContent-Length: 201\r\n\r\n", 413, true},
        Refused{"POST /v1/vitals HTTP/1.1\r\nHost: g\r\nContent-Length: 2\r\n"
                "Content-Type: text/plain\r\n\r\n{}",
                415, false},
        Refused{"POST /v1/vitals HTTP/1.1\r\nHost: g\r\nContent-Length: 2\r\n"
                "Expect: the-unexpected\r\n\r\n{}",
                417, true},
        Refused{"POST /v1/vitals HTTP/1.1\r\nHost: g\r\nContent-Length: 0\r\n\r\n", 400, false},
        Refused{"POST /v1/vitals HTTP/1.1\r\nHost: g\r\nContent-Length: 2\r\n\r\n{}", 400, false},
        Refused{"POST /v1/vitals HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 400, true}));

TEST_F(IngestHandlerTest, AWrongMethodIsToldTheRightOne) {
  EXPECT_TRUE(Ask("GET /v1/vitals HTTP/1.1\r\nHost: g\r\n\r\n").Says("Allow", "POST"));
}

// ---- Outcomes ----------------------------------------------------------------------------------

TEST_F(IngestHandlerTest, WhatTheStoreDidNotTakeIs503AndSaysWhetherItMayBeStored) {
  const std::pair<OutcomeReason, const char*> kRefused[] = {
      {OutcomeReason::kDeadline, "did not take the records in time"},
      {OutcomeReason::kStoreSaid, "refused the records"},
      {OutcomeReason::kDrainEnded, "shutting down; the records were not stored"}};
  for (const auto& [reason, words] : kRefused) {
    const HttpResponse answer = AskAndSettle(Outcome::kRefused, reason);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(Json::Parse(answer.body).Text("outcome"), "not_stored");
    EXPECT_THAT(answer.body, HasSubstr(words));
    EXPECT_GE(RetryAfter(answer), 1u);
  }
  const std::pair<OutcomeReason, const char*> kUnknown[] = {
      {OutcomeReason::kDeadline, "did not confirm the records in time"},
      {OutcomeReason::kReplicas, "Fewer replicas"},
      {OutcomeReason::kStoreSaid, "may or may not be stored"},
      {OutcomeReason::kDrainEnded, "shutting down; the records may or may not be stored"}};
  for (const auto& [reason, words] : kUnknown) {
    const HttpResponse answer = AskAndSettle(Outcome::kUnknown, reason);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(Json::Parse(answer.body).Text("outcome"), "unknown");
    EXPECT_THAT(answer.body, HasSubstr(words));
    EXPECT_GE(RetryAfter(answer), 1u);
  }
}

// ---- Counting ----------------------------------------------------------------------------------

TEST_F(IngestHandlerTest, CountsAnswersAndRecordsByRouteAndOutcome) {
  AskAndSettle(Outcome::kStored, OutcomeReason::kNone);
  AskAndSettle(Outcome::kStored, OutcomeReason::kNone);
  AskAndSettle(Outcome::kRefused, OutcomeReason::kStoreSaid);
  AskAndSettle(Outcome::kUnknown, OutcomeReason::kReplicas);
  Ask(Post("/v1/vitals", "[]"));
  Ask("GET /v1/fast HTTP/1.1\r\nHost: g\r\n\r\n");
  Ask(Post("/v1/fast", kOne));
  Ask("GET /none HTTP/1.1\r\nHost: g\r\n\r\n");
  Ask("nonsense\r\n\r\n");
  EXPECT_EQ(Count(200), 2u);
  EXPECT_EQ(Count(503), 2u);
  EXPECT_EQ(Count(400), 1u);
  EXPECT_EQ(Count(405, 1), 1u);
  EXPECT_EQ(Count(202, 1), 1u);
  EXPECT_EQ(stats.unmatched().requests[404].value(), 1u);
  const RouteStats& route = stats.routes[0];
  EXPECT_EQ(route.records_accepted.value(), 4u);
  EXPECT_EQ(route.records_stored.value(), 2u);
  EXPECT_EQ(route.records_refused.value(), 1u);
  EXPECT_EQ(route.records_unknown.value(), 1u);
}

TEST_F(IngestHandlerTest, MeasuresARequestFromItsFirstByteToItsAnswer) {
  Client& client = Connect();
  const std::string bytes = Post("/v1/vitals", kOne);
  client.Say(bytes.substr(0, 10));
  Pass(30);
  client.Say(bytes.substr(10));
  Pass(12);
  sink.Settle(0, Outcome::kStored);
  TurnEnd();
  EXPECT_EQ(stats.routes[0].request_ns.sum(), 42 * kNsPerMs);
}

TEST_F(IngestHandlerTest, AClientThatLeftDoesNotChangeWhatBecomesOfItsRecords) {
  Client& client = Connect();
  client.Say(Post("/v1/vitals", kOne));
  client.wire->FinishClose("connection reset by peer");
  sink.Settle(0, Outcome::kStored);
  TurnEnd();
  EXPECT_EQ(stats.routes[0].records_stored.value(), 1u);
  EXPECT_EQ(Count(200), 0u) << "nobody was answered";
}

}  // namespace
}  // namespace sluice
