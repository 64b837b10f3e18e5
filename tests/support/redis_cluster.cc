#include "support/redis_cluster.h"

#include <algorithm>
#include <stdexcept>

#include "sluice/redis/hash_slot.h"
#include "support/wait.h"

namespace sluice {
namespace {

constexpr uint16_t kSlotsEach = kHashSlots / RedisCluster::kPrimaries;

}  // namespace

void RedisCluster::StartNode(size_t node) {
  if (node == nodes_.size()) {
    nodes_.push_back(std::make_unique<RedisServer>(RedisServer::Port::kLoopback));
    bus_ports_.emplace_back();
  }
  // A failure is noticed after a second, so that tests need not wait for long.
  nodes_[node]->Start({"--cluster-enabled", "yes", "--cluster-node-timeout", "1000",
                       "--cluster-port", std::to_string(bus_ports_[node].port()),
                       "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0",
                       "--appendonly", "yes", "--appendfsync", "no"});
}

void RedisCluster::Introduce(size_t node) {
  client(node).Do({"CLUSTER", "MEET", "127.0.0.1", std::to_string(nodes_[0]->port()),
                   std::to_string(bus_ports_[0].port())});
}

void RedisCluster::Start() {
  for (size_t node = 0; node < 2 * kPrimaries; ++node) {
    StartNode(node);
    client(node).Do({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(node + 1)});
    if (node >= kPrimaries) continue;
    const size_t first = node * kSlotsEach;
    const size_t last = node + 1 < kPrimaries ? first + kSlotsEach - 1 : size_t{kHashSlots} - 1;
    client(node).Do({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)});
  }
  for (size_t node = 1; node < nodes_.size(); ++node) Introduce(node);
  WaitAll("the nodes to know each other", [this](size_t node) {
    const std::string info = client(node).Do({"CLUSTER", "INFO"}).text;
    return info.find("cluster_known_nodes:6") != info.npos;
  });
  for (size_t node = kPrimaries; node < nodes_.size(); ++node) {
    client(node).Do({"CLUSTER", "REPLICATE", IdOf(node - kPrimaries)});
  }
  WaitAll("each slot to be served and each replica in step", [this](size_t node) {
    const std::string cluster = client(node).Do({"CLUSTER", "INFO"}).text;
    const std::string replication = client(node).Do({"INFO", "replication"}).text;
    return cluster.find("cluster_state:ok") != cluster.npos &&
           (node >= kPrimaries ? replication.find("master_link_status:up") != replication.npos
                               : replication.find("connected_slaves:1") != replication.npos);
  });
}

size_t RedisCluster::AddNode() {
  const size_t node = nodes_.size();
  StartNode(node);
  Introduce(node);
  const std::string id = IdOf(node);
  WaitAll("the new node to be known", [this, &id, node](size_t other) {
    const std::string known = client(other).Do({"CLUSTER", "NODES"}).text;
    const std::string info = client(other).Do({"CLUSTER", "INFO"}).text;
    return (other == node || known.find(id) != known.npos) &&
           known.find("handshake") == known.npos && info.find("cluster_state:ok") != info.npos;
  });
  return node;
}

void RedisCluster::Restart(size_t node) { StartNode(node); }

std::string RedisCluster::url() const {
  std::string url = "redis+cluster://";
  for (size_t node = 0; node < kPrimaries; ++node) {
    url += (node == 0 ? "" : ",") + nodes_[node]->address();
  }
  return url;
}

void RedisCluster::Pause(size_t node) {
  nodes_[node]->Pause();
  paused_.insert(node);
}

void RedisCluster::Continue(size_t node) {
  nodes_[node]->Continue();
  paused_.erase(node);
}

bool RedisCluster::Alive(size_t node) {
  if (paused_.contains(node)) return false;
  try {
    return client(node).Command({"PING"}).text == "PONG";
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::string RedisCluster::IdOf(size_t node) { return client(node).Do({"CLUSTER", "MYID"}).text; }

void RedisCluster::WaitAll(const std::string& what, const std::function<bool(size_t)>& holds) {
  const auto all = WaitFor(
      [&] {
        for (size_t node = 0; node < nodes_.size(); ++node) {
          if (Alive(node) && !holds(node)) return false;
        }
        return true;
      },
      what);
  if (!all) throw std::runtime_error(all.message());
}

size_t RedisCluster::OwnerOf(uint16_t slot, size_t asked) {
  for (const RedisReply& range : client(asked).Do({"CLUSTER", "SLOTS"}).elements) {
    if (slot < range.elements[0].integer || slot > range.elements[1].integer) continue;
    for (size_t node = 0; node < nodes_.size(); ++node) {
      if (nodes_[node]->port() == range.elements[2].elements[1].integer) return node;
    }
  }
  return nodes_.size();
}

size_t RedisCluster::OwnerOf(uint16_t slot) {
  for (size_t node = 0; node < nodes_.size(); ++node) {
    if (Alive(node)) return OwnerOf(slot, node);
  }
  throw std::runtime_error("no node lives");
}

void RedisCluster::WaitReplicas() {
  WaitAll("each that serves slots to have a replica in step", [this](size_t node) {
    const std::string replication = client(node).Do({"INFO", "replication"}).text;
    if (replication.find("role:slave") != replication.npos) {
      return replication.find("master_link_status:up") != replication.npos;
    }
    return replication.find("state=online") != replication.npos;
  });
}

size_t RedisCluster::WaitOwner(uint16_t slot, size_t not_this) {
  size_t owner = nodes_.size();
  WaitAll("another node to serve the slot", [&](size_t node) {
    owner = OwnerOf(slot, node);
    const std::string info = client(node).Do({"CLUSTER", "INFO"}).text;
    return owner != not_this && owner != nodes_.size() &&
           info.find("cluster_state:ok") != info.npos;
  });
  return owner;
}

void RedisCluster::MigrateSlot(uint16_t slot, size_t from, size_t to,
                               const std::function<void()>& between) {
  const std::string number = std::to_string(slot);
  const std::string from_id = IdOf(from);
  const std::string to_id = IdOf(to);
  client(to).Do({"CLUSTER", "SETSLOT", number, "IMPORTING", from_id});
  client(from).Do({"CLUSTER", "SETSLOT", number, "MIGRATING", to_id});
  bool called = false;
  for (;;) {
    const RedisReply keys = client(from).Do({"CLUSTER", "GETKEYSINSLOT", number, "1"});
    if (keys.elements.empty()) break;
    client(from).Do({"MIGRATE", "127.0.0.1", std::to_string(nodes_[to]->port()),
                     keys.elements[0].text, "0", "5000"});
    if (!std::exchange(called, true)) between();
  }
  for (const size_t node : {to, from}) {
    client(node).Do({"CLUSTER", "SETSLOT", number, "NODE", to_id});
  }
  WaitAll("the slot to have moved for all", [&](size_t node) { return OwnerOf(slot, node) == to; });
}

std::vector<StreamEntry> RedisCluster::ReadStream(const std::string& stream) {
  return client(OwnerOf(SlotOf(stream))).ReadStream(stream);
}

uint16_t RedisCluster::SlotOf(const std::string& key) { return HashSlot(key); }

}  // namespace sluice
