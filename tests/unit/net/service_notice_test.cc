#include "sluice/net/service_notice.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "support/temp_dir.h"

namespace sluice {
namespace {

// The socket at which a service manager listens.
class ServiceNoticeTest : public testing::Test {
 protected:
  ServiceNoticeTest() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path_.copy(name.sun_path, sizeof name.sun_path - 1);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
  }
  ~ServiceNoticeTest() override {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(fd_);
  }
  std::string Heard() const {
    std::array<char, 200> bytes;
    const ssize_t n = ::recv(fd_, bytes.data(), bytes.size(), 0);
    return n < 0 ? "" : std::string(bytes.data(), static_cast<size_t>(n));
  }

 private:
  const TempDir dir_;
  const std::string path_ = dir_.File("notify");
  const int fd_;
};

TEST_F(ServiceNoticeTest, SaysWhatItIsAt) {
  NotifyReady();
  EXPECT_EQ(Heard(), "READY=1");
  NotifyStopping();
  EXPECT_EQ(Heard(), "STOPPING=1");
}

TEST_F(ServiceNoticeTest, AReloadHasATime) {
  NotifyReloading();
  const std::string heard = Heard();
  ASSERT_TRUE(heard.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << heard;
  EXPECT_GT(std::stoll(heard.substr(heard.rfind('=') + 1)), 0);
}

TEST_F(ServiceNoticeTest, SaysNothingWhereNobodyListens) {
  ::unsetenv("NOTIFY_SOCKET");
  NotifyReady();
  EXPECT_EQ(Heard(), "");
}

}  // namespace
}  // namespace sluice
