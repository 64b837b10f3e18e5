// Three real sentinels of a test's own, on loopback, that watch a primary called "main" and notice
// after two seconds that it is away: a broken link of theirs is made anew after one. Child
// processes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/redis_server.h"
#include "support/temp_dir.h"

namespace sluice {

class RedisSentinels {
 public:
  // Returns when they know each other and the primary's replica. Throws past the bound.
  void Start(const RedisServer& primary);
  std::string url() const;
  // Where they say that the primary is.
  std::string Primary();
  void WaitPrimary(const std::string& address);

 private:
  struct Sentinel {
    TempDir dir;
    uint16_t port = 0;
    std::unique_ptr<Process> process;
    std::string socket() const { return dir.File("sentinel.sock"); }
  };

  std::vector<std::unique_ptr<Sentinel>> sentinels_;
};

}  // namespace sluice
