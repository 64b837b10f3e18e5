// AddressTable: what each client address has of this process: its open connections, and the rates
// of those of its requests that no token answers for. One for all workers, or a client would get
// each limit once a worker. A client is an IPv4 address, or an IPv6 /64 (ip_address.h).
//
// Enter and Leave, once a connection, take a lock that few share; what a request needs are the
// client's own meters, found by its connection. Bounded: a client with an open connection stays,
// and http.connections_max bounds those; of the others only those that have not paid for what they
// took are worth remembering, and the table forgets the oldest of them beyond kAddressesKept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <unordered_map>

#include "sluice/base/limits.h"
#include "sluice/gateway/rate_limit.h"
#include "sluice/net/ip_address.h"

namespace sluice {

struct AddressLimits {
  uint32_t connections_max = 0;  // of one client; 0: any number
  RateLimit records = {};        // of those that no token answers for
  RateLimit bytes = {};

  bool limits_rates() const { return !records.none() || !bytes.none(); }
  bool any() const { return connections_max > 0 || limits_rates(); }
};

// One client's. Its place does not change while it has a connection.
struct ClientAddress {
  explicit ClientAddress(const IpAddress& of) : address(of) {}

  const IpAddress address;
  RateMeters meters;                              // any thread's
  uint32_t connections = 0;                       // this and the next under its shard's lock
  std::list<ClientAddress*>::iterator kept = {};  // while it has no connection
};

class AddressTable {
 public:
  // `seed` is not to be guessed: it keeps clients from choosing addresses that fall together.
  AddressTable(const AddressLimits& limits, uint64_t seed);
  AddressTable(const AddressTable&) = delete;
  AddressTable& operator=(const AddressTable&) = delete;

  const AddressLimits& limits() const { return limits_; }

  // Another connection of this client; null if it has as many as it may. From any thread.
  ClientAddress* Enter(const IpAddress& from);
  // One that Enter gave has ended. From any thread.
  void Leave(ClientAddress& client, uint64_t now_ns);

  size_t size() const;  // clients known

 private:
  struct Hash {
    uint64_t seed;
    size_t operator()(const IpAddress& address) const;
  };
  struct Shard {
    explicit Shard(uint64_t seed) : clients(0, Hash{seed}) {}

    mutable std::mutex mutex;
    std::unordered_map<IpAddress, ClientAddress, Hash> clients;
    std::list<ClientAddress*> kept;  // without a connection, the oldest first
  };
  static constexpr size_t kShards = 64;

  Shard& ShardOf(const IpAddress& client);
  static void Forget(Shard& shard, ClientAddress& client);

  const AddressLimits limits_;
  const uint64_t seed_;
  std::deque<Shard> shards_;
};

}  // namespace sluice
