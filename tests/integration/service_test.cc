// deploy/sluice.service, its sockets, and deploy/sluice-archive.service: systemd reads them without
// a complaint, the sandbox is as tight as it was made, and the program works within its filter of
// system calls. Without systemd's programs, or where strace may not trace, that is skipped.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "integration/gate_fixture.h"
#include "sluice/base/limits.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

// What `systemd-analyze security` rates the unit, in tenths; what is left is the network.
constexpr const char* kExposureMax = "11";

ProgramRun RunProgram(const std::vector<std::string>& args,
                      const std::vector<std::string>& environment = {}) {
  Process process({.args = args, .environment = environment});
  const int exit_code = process.WaitExit();
  return {exit_code, process.out(), process.err()};
}

class ServiceTest : public GateTest {
 protected:
  void SetUp() override {
    if (RunProgram({"systemd-analyze", "--version"}).exit_code != 0) {
      GTEST_SKIP() << "systemd-analyze is missing: `make deps` installs it (package systemd)";
    }
    // The units, with the program of this tree.
    for (const char* name :
         {"sluice.service", "sluice-archive.service", "sluice.socket", "sluice-admin.socket"}) {
      std::string text = Deployed(name);
      const std::string installed = "/usr/local/bin/sluice";  // and sluice-archive, beside it
      const size_t at = text.find("ExecStart=" + installed);
      if (at != text.npos) text.replace(at + 10, installed.size(), SluiceBinary());
      units_.push_back(dir_.Write(name, text));
    }
  }

