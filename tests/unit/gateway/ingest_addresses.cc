// IngestHandler where the rates of a client's address are limited: what no token answers for goes
// by them, and so does a request that is nobody's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/addresses.h"
#include "support/answer.h"
#include "unit/gateway/ingest_fixture.h"

namespace sluice {
namespace {

constexpr const char* kOne = R"({"device_id":"d-1"})";
constexpr const char* kTwo = R"([{"device_id":"d"},{"device_id":"d"}])";

class IngestAddressesTest : public IngestHandlerTest {
 protected:
  IngestAddressesTest() : IngestHandlerTest(10 * kBudgetBytes) {}

  void Limit(const AddressLimits& limits) {
    addresses_ = std::make_unique<AddressTable>(limits, 1);
    set_addresses(*addresses_);
  }
  // Requests without a token are nobody's, and with the secret s they are somebody's.
  void AskForTokens() {
    std::vector<Token> tokens = {{.id = "t", .secret = DigestOfSecret("s")}};
    set_tokens(std::make_shared<TokenSet>(std::move(tokens), nullptr));
  }
  bool Takes(const std::string& request, const IpAddress& from) {
    const size_t before = sink.committed.size();
    Connect(from).Say(request);
    TurnEnd();
    return sink.committed.size() > before;
  }
  uint64_t Limited(RateKind kind) const {
    return stats.rate_limited[static_cast<size_t>(kind)].value();
  }

 private:
  std::unique_ptr<AddressTable> addresses_;
};

TEST_F(IngestAddressesTest, AnAddressHasItsRateOverAllItsConnections) {
  Limit({.records = RateLimit(2, 2)});
  EXPECT_TRUE(Takes(Post("/v1/fast", kTwo), V4(1)));
  const HttpResponse answer = Ask(Post("/v1/fast", kTwo), V4(1));
  EXPECT_TRUE(IsProblem(answer, 429));
  EXPECT_EQ(RetryAfter(answer), 1u);
  EXPECT_EQ(Limited(RateKind::kAddressRecords), 1u);
  EXPECT_TRUE(Takes(Post("/v1/fast", kTwo), V4(2))) << "another client";
  EXPECT_TRUE(Takes(Post("/v1/fast", kTwo), V6(1, 1)));
  EXPECT_FALSE(Takes(Post("/v1/fast", kTwo), V6(1, 2))) << "the same network";
  Pass(1'000);
  EXPECT_TRUE(Takes(Post("/v1/fast", kTwo), V4(1)));
}

TEST_F(IngestAddressesTest, BytesHaveARateToo) {
  Limit({.bytes = RateLimit(100, kBodyBytesMax)});
  const std::string largest = kOne + std::string(kBodyBytesMax - std::string(kOne).size(), ' ');
  EXPECT_TRUE(Takes(Post("/v1/fast", largest), V4(1)));
  EXPECT_EQ(RetryAfter(Ask(Post("/v1/fast", largest), V4(1))), 2u);
  EXPECT_EQ(Limited(RateKind::kAddressBytes), 1u);
  const std::string head =
      "POST /v1/fast HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_TRUE(IsProblem(Ask(head + Chunk(kOne), V4(1)), 429)) << "chunks count as they come";
  Pass(2'000);
  EXPECT_TRUE(Takes(Post("/v1/fast", largest), V4(1)));
}

TEST_F(IngestAddressesTest, WhoWasResetBeforeItWasAcceptedIsNotHeard) {
  Limit({.records = RateLimit(1, 1)});
  EXPECT_TRUE(Connect().wire->closing);
}

TEST_F(IngestAddressesTest, GuessingTokensCostsTheAddress) {
  Limit({.records = RateLimit(1, 3)});
  AskForTokens();
  const std::string guess = Post("/v1/fast", kOne, "Authorization: Bearer guess\r\n");
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(IsProblem(Ask(guess, V4(1)), 401));
  EXPECT_TRUE(IsProblem(Ask(Post("/v1/fast", kOne), V4(1)), 401)) << "none at all";
  const HttpResponse answer = Ask(guess, V4(1));
  EXPECT_TRUE(IsProblem(answer, 429));
  EXPECT_EQ(RetryAfter(answer), 1u);
  EXPECT_TRUE(IsProblem(Ask(guess, V4(2)), 401)) << "others may still err";
}

TEST_F(IngestAddressesTest, ATokenDoesNotGoByItsAddress) {
  Limit({.records = RateLimit(1, 1)});
  AskForTokens();
  const std::string good = Post("/v1/fast", kTwo, "Authorization: Bearer s\r\n");
  EXPECT_TRUE(IsProblem(Ask(Post("/v1/fast", kOne), V4(1)), 401));
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(Takes(good, V4(1))) << "behind one address with a guesser";
}

}  // namespace
}  // namespace sluice
