// IngestHandler and alerts: how they are handed on, counted and sent, and what is still admitted
// when there is no room for other requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/json.h"
#include "unit/gateway/ingest_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kNormal = R"({"device_id":"n","heart_rate":72})";
constexpr const char* kHigh = R"({"device_id":"h","heart_rate":210})";
constexpr const char* kLow = R"({"device_id":"l","heart_rate":30})";

// A budget of 10,000 bytes, of which 2,000 are the reserve.
class UrgentRequestTest : public IngestHandlerTest {
 protected:
  static constexpr size_t kBudget = 10'000;
  static constexpr size_t kReserve = 2'000;
  UrgentRequestTest() : IngestHandlerTest(kBudget, kReserve) {}

  // To the last byte: with requests of normal records, and with bodies that are still to come.
  void FillBulk() {
    while (Ask(Post("/v1/fast", kNormal)).status == 202) {
    }
    while (const size_t room = kBudget - kReserve - inflight_bytes()) {
      Connect().Say("POST /v1/fast HTTP/1.1\r\nHost: g\r\nContent-Length: " +
                    std::to_string(std::min(room, kBodyBytesMax)) + "\r\n\r\n");
    }
  }

  std::vector<std::string> CommittedAlerts() const {
    std::vector<std::string> alerts;
    for (const FakeSink::Request& request : sink.committed) {
      alerts.insert(alerts.end(), request.alerts.begin(), request.alerts.end());
    }
    return alerts;
  }
  uint64_t Shed() const { return stats.shed[static_cast<size_t>(ShedReason::kMemory)].value(); }

  void TearDown() override {
    while (!sink.committed.empty()) sink.Settle(0, Outcome::kStored);
    IngestHandlerTest::TearDown();
  }
};

TEST_F(UrgentRequestTest, EachRuleThatARecordMeetsIsAnAlertAndCounted) {
  Connect().Say(Post("/v1/vitals",
                     "[" + std::string(kNormal) + "," + kHigh + "," + kLow + "," + kHigh + "]"));
  EXPECT_THAT(CommittedAlerts(), ElementsAre("0 h|210", "1 l|30", "0 h|210"));
  ASSERT_THAT(sink.committed, SizeIs(1));
  EXPECT_THAT(sink.committed[0].records, SizeIs(4)) << "all of them are records as ever";
  EXPECT_EQ(stats.routes[0].alerts[0].value(), 2u);
  EXPECT_EQ(stats.routes[0].alerts[1].value(), 1u);
}

TEST_F(UrgentRequestTest, ARefusedRequestRaisesNoAlert) {
  EXPECT_EQ(Ask(Post("/v1/vitals", "[" + std::string(kHigh) + ",{}]")).status, 400);
  EXPECT_THAT(sink.committed, IsEmpty());
  EXPECT_EQ(stats.routes[0].alerts[0].value(), 0u);
  EXPECT_EQ(sink.send_alerts_count, 0u);
}

TEST_F(UrgentRequestTest, AlertsAreSentAtTheEndOfTheReadThatCarriedThem) {
  Client& client = Connect();
  client.Say(Post("/v1/vitals", kNormal));
  EXPECT_EQ(sink.send_alerts_count, 0u);
  client.Say(Post("/v1/vitals", kHigh) + Post("/v1/vitals", kLow) + Post("/v1/vitals", kNormal));
  EXPECT_EQ(sink.send_alerts_count, 1u) << "all of the read together, and no later";
  client.Say(Post("/v1/vitals", kNormal));
  EXPECT_EQ(sink.send_alerts_count, 1u);
}

TEST_F(UrgentRequestTest, ARequestWithAnAlertIsAdmittedWhenOthersAreShed) {
  FillBulk();
  const uint64_t shed = Shed();
  Client& client = Connect();
  client.Say(Post("/v1/vitals", kHigh));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), IsEmpty()) << "taken";
  EXPECT_THAT(CommittedAlerts(), ElementsAre("0 h|210"));
  EXPECT_EQ(Shed(), shed);
  EXPECT_GT(inflight_bytes(), kBudget - kReserve);
}

