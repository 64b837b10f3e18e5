// LagWatch: how far the group is behind on each stream, asked each second over a connection of its
// own: so it is known also while an archiver is stuck in its database, or Redis refuses it. While
// Redis is away what was last seen stays. Run blocks on its own thread; Stop from any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sluice/base/archive_stats.h"
#include "sluice/base/clock.h"
#include "sluice/redis/blocking_link.h"

namespace sluice {

class LagWatch {
 public:
  // Writes the streams' lag gauges, and nothing else of them; they outlive it.
  LagWatch(BlockingLinkOptions redis, std::string group, std::vector<ArchiveStats*> streams,
           const Clock& clock);
  ~LagWatch();
  LagWatch(const LagWatch&) = delete;
  LagWatch& operator=(const LagWatch&) = delete;

  void Run();   // until Stop
  void Look();  // once; not while Run does
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice
