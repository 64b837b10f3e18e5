// A real redis-server of a test's own: on a Unix socket in its own directory, and with a loopback
// port too where the test asks for one, which stays the same over restarts. Runs once Start has
// been called; Start returns when it answers PING, its data loaded. A restarted server is empty
// unless it was started with Durable(). Stopped, and its files removed, with this object.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/loopback.h"
#include "support/process.h"
#include "support/redis_client.h"
#include "support/temp_dir.h"

namespace sluice {

class RedisServer {
 public:
  enum class Port : uint8_t { kNone, kLoopback };

  explicit RedisServer(Port port = Port::kNone) {
    if (port == Port::kLoopback) port_.emplace();
  }

  // `args` as on its command line, for this run only.
  void Start(const std::vector<std::string>& args = {});
  // With a configuration file, which decides on persistence too; its place is the test's own all
  // the same. Restarted so, it has what it had written.
  void StartWithFile(const std::string& file);
  // For Start: what was answered survives Kill and the next start with these.
  static std::vector<std::string> Durable() {
    return {"--appendonly", "yes", "--appendfsync", "always"};
  }
  // Starts as a replica of a primary that has a port; returns when it is in step.
  void StartReplicaOf(const RedisServer& primary);
  // SIGKILL: whatever it had not answered stays unanswered. A transaction torn by it is cut from
  // the append-only file as deploy/redis.conf says: Redis alone would run a part of it two starts
  // later.
  void Kill();
  // SIGSTOP and SIGCONT: connections stay open, and nothing on them is read meanwhile.
  void Pause();
  void Continue();

  std::string url() const { return "unix://" + socket_path(); }
  std::string socket_path() const { return dir_.File("redis.sock"); }
  uint16_t port() const { return port_ ? port_->port() : 0; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }

  // A connection of the test's, made when first asked for and again after a restart; `password` is
  // the default user's, where Redis was started with one.
  RedisClient& client(const std::string& password = "");

 private:
  void StartProgram(const std::vector<std::string>& before, const std::vector<std::string>& after);
  void MendAppendOnlyFile();

  TempDir dir_;
  std::optional<ReservedPort> port_;
  std::unique_ptr<Process> process_;
  std::optional<RedisClient> client_;
};

}  // namespace sluice
