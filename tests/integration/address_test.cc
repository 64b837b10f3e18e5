// What an address may take of a gate: connections, and records that no token answers for. All
// clients here are one address.
#include <gmock/gmock.h>

#include <vector>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

using testing::AnyOf;

class AddressTest : public GateTest {
 protected:
  double Limited() const {
    return Metrics().Sum("sluice_rate_limited_total", {{"limit", "address_records"}});
  }
};

TEST_F(AddressTest, HasSoManyConnectionsOverAllWorkers) {
  StartAll("[http]\naddress_connections_max = 3\nworkers = 2\n");
  std::vector<HttpClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(Connect());
    clients.back().Send(PostRequest(kVitals, Vital("d", 1)));
    EXPECT_TRUE(IsAccepted(clients.back().ReadResponse(), 1));
  }
  HttpClient refused = Connect();
  const HttpResponse answer = refused.ReadResponse();
  EXPECT_TRUE(IsProblem(answer, 429));
  EXPECT_TRUE(answer.Says("Connection", "close"));
  EXPECT_NE(answer.Header("Retry-After"), nullptr);
  EXPECT_EQ(Metrics().Sum("sluice_shed_total", {{"reason", "address_connections"}}), 1);
  clients.pop_back();
  EXPECT_TRUE(WaitFor(
      [&] {
        HttpClient next = Connect();
        next.Send(PostRequest(kVitals, Vital("d", 2)));
        return next.ReadResponse().status == 200;
      },
      "a place to be free again"));
}

TEST_F(AddressTest, HasItsRateOverAllWorkers) {
  StartAll("[http]\naddress_records_per_second = 20\nworkers = 2\n");
  std::string sixty = "[" + Vital("d", 1);
  for (int i = 2; i <= 60; ++i) sixty += "," + Vital("d", i);
  EXPECT_TRUE(IsAccepted(Post(kVitals, sixty + "]"), 60))
      << "more than the rate, when nothing is owed";
  const HttpResponse answer = Post(kVitals, Vital("d", 61));
  EXPECT_TRUE(IsProblem(answer, 429));
  EXPECT_THAT(*answer.Header("Retry-After"), AnyOf("2", "3"));
  EXPECT_EQ(Limited(), 1);
  EXPECT_EQ(Length("vitals"), 60);
  EXPECT_TRUE(WaitFor([&] { return Post(kVitals, Vital("d", 61)).status == 200; },
                      "what was taken to be paid for"));
}

TEST_F(AddressTest, PaysForRequestsThatAreNobodys) {
  TempDir dir;
  const std::string tokens = dir.Write("tokens.toml", "");
  StartAll("[auth]\ntokens = \"" + tokens + "\"\n[http]\naddress_records_per_second = 2\n");
  EXPECT_TRUE(IsProblem(Post(kVitals, Vital("d", 1)), 401));
  EXPECT_TRUE(WaitFor([&] { return Post(kVitals, Vital("d", 1)).status == 429; },
                      "the address to be over its rate"));
  EXPECT_GE(Limited(), 1);
}

}  // namespace
}  // namespace sluice
