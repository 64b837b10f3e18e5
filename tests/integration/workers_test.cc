// Several workers on one port: each takes its share of the connections, has its own link and
// ledger, and together they store all.
#include <algorithm>
#include <map>
#include <set>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

class WorkersTest : public GateTest {};

TEST_F(WorkersTest, ShareThePortAndStoreAll) {
  StartAll("", 2);
  EXPECT_EQ(gate_->workers(), 2u);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 64; ++i) clients.push_back(Connect());
  for (int round = 0; round < 10; ++round) {
    for (size_t i = 0; i < clients.size(); ++i) {
      clients[i].Send(PostRequest(kVitals, Vital("d" + std::to_string(i), round)));
    }
    for (size_t i = 0; i < clients.size(); ++i) {
      ASSERT_TRUE(IsAccepted(clients[i].ReadResponse(), 1)) << "connection " << i;
    }
  }
  const std::vector<Fields> stored = Stored("vitals");
  EXPECT_EQ(stored.size(), 640u);
  EXPECT_EQ(std::set<Fields>(stored.begin(), stored.end()).size(), 640u);
  EXPECT_EQ(StopGate().stored, 640u);
}

// The greatest of the ledger's numbers of 20 digits; a place that was never written holds zeros.
int64_t LastNumber(const std::string& ledger) {
  constexpr size_t kDigits = 20;
  int64_t last = 0;
  for (size_t at = 0; at < ledger.size(); at += kDigits) {
    if (ledger[at] != '\0') last = std::max<int64_t>(last, std::stoll(ledger.substr(at, kDigits)));
  }
  return last;
}

TEST_F(WorkersTest, KeepLedgersOfTheirOwn) {
  StartAll("", 2);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(Connect());
    EXPECT_TRUE(IsAccepted(clients.back().Post(kVitals, Vital("d", i)), 1));
  }
  std::set<std::string> keys;
  int64_t batches = 0;
  for (const RedisReply& key : redis_.client().Do({"KEYS", "sluice:*"}).elements) {
    keys.insert(key.text);
    batches += LastNumber(redis_.client().Do({"GET", key.text}).text);
    const int64_t ttl = redis_.client().Do({"TTL", key.text}).integer;
    EXPECT_GT(ttl, 86'000) << key.text;
    EXPECT_LE(ttl, 86'400) << key.text;
  }
  EXPECT_EQ(keys.size(), 2u) << "one ledger key a worker";
  EXPECT_EQ(batches, 64) << "each post waited for its own batch";
}

TEST_F(WorkersTest, KeepOrderAlongEachConnection) {
  StartAll("", 2);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(Connect());
  for (size_t i = 0; i < clients.size(); ++i) {
    std::string requests;
    for (int n = 0; n < 60; ++n) {
      requests += PostRequest(kVitals, Vital("d" + std::to_string(i), n));
    }
    clients[i].Send(requests);
  }
  for (HttpClient& client : clients) {
    for (int n = 0; n < 60; ++n) ASSERT_TRUE(IsAccepted(client.ReadResponse(), 1));
  }
  std::map<std::string, int> next;
  for (const Fields& entry : Stored("vitals")) {
    EXPECT_EQ(entry[1].second, std::to_string(next[entry[0].second]++)) << entry[0].second;
  }
}

TEST_F(WorkersTest, LeaveTogetherWithOneLedgerLine) {
  StartAll("", 4);
  EXPECT_EQ(gate_->workers(), 4u);
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("d", i)), 1));
  const LedgerLine ledger = StopGate();
  EXPECT_EQ(ledger.accepted, 40u);
  EXPECT_EQ(ledger.stored, 40u);
  const std::string out = gate_->out();
  EXPECT_EQ(out.find("drained"), out.rfind("drained")) << out;
}

}  // namespace
}  // namespace sluice
