// Three real sentinels of a test's own, on loopback, that watch a primary called "main" and notice
// after two seconds that it is away: a broken link of theirs is made anew after one. Child
// processes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/loopback.h"
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
  // Makes the replica the primary, while both live.
  void FailOver();

 private:
  struct Sentinel {
    TempDir dir;
    ReservedPort port;
    std::unique_ptr<Process> process;
    std::string socket() const { return dir.File("sentinel.sock"); }
  };

  std::vector<std::unique_ptr<Sentinel>> sentinels_;
};

}  // namespace sluice
