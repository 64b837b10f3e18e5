// A real Redis Cluster of a test's own, on loopback: three primaries, each with a replica, all as
// child processes. Its nodes are numbered: 0 to 2 start as the primaries, node n + 3 as n's
// replica, those that are added behind them. What waits is bounded, and throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/loopback.h"
#include "support/redis_client.h"
#include "support/redis_server.h"

namespace sluice {

class RedisCluster {
 public:
  static constexpr size_t kPrimaries = 3;

  // Returns when every slot is served and each replica is in step.
  void Start();
  // A primary without slots, known to all; its number.
  size_t AddNode();
  void Kill(size_t node) { nodes_[node]->Kill(); }
  void Pause(size_t node);
  void Continue(size_t node);
  // As it was started; it becomes a replica of whoever took its place.
  void Restart(size_t node);

  // redis+cluster:// with some of the nodes.
  std::string url() const;
  RedisClient& client(size_t node) { return nodes_[node]->client(); }
  // Who serves the slot, as the first that lives sees it.
  size_t OwnerOf(uint16_t slot);
  // Returns when another living node than `not_this` serves the slot for all that live.
  size_t WaitOwner(uint16_t slot, size_t not_this);
  // Returns when each that serves slots has a replica in step again.
  void WaitReplicas();

  // Moves a slot while it is used, key by key, as redis-cli does; `between` is called when the
  // first key has gone.
  void MigrateSlot(
      uint16_t slot, size_t from, size_t to, const std::function<void()>& between = [] {});

  // All entries of a stream, asked from whoever serves it.
  std::vector<StreamEntry> ReadStream(const std::string& stream);
  static uint16_t SlotOf(const std::string& key);

 private:
  void StartNode(size_t node);
  void Introduce(size_t node);
  bool Alive(size_t node);
  size_t OwnerOf(uint16_t slot, size_t asked);
  std::string IdOf(size_t node);
  void WaitAll(const std::string& what, const std::function<bool(size_t)>& holds);

  std::vector<std::unique_ptr<RedisServer>> nodes_;
  std::deque<ReservedPort> bus_ports_;
  std::set<size_t> paused_;
};

}  // namespace sluice
