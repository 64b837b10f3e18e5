// A real PostgreSQL server of a test's own: its data in its own directory, on a Unix socket there
// and on no port. Made ready by the first Start, whose later calls go on with the same data. As
// root it runs as the user postgres, since it refuses root. Killed, and its files removed, with
// this object.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice {

class PostgresServer {
 public:
  PostgresServer() = default;
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Returns when it answers. `settings` as NAME=VALUE, for this run only.
  void Start(const std::vector<std::string>& settings = {});
  // SIGKILL to all of its processes: clients are cut off, and the next Start recovers.
  void Kill();

  std::string url() const { return "postgresql://postgres@/postgres?host=" + dir_.path(); }

 private:
  void MakeData();
  std::vector<int> Children() const;

  TempDir dir_;
  std::unique_ptr<Process> process_;
};

}  // namespace sluice
