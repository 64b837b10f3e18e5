#include "sluice/net/socket_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using Taking = SocketFile::Taking;

class SocketFileTest : public testing::Test {
 protected:
  std::unique_ptr<SocketFile> Listen(Taking taking = Taking::kFree) {
    auto file = SocketFile::Listen(path_, taking);
    EXPECT_TRUE(file.ok()) << file.error();
    return std::move(file.value());
  }
  std::string ErrorAt(const std::string& path, Taking taking = Taking::kFree) {
    const auto file = SocketFile::Listen(path, taking);
    return file.ok() ? "" : file.error();
  }
  bool Exists() const { return std::filesystem::exists(std::filesystem::symlink_status(path_)); }
  // A connection that somebody's queue took.
  bool Connects() const {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path_.copy(name.sun_path, sizeof name.sun_path - 1);
    const bool connected =
        ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
    ::close(fd);
    return connected;
  }
  // What a killed process leaves.
  void LeaveDeadSocket() {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path_.copy(name.sun_path, sizeof name.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    ::close(fd);
  }

  const TempDir dir_;
  const std::string path_ = dir_.File("admin.sock");
};

TEST_F(SocketFileTest, IsListenedOnAndGoneWithItsObject) {
  {
    const auto file = Listen();
    EXPECT_TRUE(Connects());
  }
  EXPECT_FALSE(Exists());
}

TEST_F(SocketFileTest, TheTakenSocketOutlivesItsObject) {
  auto file = Listen();
  const int fd = file->TakeSocket();
  EXPECT_TRUE(Connects());
  file.reset();
  EXPECT_FALSE(Exists());
  EXPECT_EQ(::close(fd), 0);
}

TEST_F(SocketFileTest, OwnerAndGroupMayConnectWhateverTheUmask) {
  for (const mode_t mask : {0, 022, 077}) {
    const mode_t before = ::umask(mask);
    const auto file = Listen();
    ::umask(before);
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0660u) << mask;
  }
}

TEST_F(SocketFileTest, WhatADeadProcessLeftIsReplaced) {
  for (const Taking taking : {Taking::kFree, Taking::kOver}) {
    LeaveDeadSocket();
    ASSERT_TRUE(Exists());
    ASSERT_FALSE(Connects());
    const auto file = Listen(taking);
    EXPECT_TRUE(Connects());
  }
}

TEST_F(SocketFileTest, WhereSomebodyListensIsAnErrorAndTheyGoOn) {
  const auto first = Listen();
  EXPECT_THAT(ErrorAt(path_), HasSubstr("a running process listens there"));
  EXPECT_TRUE(Connects());
}

TEST_F(SocketFileTest, ATakeoverReplacesWhoListensAndTheOldOneLeavesTheNewOneAlone) {
  auto old = Listen();
  const int old_fd = old->TakeSocket();
  const auto next = Listen(Taking::kOver);
  while (::close(::accept4(old_fd, nullptr, nullptr, SOCK_NONBLOCK)) == 0) {
  }  // who came before
  EXPECT_TRUE(Connects());
  EXPECT_EQ(::accept4(old_fd, nullptr, nullptr, SOCK_NONBLOCK), -1) << "the new one has them";
  old.reset();
  EXPECT_TRUE(Connects());
  ::close(old_fd);
}

TEST_F(SocketFileTest, ATakeoverNeedsNobodyAndNoRestOfAnEarlierOne) {
  dir_.Write("admin.sock.new", "of one that died");
  const auto file = Listen(Taking::kOver);
  EXPECT_TRUE(Connects());
  EXPECT_FALSE(std::filesystem::exists(dir_.File("admin.sock.new")));
}

TEST_F(SocketFileTest, WhatIsNoSocketIsLeftAlone) {
  dir_.Write("admin.sock", "precious");
  for (const Taking taking : {Taking::kFree, Taking::kOver}) {
    EXPECT_THAT(ErrorAt(path_, taking), HasSubstr("no socket"));
  }
  EXPECT_EQ(std::filesystem::file_size(path_), 8u);
  std::filesystem::remove(path_);
  std::filesystem::create_symlink(dir_.File("elsewhere"), path_);
  EXPECT_THAT(ErrorAt(path_), HasSubstr("no socket"));
  EXPECT_TRUE(Exists());
}

TEST_F(SocketFileTest, ADirectoryThatIsNotThereIsAnError) {
  EXPECT_EQ(ErrorAt(dir_.File("nowhere/s")), "No such file or directory");
}

TEST_F(SocketFileTest, APathThatDoesNotFitIsAnErrorThatSaysWhatWould) {
  const std::string longest = path_ + std::string(107 - path_.size(), 'x');
  EXPECT_EQ(ErrorAt(longest), "");
  EXPECT_THAT(ErrorAt(longest + "x"), HasSubstr("107 bytes"));
  EXPECT_THAT(ErrorAt(longest, Taking::kOver), HasSubstr("103 bytes"));
  EXPECT_EQ(ErrorAt(longest.substr(0, 103), Taking::kOver), "");
}

}  // namespace
}  // namespace sluice
