#include "server/journal_command.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>

namespace sluice {
namespace {

// What the command shows is tests/integration/journal_command_test.cc's; here is what it returns.
class JournalCommandTest : public testing::Test {
 protected:
  JournalCommandTest() { std::filesystem::create_directory(dir_); }
  ~JournalCommandTest() override { std::filesystem::remove_all(dir_); }

  int Run(const std::string& dir) {
    return RunJournalCommand({.verb = JournalCommand::Verb::kList, .dir = dir}, out_, err_);
  }

  const std::string dir_ = testing::TempDir() + "journal_command_" + std::to_string(::getpid());
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(JournalCommandTest, AnEmptyDirectoryIsAnEmptyJournal) {
  EXPECT_EQ(Run(dir_), 0);
  EXPECT_EQ(err_.str(), "");
}

TEST_F(JournalCommandTest, ADirectoryThatCannotBeReadIsSaid) {
  EXPECT_EQ(Run(dir_ + "/none"), 2);
  EXPECT_EQ(err_.str(), "sluice: journal: cannot read the directory " + dir_ +
                            "/none: No such file or directory\n");
}

TEST_F(JournalCommandTest, OutputThatCannotBeWrittenIsSaid) {
  out_.setstate(std::ios::badbit);
  EXPECT_EQ(Run(dir_), 2);
  EXPECT_EQ(err_.str(), "sluice: journal: cannot write the output; give it room\n");
}

}  // namespace
}  // namespace sluice
