#include "server/admin_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/temp_dir.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Why `listen` cannot be had as archive.listen.
std::string ErrorOf(const std::string& listen, PortTaking taking) {
  AdminSocket socket;
  const Status status = socket.Bind({"archive.listen", "--admin"}, listen, taking);
  return status ? "no error" : status.error();
}

bool IsThere(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

TEST(AdminSocketTest, SaysWhichPortTheKernelPicked) {
  AdminSocket socket;
  ASSERT_TRUE(socket.Bind({"archive.listen", "--admin"}, "127.0.0.1:0", PortTaking::kAlone).ok());
  EXPECT_THAT(socket.text(), testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  EXPECT_TRUE(socket.open());
  const PortSocket taken = socket.Take();
  EXPECT_EQ(taken.waiting, WaitingPeers::kAccepted);
  EXPECT_FALSE(socket.open());
  ::close(taken.fd);
}

TEST(AdminSocketTest, APortInUseIsAnErrorThatNamesSettingFlagAndRemedy) {
  AdminSocket socket;
  ASSERT_TRUE(socket.Bind({"archive.listen", "--admin"}, "127.0.0.1:0", PortTaking::kAlone).ok());
  for (const PortTaking taking : {PortTaking::kAlone, PortTaking::kFree, PortTaking::kOver}) {
    EXPECT_THAT(ErrorOf(socket.text(), taking),
                AllOf(HasSubstr("archive.listen: cannot listen on " + socket.text() + ": "),
                      HasSubstr("; choose another with --admin or [archive] listen")));
  }
  EXPECT_THAT(ErrorOf(socket.text(), PortTaking::kAlone), Not(HasSubstr("takeover")));
  EXPECT_THAT(ErrorOf(socket.text(), PortTaking::kFree), HasSubstr("give --takeover"));
}

TEST(AdminSocketTest, WhoTakesOverJoinsThoseWhoLetItAndNoOthers) {
  AdminSocket first;
  ASSERT_TRUE(first.Bind({"admin.listen", "--admin"}, "127.0.0.1:0", PortTaking::kFree).ok());
  EXPECT_EQ(ErrorOf(first.text(), PortTaking::kOver), "no error");
  EXPECT_NE(ErrorOf(first.text(), PortTaking::kFree), "no error");
}

TEST(AdminSocketTest, AUnixSocketsFileGoesWithIt) {
  const TempDir dir;
  const std::string path = dir.File("admin.sock");
  {
    AdminSocket socket;
    ASSERT_TRUE(
        socket.Bind({"archive.listen", "--admin"}, "unix://" + path, PortTaking::kAlone).ok());
    EXPECT_EQ(socket.text(), "unix://" + path);
    EXPECT_TRUE(IsThere(path));
    EXPECT_THAT(ErrorOf("unix://" + path, PortTaking::kAlone),
                AllOf(HasSubstr("archive.listen"), Not(HasSubstr("takeover"))));
    socket.RemoveFile();
    EXPECT_FALSE(IsThere(path));
  }
  {
    AdminSocket socket;
    ASSERT_TRUE(
        socket.Bind({"archive.listen", "--admin"}, "unix://" + path, PortTaking::kAlone).ok());
  }
  EXPECT_FALSE(IsThere(path));
}

}  // namespace
}  // namespace sluice
