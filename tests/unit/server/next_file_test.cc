#include "server/next_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "server/text_file.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

class NextFileTest : public testing::Test {
 protected:
  static mode_t ModeOf(const std::string& file) {
    struct stat info {};
    EXPECT_EQ(::stat(file.c_str(), &info), 0);
    return info.st_mode & 07777;
  }
  size_t FileCount() const {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      ++count;
    }
    return count;
  }

  TempDir dir_;
};

TEST_F(NextFileTest, IsInPlaceOnlyOnceRenamed) {
  const std::string file = dir_.Write("a", "old");
  {
    auto next = NextFile::Write(file, "new");
    ASSERT_TRUE(next.ok()) << next.error();
    EXPECT_EQ(ReadTextFile(file).value(), "old");
    EXPECT_EQ(FileCount(), 2u);
    EXPECT_TRUE(next.value()->Rename().ok());
    EXPECT_EQ(ReadTextFile(file).value(), "new");
  }
  EXPECT_EQ(ReadTextFile(file).value(), "new");
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(NextFileTest, WithoutRenameNothingIsLeft) {
  const std::string file = dir_.Write("a", "old");
  ASSERT_TRUE(NextFile::Write(file, "new").ok());
  EXPECT_EQ(ReadTextFile(file).value(), "old");
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(NextFileTest, KeepsTheModeAndMakesAFileForItsOwnerAlone) {
  const std::string file = dir_.Write("a", "old");
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  ASSERT_TRUE(NextFile::Write(file, "new").value()->Rename().ok());
  EXPECT_EQ(ModeOf(file), 0640u);
  ASSERT_TRUE(NextFile::Write(dir_.File("b"), "new").value()->Rename().ok());
  EXPECT_EQ(ModeOf(dir_.File("b")), 0600u);
}

TEST_F(NextFileTest, AnErrorNamesTheFileAndTheReason) {
  const std::string file = dir_.File("none/a");
  EXPECT_EQ(NextFile::Write(file, "x").error(),
            "cannot write the file \"" + file + "\": No such file or directory");
}

}  // namespace
}  // namespace sluice
