#include "support/process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "support/wait.h"

namespace sluice {
namespace {

[[noreturn]] void ThrowErrno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int MemoryFile(const char* name, const std::string& content) {
  const int fd = memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) ThrowErrno("memfd_create");
  if (pwrite(fd, content.data(), content.size(), 0) != static_cast<ssize_t>(content.size())) {
    ThrowErrno("pwrite");
  }
  return fd;
}

std::string ReadAll(int fd) {
  struct stat file {};
  if (fstat(fd, &file) != 0) ThrowErrno("fstat");
  std::string text(static_cast<size_t>(file.st_size), '\0');
  const ssize_t n = pread(fd, text.data(), text.size(), 0);
  if (n < 0) ThrowErrno("pread");
  text.resize(static_cast<size_t>(n));
  return text;
}

std::vector<std::string> Environment(const std::vector<std::string>& own) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const std::string_view name = variable.substr(0, variable.find('=') + 1);
    const bool is_replaced = std::any_of(own.begin(), own.end(), [name](const std::string& other) {
      return std::string_view(other).starts_with(name);
    });
    if (!is_replaced && !name.starts_with("SLUICE_")) all.emplace_back(variable);
  }
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

constexpr std::string_view kListenPid = "LISTEN_PID=";

// The variables of sd_listen_fds(3). The pid is the child's own, which only the child knows.
std::vector<std::string> WithSockets(std::vector<std::string> environment,
                                     const std::vector<Process::PassedSocket>& sockets) {
  if (sockets.empty()) return environment;
  std::string names;
  for (const auto& socket : sockets) names += (names.empty() ? "" : ":") + socket.name;
  environment.push_back("LISTEN_FDS=" + std::to_string(sockets.size()));
  environment.push_back("LISTEN_FDNAMES=" + names);
  environment.push_back(std::string(kListenPid) + "0000000000");
  return environment;
}

// In the child: the sockets from descriptor 3 on, and its pid in its environment.
void PassSockets(const std::vector<int>& sockets, char* listen_pid) {
  constexpr int kFirst = STDERR_FILENO + 1;
  constexpr int kOutOfTheWay = 1'000;
  std::vector<int> copies = sockets;
  for (int& fd : copies) fd = fcntl(fd, F_DUPFD_CLOEXEC, kOutOfTheWay);
  for (size_t i = 0; i < copies.size(); ++i) dup2(copies[i], kFirst + static_cast<int>(i));
  close_range(kFirst + static_cast<unsigned>(copies.size()), ~0U, 0);
  if (listen_pid != nullptr) std::snprintf(listen_pid, 11, "%d", getpid());
}

}  // namespace

Process::Process(const Command& command) {
  std::vector<std::string> args = command.args;
  std::vector<std::string> environment =
      WithSockets(Environment(command.environment), command.sockets);
  std::vector<int> sockets;
  for (const PassedSocket& socket : command.sockets) sockets.push_back(socket.fd);
  char* listen_pid = sockets.empty() ? nullptr : environment.back().data() + kListenPid.size();
  const std::vector<char*> argv = Pointers(args);
  const std::vector<char*> envp = Pointers(environment);
  const int in = MemoryFile("stdin", command.input);
  out_ = MemoryFile("stdout", "");
  err_ = MemoryFile("stderr", "");
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) ThrowErrno("fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);  // it died before the line above
    dup2(in, STDIN_FILENO);
    dup2(out_, STDOUT_FILENO);
    dup2(err_, STDERR_FILENO);
    if (command.file_bytes_max > 0) {
      const rlimit bound{command.file_bytes_max, command.file_bytes_max};
      setrlimit(RLIMIT_FSIZE, &bound);
    }
    PassSockets(sockets, listen_pid);
    execvpe(argv[0], argv.data(), envp.data());
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", argv[0], std::strerror(errno));
    _exit(127);
  }
  close(in);
}

Process::~Process() {
  if (Running()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(out_);
  close(err_);
}

bool Process::Running() {
  if (exit_) return false;
  int status = 0;
  const pid_t reaped = waitpid(pid_, &status, WNOHANG);
  if (reaped == 0) return true;
  if (reaped < 0) ThrowErrno("waitpid");
  exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

void Process::Signal(int signal) {
  if (Running() && kill(pid_, signal) != 0) ThrowErrno("kill");
}

void Process::Stop() {
  Signal(SIGSTOP);
  const auto stopped = WaitFor(
      [this] {
        // `<pid> (<name>) <state> ...`, of a name without a parenthesis.
        std::ifstream stat("/proc/" + std::to_string(pid_) + "/stat");
        std::string text;
        std::getline(stat, text);
        return !Running() || text.find(") T ") != std::string::npos;
      },
      "a child to be stopped");
  if (!stopped) throw std::runtime_error(stopped.message());
}

int Process::WaitExit() {
  const auto ended = WaitFor([this] { return !Running(); }, "a child's exit");
  if (!ended) throw std::runtime_error(std::string(ended.message()) + "; its stderr:\n" + err());
  return *exit_;
}

std::string Process::out() const { return ReadAll(out_); }
std::string Process::err() const { return ReadAll(err_); }

size_t Process::RssBytes() const {
  std::ifstream statm("/proc/" + std::to_string(pid_) + "/statm");
  size_t total_pages = 0;
  size_t resident_pages = 0;
  if (!(statm >> total_pages >> resident_pages)) return 0;
  return resident_pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace sluice
