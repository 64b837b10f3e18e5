// A real MariaDB server of a test's own: its data in its own directory, on a Unix socket there and
// on no port, with a database and a user that needs a password. Made ready by the first Start,
// whose later calls go on with the same data. Killed, and its files removed, with this object.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice {

class MariadbServer {
 public:
  // Returns when it answers. `args` as on its command line, for this run only.
  void Start(const std::vector<std::string>& args = {});
  // SIGKILL: clients are cut off, and the next Start recovers.
  void Kill();

  // Of a user whose password has what a URL must encode and SOCI must quote.
  std::string url() const { return "mariadb://archive:it%27s%20%5Csecret@" + place("archive"); }
  std::string root_url() const { return "mariadb://root@" + place("mysql"); }
  // What a URL has behind its user.
  std::string place(const std::string& database) const {
    return "localhost/" + database + "?socket=" + dir_.File("mariadb.sock");
  }

 private:
  void MakeData();

  TempDir dir_;
  std::unique_ptr<Process> process_;
};

}  // namespace sluice
