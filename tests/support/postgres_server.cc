#include "support/postgres_server.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "support/sql_query.h"
#include "support/wait.h"

namespace sluice {
namespace {

// Debian keeps the server's programs apart, a directory for each version.
std::string ServerProgram(const std::string& name) {
  std::vector<std::string> found;
  std::error_code none;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    const std::string path = version.path().string() + "/bin/" + name;
    if (std::filesystem::exists(path)) found.push_back(path);
  }
  if (found.empty()) throw std::runtime_error("no " + name + ": is PostgreSQL installed?");
  return *std::max_element(found.begin(), found.end());
}

// Changing the user takes the wish to die with the parent away, so it is expressed again.
Process::Command AsPostgres(const std::vector<std::string>& args) {
  Process::Command command;
  if (geteuid() == 0) {
    command.args = {"setpriv",       "--reuid=postgres", "--regid=postgres",
                    "--init-groups", "--pdeathsig=KILL", "--"};
  }
  command.args.insert(command.args.end(), args.begin(), args.end());
  return command;
}

bool Answers(const std::string& url) {
  try {
    return SqlQuery(url, "SELECT 1").size() == 1;
  } catch (const std::exception&) {
    return false;
  }
}

// Its state of /proc/<pid>/stat; a zombie that nobody reaps has ended as well.
bool HasEnded(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(stat, text)) return true;
  return text.find(") Z ") != std::string::npos;
}

}  // namespace

PostgresServer::~PostgresServer() {
  if (process_) Kill();
}

void PostgresServer::Start(const std::vector<std::string>& settings) {
  if (!std::filesystem::exists(dir_.File("data"))) MakeData();
  std::vector<std::string> args = {ServerProgram("postgres"), "-D", dir_.File("data")};
  // What a killed process had written the kernel has: fsync is for the power's loss.
  std::vector<std::string> all = {"listen_addresses=", "unix_socket_directories=" + dir_.path(),
                                  "fsync=off", "shared_buffers=16MB"};
  all.insert(all.end(), settings.begin(), settings.end());
  for (const std::string& setting : all) args.insert(args.end(), {"-c", setting});
  process_ = std::make_unique<Process>(AsPostgres(args));
  const auto up =
      WaitFor([this] { return !process_->Running() || Answers(url()); }, "PostgreSQL to answer");
  if (!up || !process_->Running()) {
    throw std::runtime_error("PostgreSQL does not start:\n" + process_->out() + process_->err());
  }
}

void PostgresServer::MakeData() {
  if (geteuid() == 0) {
    const passwd* const user = getpwnam("postgres");
    if (user == nullptr || chown(dir_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("no directory for the user postgres");
    }
  }
  Process initdb(AsPostgres({ServerProgram("initdb"), "--pgdata", dir_.File("data"), "--no-sync",
                             "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C",
                             "--wal-segsize=1"}));
  if (initdb.WaitExit() != 0) throw std::runtime_error("initdb:\n" + initdb.out() + initdb.err());
}

void PostgresServer::Kill() {
  const std::vector<int> children = Children();
  process_->Signal(SIGKILL);
  process_->WaitExit();  // it first, or it would start others in the place of its children
  for (const int child : children) kill(child, SIGKILL);
  // The next start refuses while one of them still holds the shared memory.
  const auto ended =
      WaitFor([&children] { return std::all_of(children.begin(), children.end(), HasEnded); },
              "PostgreSQL's processes to end");
  if (!ended) throw std::runtime_error(ended.message());
  process_.reset();
}

std::vector<int> PostgresServer::Children() const {
  const std::string pid = std::to_string(process_->pid());
  std::ifstream file("/proc/" + pid + "/task/" + pid + "/children");
  std::vector<int> children;
  for (int child = 0; file >> child;) children.push_back(child);
  return children;
}

}  // namespace sluice
