#include "sluice/gateway/address_table.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "support/addresses.h"

namespace sluice {
namespace {

constexpr uint64_t kSeed = 7;
constexpr uint64_t kSecondNs = kMsPerSecond * kNsPerMs;

TEST(AddressTableTest, AClientHasAsManyConnectionsAsItMay) {
  AddressTable table({.connections_max = 2}, kSeed);
  ClientAddress* first = table.Enter(V4(1));
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(table.Enter(V4(1)), first);
  EXPECT_EQ(table.Enter(V4(1)), nullptr);
  EXPECT_NE(table.Enter(V4(2)), nullptr) << "another client";
  table.Leave(*first, 0);
  EXPECT_EQ(table.Enter(V4(1)), first);
}

TEST(AddressTableTest, AllOfAV6NetworkIsOneClient) {
  AddressTable table({.connections_max = 1}, kSeed);
  EXPECT_NE(table.Enter(V6(1, 1)), nullptr);
  EXPECT_EQ(table.Enter(V6(1, 2)), nullptr);
  EXPECT_NE(table.Enter(V6(2, 1)), nullptr);
}

TEST(AddressTableTest, AClientWithoutConnectionsIsForgotten) {
  AddressTable table({.connections_max = 1}, kSeed);
  std::vector<ClientAddress*> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(table.Enter(V4(static_cast<uint8_t>(i))));
  EXPECT_EQ(table.size(), 200u);
  for (ClientAddress* client : clients) table.Leave(*client, 0);
  EXPECT_EQ(table.size(), 0u);
}

TEST(AddressTableTest, AClientThatHasNotPaidIsRememberedUntilItHas) {
  AddressTable table({.records = RateLimit(1, 1)}, kSeed);
  ClientAddress* client = table.Enter(V4(1));
  EXPECT_TRUE(table.limits().records.Take(client->meters.records, 0, 1));
  table.Leave(*client, 0);
  EXPECT_EQ(table.Enter(V4(1)), client);
  EXPECT_FALSE(table.limits().records.Take(client->meters.records, 1, 1));
  table.Leave(*client, kSecondNs - 1);
  EXPECT_EQ(table.size(), 1u);
  client = table.Enter(V4(1));
  table.Leave(*client, kSecondNs);
  EXPECT_EQ(table.size(), 0u);
}

TEST(AddressTableTest, OfThoseThatHaveNotPaidItForgetsTheOldest) {
  AddressTable table({.records = RateLimit(1, 1)}, kSeed);
  const auto come_and_go = [&table](uint32_t n) {
    IpAddress from = V6(0, 0);
    std::memcpy(from.bytes.data() + 4, &n, sizeof n);
    ClientAddress* client = table.Enter(from);
    const bool taken = table.limits().records.Take(client->meters.records, 1, 1);
    table.Leave(*client, 1);
    return taken;
  };
  const auto many = static_cast<uint32_t>(2 * kAddressesKept);
  for (uint32_t n = 0; n < many; ++n) EXPECT_TRUE(come_and_go(n));
  EXPECT_LE(table.size(), kAddressesKept);
  EXPECT_GT(table.size(), kAddressesKept / 2);
  EXPECT_FALSE(come_and_go(many - 1)) << "the latest is known";
  EXPECT_TRUE(come_and_go(0)) << "the oldest is not";
}

TEST(AddressTableTest, WorkersShareTheCount) {
  constexpr uint32_t kMost = 10;
  AddressTable table({.connections_max = kMost}, kSeed);
  std::vector<std::vector<ClientAddress*>> entered(4);
  std::vector<std::thread> workers;
  for (auto& mine : entered) {
    workers.emplace_back([&table, &mine] {
      for (int i = 0; i < 1'000; ++i) {
        ClientAddress* client = table.Enter(V4(1));
        if (client != nullptr && i % 3 == 0) {
          mine.push_back(client);
        } else if (client != nullptr) {
          table.Leave(*client, 0);
        }
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  size_t count = 0;
  for (const auto& mine : entered) count += mine.size();
  EXPECT_EQ(count, kMost);
  for (const auto& mine : entered) {
    for (ClientAddress* client : mine) table.Leave(*client, 0);
  }
  EXPECT_EQ(table.size(), 0u);
}

}  // namespace
}  // namespace sluice
