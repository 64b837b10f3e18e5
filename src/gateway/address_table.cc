#include "sluice/gateway/address_table.h"

#include <string_view>

#include "sluice/base/check.h"
#include "sluice/hash/checksum.h"

namespace sluice {
namespace {

bool HasPaid(const ClientAddress& client, uint64_t now_ns) {
  return client.meters.records.load(std::memory_order_relaxed) <= now_ns &&
         client.meters.bytes.load(std::memory_order_relaxed) <= now_ns;
}

}  // namespace

AddressTable::AddressTable(const AddressLimits& limits, uint64_t seed)
    : limits_(limits), seed_(seed) {
  for (size_t i = 0; i < kShards; ++i) shards_.emplace_back(seed);
}

size_t AddressTable::Hash::operator()(const IpAddress& address) const {
  const std::string_view seed_bytes(reinterpret_cast<const char*>(&seed), sizeof seed);
  return Checksum({seed_bytes, {address.bytes.data(), address.bytes.size()}});
}

AddressTable::Shard& AddressTable::ShardOf(const IpAddress& client) {
  // By other bits than the shard's own table picks its buckets by.
  return shards_[Hash{seed_}(client) >> 32 & (kShards - 1)];
}

ClientAddress* AddressTable::Enter(const IpAddress& from) {
  const IpAddress address = from.Client();
  Shard& shard = ShardOf(address);
  const std::lock_guard lock(shard.mutex);
  const auto [found, is_new] = shard.clients.try_emplace(address, address);
  ClientAddress& client = found->second;
  if (limits_.connections_max > 0 && client.connections == limits_.connections_max) return nullptr;
  if (!is_new && client.connections == 0) shard.kept.erase(client.kept);
  ++client.connections;
  return &client;
}

void AddressTable::Leave(ClientAddress& client, uint64_t now_ns) {
  Shard& shard = ShardOf(client.address);
  const std::lock_guard lock(shard.mutex);
  SLUICE_CHECK(client.connections > 0);
  if (--client.connections > 0) return;
  client.kept = shard.kept.insert(shard.kept.end(), &client);
  if (HasPaid(client, now_ns)) Forget(shard, client);
  while (!shard.kept.empty()) {
    ClientAddress& oldest = *shard.kept.front();
    if (shard.kept.size() <= kAddressesKept / kShards && !HasPaid(oldest, now_ns)) return;
    Forget(shard, oldest);
  }
}

void AddressTable::Forget(Shard& shard, ClientAddress& client) {
  const IpAddress address = client.address;
  shard.kept.erase(client.kept);
  shard.clients.erase(address);
}

size_t AddressTable::size() const {
  size_t count = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.clients.size();
  }
  return count;
}

}  // namespace sluice
