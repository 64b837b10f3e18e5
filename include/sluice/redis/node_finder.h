// NodeFinder: asks those that a redis+cluster:// or redis+sentinel:// URL names where the nodes
// are, for a thread that has nothing else to do. Bounded by `connect_ms` for each that is asked.
// One thread. No error's text holds a password.
#pragma once

#include <cstdint>
#include <memory>

#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/base/worker_stats.h"
#include "sluice/net/loop.h"
#include "sluice/net/tls_context.h"
#include "sluice/net/tls_room.h"
#include "sluice/redis/node_map.h"
#include "sluice/redis/redis_url.h"

namespace sluice {

class Inquiry;

class NodeFinder final : private LoopHandler {
 public:
  // `tls` is null unless url.tls.
  NodeFinder(RedisUrl url, std::shared_ptr<const TlsContext> tls, uint64_t connect_ms,
             const Clock& clock);
  ~NodeFinder() override;
  NodeFinder(const NodeFinder&) = delete;
  NodeFinder& operator=(const NodeFinder&) = delete;

  // The first answer, each being asked once.
  Result<NodeMap> Find();

 private:
  Result<NodeMap> Ask(const Address& address);

  void OnTurnEnd() override;
  void OnSweep() override;

  const RedisUrl url_;
  const std::shared_ptr<const TlsContext> tls_;
  const uint64_t connect_ms_;
  Loop loop_;
  TlsStats tls_stats_;
  TlsRoom tls_room_;
  std::unique_ptr<Inquiry> inquiry_;
  uint32_t attempt_ = 0;
};

}  // namespace sluice
