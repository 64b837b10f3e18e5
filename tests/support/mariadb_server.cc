#include "support/mariadb_server.h"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include "support/sql_query.h"
#include "support/wait.h"

namespace sluice {
namespace {

// What a killed process had written the kernel has: syncing is for the power's loss, and is most of
// the time that a new data directory takes.
const std::vector<std::string> kQuick = {"--innodb-flush-method=nosync",
                                         "--debug-no-sync",
                                         "--innodb-log-file-size=4M",
                                         "--innodb-buffer-pool-size=16M",
                                         "--aria-log-file-size=8M",
                                         "--skip-name-resolve",
                                         "--innodb-data-file-path=ibdata1:4M:autoextend"};

// A server that starts removes temporary tables from its directory for them, whoever's they are.
std::vector<std::string> Args(const TempDir& dir, std::vector<std::string> args) {
  args.push_back("--tmpdir=" + dir.path());
  if (geteuid() == 0) args.push_back("--user=root");  // it refuses root unless told so
  args.insert(args.end(), kQuick.begin(), kQuick.end());
  return args;
}

bool Answers(const std::string& url) {
  try {
    return SqlQuery(url, "SELECT 1").size() == 1;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

void MariadbServer::Start(const std::vector<std::string>& args) {
  const bool is_new = !std::filesystem::exists(dir_.File("data"));
  if (is_new) MakeData();
  Process::Command command;
  command.args = Args(
      dir_, {"mariadbd", "--no-defaults", "--datadir=" + dir_.File("data"), "--skip-networking",
             "--socket=" + dir_.File("mariadb.sock"), "--pid-file=" + dir_.File("mariadb.pid")});
  command.args.insert(command.args.end(), args.begin(), args.end());
  process_ = std::make_unique<Process>(command);
  const auto up =
      WaitFor([this] { return !process_->Running() || Answers(root_url()); }, "MariaDB to answer");
  if (!up || !process_->Running()) {
    throw std::runtime_error("mariadbd does not start:\n" + process_->out() + process_->err());
  }
  if (!is_new) return;
  SqlRun(root_url(), "CREATE DATABASE archive");
  SqlRun(root_url(), "CREATE USER archive@localhost IDENTIFIED BY 'it''s \\\\secret'");
  SqlRun(root_url(), "GRANT ALL ON archive.* TO archive@localhost");
}

void MariadbServer::MakeData() {
  Process install(
      {.args = Args(dir_, {"mariadb-install-db", "--no-defaults", "--datadir=" + dir_.File("data"),
                           "--skip-test-db", "--auth-root-authentication-method=normal"}),
       .environment = {}});
  if (install.WaitExit() != 0) {
    throw std::runtime_error("mariadb-install-db:\n" + install.out() + install.err());
  }
}

void MariadbServer::Kill() {
  process_->Signal(SIGKILL);
  process_->WaitExit();
}

}  // namespace sluice