TEST_F(UrgentRequestTest, OneWithoutIsReadAndShed) {
  FillBulk();
  const uint64_t shed = Shed();
  const uint64_t rollbacks = sink.rollback_count;
  const HttpResponse answer = Ask(Post("/v1/vitals", kNormal));
  EXPECT_EQ(answer.status, 503);
  EXPECT_GE(RetryAfter(answer), 1u);
  EXPECT_EQ(Json::Parse(answer.body).Text("outcome"), "not_stored");
  EXPECT_EQ(Shed(), shed + 1);
  EXPECT_EQ(sink.rollback_count, rollbacks + 1) << "it was decoded";
}

TEST_F(UrgentRequestTest, ABodyTooLargeToLookAtIsShedUnread) {
  FillBulk();
  const uint64_t rollbacks = sink.rollback_count;
  std::string body = std::string(kHigh) + std::string(kUrgentBodyBytesMax, ' ');
  EXPECT_EQ(Ask(Post("/v1/vitals", body)).status, 503);
  EXPECT_EQ(sink.rollback_count, rollbacks);
  body.resize(kUrgentBodyBytesMax);
  Connect().Say(Post("/v1/vitals", body));
  EXPECT_THAT(CommittedAlerts(), SizeIs(1));
}

TEST_F(UrgentRequestTest, AChunkedBodyIsReadUpToThatToo) {
  FillBulk();
  Connect().Say(Chunked("/v1/vitals") + Chunk(kHigh) + "0\r\n\r\n");
  EXPECT_THAT(CommittedAlerts(), SizeIs(1));
  Client& client = Connect();
  client.Say(Chunked("/v1/vitals") + Chunk(std::string(kUrgentBodyBytesMax, ' ')));
  EXPECT_EQ(client.wire->sent, "");
  client.Say(Chunk(" "));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(503));
}

TEST_F(UrgentRequestTest, ARouteWithoutRulesIsShedUnread) {
  FillBulk();
  const uint64_t rollbacks = sink.rollback_count;
  Client& client = Connect();
  client.Say("POST /v1/fast HTTP/1.1\r\nHost: g\r\nContent-Length: 1\r\n\r\n");
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(503)) << "before its body came";
  EXPECT_EQ(sink.rollback_count, rollbacks);
}

TEST_F(UrgentRequestTest, BodiesThatAreSlowToComeLeaveRoomForAlerts) {
  FillBulk();
  const std::string head = "POST /v1/vitals HTTP/1.1\r\nHost: g\r\nContent-Length: 100\r\n\r\n";
  while (inflight_bytes() + 100 <= kBudget - kReserve / 2) Connect().Say(head);
  EXPECT_EQ(inflight_bytes(), kBudget - kReserve / 2) << "charged as announced";
  Client& slow = Connect();
  slow.Say(head + "{");
  Client& chunked = Connect();
  chunked.Say(Chunked("/v1/vitals") + Chunk("{"));
  TurnEnd();
  EXPECT_THAT(slow.Statuses(), ElementsAre(503)) << "half of the reserve is all that they get";
  EXPECT_THAT(chunked.Statuses(), ElementsAre(503));
  slow.Say(std::string(99, ' ') + Post("/v1/vitals", kHigh));
  Connect().Say(Chunked("/v1/vitals") + Chunk(kLow) + "0\r\n\r\n");
  EXPECT_THAT(CommittedAlerts(), ElementsAre("0 h|210", "1 l|30")) << "those came in one read";
}

TEST_F(UrgentRequestTest, TheReserveIsBoundedToo) {
  FillBulk();
  HttpResponse answer;
  size_t taken = 0;
  for (;; ++taken) {
    ASSERT_LT(taken, kReserve);
    Client& client = Connect();
    client.Say(Post("/v1/vitals", kHigh));
    TurnEnd();
    auto answers = client.Answers();
    if (answers.empty()) continue;
    answer = std::move(answers[0]);
    break;
  }
  EXPECT_GT(taken, 0u);
  EXPECT_EQ(answer.status, 503);
  EXPECT_LE(inflight_bytes(), kBudget);
  EXPECT_EQ(stats.routes[0].alerts[0].value(), taken) << "those that were taken";
}

}  // namespace
}  // namespace sluice
