// The limits on time and number that a connection meets, made small enough to be met in a test.
#include "integration/gate_fixture.h"

namespace sluice {
namespace {

class HttpLimitsTest : public GateTest {};

TEST_F(HttpLimitsTest, AnswersALateHeadWith408) {
  StartAll("[http]\nheader_ms = 200\n");
  HttpClient fresh = Connect();
  fresh.Send("POST /v1/vitals HTTP/1.1\r\nHost: ga");
  const HttpResponse response = fresh.ReadResponse();
  EXPECT_TRUE(IsProblem(response, 408));
  EXPECT_TRUE(ClosesConnection(response)) << response.raw;
  EXPECT_TRUE(fresh.ReadClose());

  HttpClient used = Connect();
  EXPECT_TRUE(IsAccepted(used.Post(kVitals, Vital("d", 1)), 1));
  used.Send("P");
  EXPECT_TRUE(IsProblem(used.ReadResponse(), 408));
  EXPECT_TRUE(used.ReadClose());
}

TEST_F(HttpLimitsTest, AnswersALateBodyWith408) {
  StartAll("[http]\nbody_ms = 200\n");
  HttpClient client = Connect();
  const std::string request = PostRequest(kVitals, Vital("d", 1));
  client.Send(request.substr(0, request.size() - 1));
  EXPECT_TRUE(IsProblem(client.ReadResponse(), 408));
  EXPECT_TRUE(client.ReadClose());
  EXPECT_EQ(Length("vitals"), 0);
}

TEST_F(HttpLimitsTest, ClosesAnIdleConnectionWithoutAWord) {
  StartAll("[http]\nidle_ms = 200\n");
  HttpClient silent = Connect();
  EXPECT_TRUE(silent.ReadClose());
  HttpClient used = Connect();
  EXPECT_TRUE(IsAccepted(used.Post(kVitals, Vital("d", 1)), 1));
  EXPECT_TRUE(used.ReadClose());
}

TEST_F(HttpLimitsTest, ShedsConnectionsBeyondTheMost) {
  StartAll("[http]\nconnections_max = 2\n", 1);
  std::optional<HttpClient> first(Connect());
  HttpClient second = Connect();
  EXPECT_TRUE(IsAccepted(first->Post(kVitals, Vital("a", 1)), 1));
  EXPECT_TRUE(IsAccepted(second.Post(kVitals, Vital("b", 2)), 1));

  HttpClient third = Connect();
  const HttpResponse refused = third.Post(kVitals, Vital("c", 3));
  EXPECT_TRUE(IsUnavailable(refused, "not_stored"));
  EXPECT_TRUE(ClosesConnection(refused)) << refused.raw;
  EXPECT_TRUE(third.ReadClose());
  EXPECT_GE(Metrics().Sum("sluice_shed_total", {{"reason", "connections"}}), 1);
  EXPECT_TRUE(IsAccepted(second.Post(kVitals, Vital("d", 4)), 1)) << "a connection from before";

  first.reset();
  EXPECT_TRUE(WaitFor([this] { return Post(kVitals, Vital("e", 5)).status == 200; },
                      "a connection's place to be free again"));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("a", 1), VitalEntry("b", 2),
                                                   VitalEntry("d", 4), VitalEntry("e", 5)}));
}

TEST_F(HttpLimitsTest, CountsWhatItHoldsOpen) {
  StartAll();
  {
    std::vector<HttpClient> clients;
    for (int i = 0; i < 10; ++i) {
      clients.push_back(Connect());
      EXPECT_TRUE(IsAccepted(clients.back().Post(kVitals, Vital("d", i)), 1));
    }
    EXPECT_EQ(Metrics().Sum("sluice_connections"), 10);
  }
  EXPECT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_connections") == 0; },
                      "all connections to be gone"));
}

}  // namespace
}  // namespace sluice