  static std::string Deployed(const std::string& name) {
    std::ifstream file(SLUICE_SOURCE_DIR "/deploy/" + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  // What SystemCallFilter= lets through, each set spelled out.
  static std::set<std::string> AllowedCalls() {
    std::map<std::string, std::vector<std::string>> sets;
    std::istringstream list(RunProgram({"systemd-analyze", "syscall-filter", "--no-pager"}).out);
    std::string set;
    for (std::string line; std::getline(list, line);) {
      std::istringstream words(line);
      std::string word;
      if (!(words >> word) || word.starts_with('#')) continue;
      if (line.front() == '@') {
        set = word;
      } else {
        sets[set].push_back(word);
      }
    }
    std::set<std::string> allowed;
    std::istringstream unit(Deployed("sluice.service"));
    for (std::string line; std::getline(unit, line);) {
      constexpr std::string_view kKey = "SystemCallFilter=";
      if (!line.starts_with(kKey)) continue;
      line.erase(0, kKey.size());
      const bool takes_away = line.starts_with('~');
      std::istringstream words(line.substr(takes_away ? 1 : 0));
      std::vector<std::string> names;
      for (std::string word; words >> word;) names.push_back(word);
      for (size_t i = 0; i < names.size(); ++i) {
        if (names[i].starts_with('@')) {
          const std::vector<std::string> more = sets.at(names[i]);
          names.insert(names.end(), more.begin(), more.end());
        } else if (takes_away) {
          allowed.erase(names[i]);
        } else {
          allowed.insert(names[i]);
        }
      }
    }
    // What every filter lets through.
    for (const std::string& name : sets.at("@default")) allowed.insert(name);
    return allowed;
  }

  // The names of the calls in strace's file.
  static std::set<std::string> Called(const std::string& file) {
    std::set<std::string> names;
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string pid, call;
      words >> pid >> call;
      const size_t parenthesis = call.find('(');
      if (parenthesis != call.npos) names.insert(call.substr(0, parenthesis));
    }
    return names;
  }

  const TempDir dir_;
  std::vector<std::string> units_;
};

TEST_F(ServiceTest, SystemdReadsItWithoutAComplaint) {
  std::vector<std::string> args = {"systemd-analyze", "verify", "--man=no"};
  args.insert(args.end(), units_.begin(), units_.end());
  const ProgramRun run = RunProgram(args);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  for (const std::string& unit : units_) {
    const std::string name = std::filesystem::path(unit).filename();
    EXPECT_EQ(run.err.find(name), run.err.npos) << run.err;
  }
}

TEST_F(ServiceTest, ItsSandboxIsAsTightAsItWasMade) {
  for (const std::string& unit : units_) {
    if (!unit.ends_with(".service")) continue;
    const ProgramRun run =
        RunProgram({"systemd-analyze", "security", "--offline=true", "--no-pager",
                    "--threshold=" + std::string(kExposureMax), unit});
    EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
    EXPECT_NE(run.out.find("Overall exposure level"), run.out.npos) << run.out;
  }
}

TEST_F(ServiceTest, ADrainIsGivenTheTimeThatItTakes) {
  for (const char* name : {"sluice.service", "sluice-archive.service"}) {
    const std::string unit = Deployed(name);
    const size_t at = unit.find("\nTimeoutStopSec=");
    ASSERT_NE(at, unit.npos);
    EXPECT_GE(std::stoull(unit.substr(at + 16)) * 1'000, kDrainMs + 5'000);
  }
}

// Everything that the program does between its start and its end, under strace, is in the filter.
// The sanitizers' own calls are among those.
TEST_F(ServiceTest, TheProgramWorksWithinItsFilterOfSystemCalls) {
  const std::string trace = dir_.File("trace");
  if (RunProgram({"strace", "-o", "/dev/null", "true"}).exit_code != 0) {
    GTEST_SKIP() << "strace is missing or may not trace here";
  }
  redis_.Start();
  const std::string journal = dir_.File("journal");
  const std::string admin = dir_.File("admin.sock");
  Process gate(
      {.args = {"strace", "-D", "-f", "-qq", "-o", trace, SluiceBinary(), "--listen", "127.0.0.1:0",
                "--admin", "unix://" + admin, "--redis", redis_.url(), "--workers", "2"},
       .environment = {"SLUICE_JOURNAL_DIR=" + journal, "ASAN_OPTIONS=detect_leaks=0"}});
  uint16_t port = 0;
  ASSERT_TRUE(WaitFor(
      [&] {
        const std::string out = gate.out();
        return std::sscanf(out.c_str(), "sluice %*s listening on 127.0.0.1:%5hu,", &port) == 1;
      },
      "the gate to say where it listens"));
  const auto redis_up = [&] {
    return MetricsText(HttpClient(admin).Get("/metrics").body).Sum("sluice_redis_up") == 1;
  };
  ASSERT_TRUE(WaitFor(redis_up, "Redis to be up"));
  HttpClient client(port);
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, "[" + Vital("a", 1) + "," + Vital("b", 2) + "]"), 2));
  redis_.Pause();
  EXPECT_EQ(BodyText(client.Post(kVitals, Vital("c", 3)), "stored"), "journal");
  redis_.Continue();
  redis_.client().Do({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  ASSERT_TRUE(WaitFor([this] { return Length("vitals") == 3; }, "the journal to be sent"));
  gate.Signal(SIGHUP);
  gate.Signal(SIGTERM);
  EXPECT_EQ(gate.WaitExit(), 0) << gate.err();

  // The tracer writes the end behind its program's.
  std::set<std::string> called;
  ASSERT_TRUE(WaitFor(
      [&] {
        called = Called(trace);
        return called.contains("exit_group");
      },
      "strace to have written all"));
  for (const char* expected : {"execve", "epoll_ctl", "accept4", "fdatasync", "unlink"}) {
    EXPECT_TRUE(called.contains(expected)) << expected;
  }
  const std::set<std::string> allowed = AllowedCalls();
  ASSERT_TRUE(allowed.contains("epoll_ctl"));
  ASSERT_FALSE(allowed.contains("setuid"));
  for (const std::string& name : called) EXPECT_TRUE(allowed.contains(name)) << name;
}

// ---- What it tells the service manager ---------------------------------------------------------

class ServiceNoticesTest : public GateTest {
 protected:
  ServiceNoticesTest() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path_.copy(name.sun_path, sizeof name.sun_path - 1);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  }
  ~ServiceNoticesTest() override { ::close(fd_); }

  testing::AssertionResult Hears(const std::string& words) {
    return WaitFor(
        [&] {
          char bytes[200];
          const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
          return n > 0 && std::string(bytes, static_cast<size_t>(n)).starts_with(words);
        },
        "the notice " + words);
  }

  const TempDir dir_;
  const std::string path_ = dir_.File("notify");
  const int fd_;
};

TEST_F(ServiceNoticesTest, ListeningReloadingAndDraining) {
  Gate::Options options;
  options.redis_url = redis_.url();
  options.environment = {"NOTIFY_SOCKET=" + path_};
  gate_ = std::make_unique<Gate>(options);
  EXPECT_TRUE(Hears("READY=1"));
  gate_->Signal(SIGHUP);
  EXPECT_TRUE(Hears("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_TRUE(Hears("READY=1"));
  gate_->Signal(SIGTERM);
  EXPECT_TRUE(Hears("STOPPING=1"));
  EXPECT_EQ(gate_->WaitExit(), 0);
}

}  // namespace
}  // namespace sluice
