// Redis absent, slow or gone in the middle: requests wait for it up to their deadline, and each is
// told the truth: stored, not stored, or unknown.
#include <algorithm>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

class RedisLossTest : public TcpRedisTest {};

constexpr char kShortDeadline[] = "[delivery]\ndeadline_ms = 300\n";

TEST_F(RedisLossTest, RequestsWaitForARedisThatArrivesInTime) {
  StartGate("", 1);
  HttpClient client = Connect();
  client.Send(PostRequest(kVitals, Vital("a", 1)) + PostRequest(kVitals, Vital("b", 2)));
  ASSERT_TRUE(WaitInflight());
  redis_.Start();
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("a", 1), VitalEntry("b", 2)}));
}

TEST_F(RedisLossTest, RequestsPastTheirDeadlineAreNotStoredLater) {
  StartGate(kShortDeadline, 1);
  HttpClient client = Connect();
  const HttpResponse late = client.Post(kVitals, Vital("late", 1));
  EXPECT_TRUE(IsUnavailable(late, "not_stored"));
  EXPECT_FALSE(ClosesConnection(late)) << late.raw;
  redis_.Start();
  ASSERT_TRUE(WaitReady());
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("good", 2)), 1));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("good", 2)}));
  const LedgerLine ledger = StopGate();
  EXPECT_EQ(ledger.stored, 1u);
  EXPECT_EQ(ledger.refused, 1u);
}

TEST_F(RedisLossTest, ABatchInFlightWhenRedisDiesIsUnknownAtItsDeadlineAndSentAgainAllTheSame) {
  StartAllOnTcp(kShortDeadline);
  redis_.Pause();
  HttpClient client = Connect();
  client.Send(PostRequest(kVitals, Vital("a", 1)));
  ASSERT_TRUE(WaitBatchSent());
  redis_.Kill();
  EXPECT_TRUE(IsUnavailable(client.ReadResponse(), "unknown"));
  redis_.Start();
  ASSERT_TRUE(WaitReady());
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("b", 2)), 1));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("a", 1), VitalEntry("b", 2)}));
  EXPECT_GE(Metrics().Sum("sluice_redis_reconnects_total"), 1);
  const LedgerLine ledger = StopGate();
  EXPECT_EQ(ledger.stored, 1u);
  EXPECT_EQ(ledger.unknown, 1u);
}

TEST_F(RedisLossTest, WhatWaitsBehindAFullWindowSurvivesTheLoss) {
  StartAllOnTcp("[delivery]\nwindow = 1\n");
  redis_.Pause();
  HttpClient sent = Connect();
  sent.Send(PostRequest(kVitals, Vital("sent", 1)));
  ASSERT_TRUE(WaitBatchSent());
  const double held_before = Metrics().Sum("sluice_inflight_bytes");
  HttpClient waiting = Connect();
  waiting.Send(PostRequest(kVitals, Vital("waiting", 2)));
  ASSERT_TRUE(WaitFor([&] { return Metrics().Sum("sluice_inflight_bytes") > held_before; },
                      "the second request to be taken"));
  redis_.Kill();
  redis_.Start();
  EXPECT_TRUE(IsAccepted(sent.ReadResponse(), 1));
  EXPECT_TRUE(IsAccepted(waiting.ReadResponse(), 1));
  EXPECT_EQ(Stored("vitals"),
            (std::vector<Fields>{VitalEntry("sent", 1), VitalEntry("waiting", 2)}));
}

TEST_F(RedisLossTest, ReadinessFollowsRedis) {
  StartAllOnTcp();
  EXPECT_EQ(Metrics().Sum("sluice_redis_up"), 1);
  redis_.Kill();
  ASSERT_TRUE(WaitNotReady());
  EXPECT_EQ(Admin("/healthz").status, 200);
  EXPECT_EQ(Metrics().Sum("sluice_redis_up"), 0);
  redis_.Start();
  ASSERT_TRUE(WaitReady());
}

TEST_F(RedisLossTest, ManyRestartsLoseNothingThatWasAnswered) {
  StartAllOnTcp();
  HttpClient client = Connect();
  for (int round = 0; round < 3; ++round) {
    redis_.Kill();
    redis_.Start();
    // Posted before the link is back: it waits.
    EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("d", round)), 1));
    EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("d", round)}));
  }
}

TEST_F(RedisLossTest, ASentRequestIsUnknownAtItsDeadline) {
  StartAllOnTcp(kShortDeadline);
  redis_.Pause();
  HttpClient client = Connect();
  const HttpResponse late = client.Post(kVitals, Vital("late", 1));
  EXPECT_TRUE(IsUnavailable(late, "unknown"));
  EXPECT_FALSE(ClosesConnection(late)) << late.raw;
  redis_.Continue();
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("good", 2)), 1));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("late", 1), VitalEntry("good", 2)}))
      << "the link was not lost, so what was sent is there in its order";
}

TEST_F(RedisLossTest, ASilentRedisCostsTheLink) {
  StartAllOnTcp("[delivery]\ndeadline_ms = 200\n[redis]\nreply_ms = 400\nconnect_ms = 300\n");
  redis_.Pause();
  HttpClient client = Connect();
  EXPECT_TRUE(IsUnavailable(client.Post(kVitals, Vital("a", 1)), "unknown"));
  ASSERT_TRUE(WaitNotReady());
  EXPECT_TRUE(IsUnavailable(client.Post(kVitals, Vital("b", 2)), "not_stored"));
  redis_.Continue();
  ASSERT_TRUE(WaitReady());
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("c", 3)), 1));
  const std::vector<Fields> stored = Stored("vitals");
  EXPECT_EQ(std::count(stored.begin(), stored.end(), VitalEntry("b", 2)), 0);
  EXPECT_EQ(stored.back(), VitalEntry("c", 3));
}

TEST_F(RedisLossTest, WhatAClientSentBeforeItVanishedIsStored) {
  StartAllOnTcp();
  redis_.Pause();
  {
    HttpClient client = Connect();
    client.Send(PostRequest(kVitals, Vital("gone", 1)));
    ASSERT_TRUE(WaitBatchSent());
    client.Reset();
  }
  ASSERT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_connections") == 0; },
                      "the client to be gone"));
  redis_.Continue();
  EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("next", 2)), 1));
  EXPECT_EQ(Length("vitals"), 2);
  EXPECT_EQ(StopGate().stored, 2u);
}

}  // namespace
}  // namespace sluice
