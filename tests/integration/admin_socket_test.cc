// The admin port on a unix socket: its file's life, who may connect, and who may have its name.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "integration/gate_fixture.h"
#include "sluice/net/socket_file.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

class AdminSocketTest : public GateTest {
 protected:
  std::string address() const { return "unix://" + path_; }
  Gate::Options OptionsOnSocket() const {
    Gate::Options options;
    options.redis_url = redis_.url();
    options.admin = address();
    return options;
  }
  void StartOnSocket() {
    redis_.Start();
    gate_ = std::make_unique<Gate>(OptionsOnSocket());
    ASSERT_TRUE(WaitReadyOnSocket());
  }
  testing::AssertionResult WaitReadyOnSocket() const {
    return WaitFor([this] { return Ask("/readyz") == 200; }, "readiness");
  }
  int Ask(std::string_view path) const { return HttpClient(path_).Get(path).status; }
  bool Exists() const { return std::filesystem::exists(std::filesystem::symlink_status(path_)); }
  // Which file it is.
  ino_t Inode() const {
    struct stat status {};
    return ::stat(path_.c_str(), &status) == 0 ? status.st_ino : 0;
  }
  ProgramRun RunOn(const std::string& admin, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> args = {"--admin", admin};
    args.insert(args.end(), more.begin(), more.end());
    return RunSluice(args);
  }

  const TempDir dir_;
  const std::string path_ = dir_.File("admin.sock");
};

TEST_F(AdminSocketTest, ServesItsPagesAndIsGoneWhenTheGateIs) {
  StartOnSocket();
  EXPECT_NE(gate_->out().find("admin on " + address() + ","), std::string::npos) << gate_->out();
  HttpClient client(path_);
  EXPECT_EQ(client.Get("/healthz").status, 200);
  EXPECT_NE(client.Get("/metrics").body.find("sluice_connections"), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0660u);
  StopGate();
  EXPECT_FALSE(Exists());
}

TEST_F(AdminSocketTest, WhatAKilledGateLeftIsReplaced) {
  StartOnSocket();
  gate_->Kill();
  EXPECT_TRUE(Exists());
  gate_ = std::make_unique<Gate>(OptionsOnSocket());
  EXPECT_TRUE(WaitReadyOnSocket());
}

TEST_F(AdminSocketTest, ThatARunningGateHasIsAnErrorThatNamesTheSettingAndTheRemedy) {
  StartOnSocket();
  const ProgramRun run = RunOn(address());
  EXPECT_EQ(run.exit_code, 1);
  for (const char* word : {"admin.listen", "listens there", "--takeover"}) {
    EXPECT_NE(run.err.find(word), std::string::npos) << run.err;
  }
  EXPECT_EQ(Ask("/healthz"), 200);
}

TEST_F(AdminSocketTest, IsTakenOverAndTheOldGateLeavesItAlone) {
  StartOnSocket();
  const ino_t old_inode = Inode();
  Gate::Options options = OptionsOnSocket();
  options.args = {"--takeover"};
  options.listen = "127.0.0.1:" + std::to_string(gate_->port());
  auto next = std::make_unique<Gate>(options);
  EXPECT_NE(Inode(), old_inode);
  EXPECT_EQ(gate_->Stop(), 0);
  gate_ = std::move(next);
  EXPECT_TRUE(WaitReadyOnSocket());
  StopGate();
  EXPECT_FALSE(Exists());
}

TEST_F(AdminSocketTest, APathThatIsNoSocketIsAnErrorAndIsLeftAlone) {
  dir_.Write("admin.sock", "precious");
  for (const std::vector<std::string>& more : {std::vector<std::string>(), {"--takeover"}}) {
    const ProgramRun run = RunOn(address(), more);
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("admin.listen"), std::string::npos) << run.err;
    EXPECT_NE(run.err.find("no socket"), std::string::npos) << run.err;
  }
  EXPECT_EQ(std::filesystem::file_size(path_), 8u);
}

TEST_F(AdminSocketTest, APathThatIsTooLongIsAConfigurationError) {
  const ProgramRun run = RunOn("unix:///tmp/" + std::string(120, 'x'));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("107"), std::string::npos) << run.err;
}

TEST_F(AdminSocketTest, IsForgottenWhenTheDataPortIsInUse) {
  StartOnSocket();
  const std::string other = dir_.File("other.sock");
  const ProgramRun run =
      RunOn("unix://" + other, {"--listen", "127.0.0.1:" + std::to_string(gate_->port())});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(other));
}

TEST_F(AdminSocketTest, DevicesHaveNoUnixSocket) {
  const ProgramRun run = RunSluice({"--listen", address()});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("http.listen"), std::string::npos) << run.err;
}

TEST_F(AdminSocketTest, ThatTheServiceManagerHoldsIsServedAndStays) {
  redis_.Start();
  const auto held = SocketFile::Listen(path_, SocketFile::Taking::kFree);
  ASSERT_TRUE(held.ok()) << held.error();
  const int fd = held.value()->TakeSocket();
  Gate::Options options;
  options.redis_url = redis_.url();
  options.sockets = {{fd, "admin"}};
  gate_ = std::make_unique<Gate>(options);
  EXPECT_TRUE(WaitReadyOnSocket());
  StopGate();
  EXPECT_TRUE(Exists());
  Process refused({.args = {SluiceBinary(), "--admin", "127.0.0.1:0"},
                   .environment = {},
                   .sockets = {{fd, "data"}}});
  EXPECT_EQ(refused.WaitExit(), 1);
  EXPECT_NE(refused.err().find("descriptor 3 (data)"), std::string::npos) << refused.err();
  ::close(fd);
}

}  // namespace
}  // namespace sluice
