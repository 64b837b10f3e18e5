#include "server/token_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "server/text_file.h"
#include "server/token_file.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

class TokenCommandTest : public testing::Test {
 protected:
  int Run(const TokenCommand& command) {
    std::ostringstream out;
    std::ostringstream err;
    const int exit_code = RunTokenCommand(command, out, err);
    out_ = out.str();
    err_ = err.str();
    return exit_code;
  }
  TokenCommand New(const std::string& id) const {
    TokenCommand command;
    command.file = file_;
    command.id = id;
    return command;
  }
  std::string Text() const { return ReadTextFile(file_).value(); }
  std::vector<Token> Tokens() const {
    return ReadTokens(Text(), file_, nullptr, kBodyBytesMax).value();
  }
  // What is refused leaves the file as it is.
  std::string Refused(const TokenCommand& command) {
    const std::string before = Text();
    EXPECT_EQ(Run(command), 2);
    EXPECT_EQ(out_, "");
    EXPECT_EQ(Text(), before);
    EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1) << err_;
    return err_;
  }

  TempDir dir_;
  std::string file_ = dir_.File("tokens.toml");
  std::string out_;
  std::string err_;
};

TEST_F(TokenCommandTest, PrintsTheSecretAloneAndKeepsItsDigest) {
  EXPECT_EQ(Run(New("band-1")), 0);
  EXPECT_THAT(out_, MatchesRegex("[A-Za-z0-9_-]{43}\n"));
  EXPECT_EQ(err_, "");
  const std::string secret = out_.substr(0, 43);
  const std::vector<Token> tokens = Tokens();
  ASSERT_EQ(tokens.size(), 1u);
  EXPECT_EQ(tokens[0].id, "band-1");
  EXPECT_EQ(tokens[0].secret, DigestOfSecret(secret));
  EXPECT_EQ(Text().find(secret), std::string::npos);
  struct stat info {};
  ASSERT_EQ(::stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
}

TEST_F(TokenCommandTest, TheLineSaysAllThatWasGivenAndReadsBack) {
  TokenCommand command = New("a \"quoted\\ id");
  command.routes = {"/v1/vitals", "/x"};
  command.keys = {"b-1", "ta\tb"};
  command.key_prefixes = {"w'-"};
  command.records_per_second = 7;
  command.bytes_per_second = 9'000;
  EXPECT_EQ(Run(command), 0) << err_;
  EXPECT_THAT(Text(), HasSubstr(R"(routes = ["/v1/vitals", "/x"], keys = ["b-1", "ta\tb"], )"
                                R"(key_prefixes = ["w'-"], records_per_second = 7, )"
                                R"(bytes_per_second = 9000 })"));
  const Token token = Tokens().at(0);
  EXPECT_EQ(token.id, "a \"quoted\\ id");
  EXPECT_TRUE(token.keys.Allows("ta\tb") && token.keys.Allows("w'-1"));
  EXPECT_FALSE(token.keys.Allows("b-2"));
}

TEST_F(TokenCommandTest, AddsBehindWhatIsThereAndKeepsIt) {
  std::ofstream(file_) << "# ward 7\nold = { cn = 'x' }  # no line end";
  EXPECT_EQ(Run(New("new")), 0);
  EXPECT_THAT(Text(), StartsWith("# ward 7\nold = { cn = 'x' }  # no line end\n\"new\" = { "));
  EXPECT_EQ(Tokens().size(), 2u);
}

TEST_F(TokenCommandTest, EachSecretIsAnother) {
  std::set<std::string> secrets;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Run(New(std::to_string(i))), 0);
    EXPECT_TRUE(secrets.insert(out_).second);
  }
  EXPECT_EQ(Tokens().size(), 20u);
}

TEST_F(TokenCommandTest, ACertificatesTokenHasNoSecret) {
  TokenCommand command = New("hub");
  command.common_name = "hub.example";
  EXPECT_EQ(Run(command), 0);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(Text(), "\"hub\" = { cn = \"hub.example\" }\n");
}

TEST_F(TokenCommandTest, WhatCannotBeAddedChangesNothing) {
  ASSERT_EQ(Run(New("a")), 0);
  EXPECT_EQ(Refused(New("a")), "sluice: token: " + file_ +
                                   " has a token \"a\" already; give another --id, or take its "
                                   "line out first; nothing was added\n");
  EXPECT_THAT(Refused(New("")), HasSubstr("an id must have 1 to 128 bytes"));
  EXPECT_THAT(Refused(New("a\xFF")), HasSubstr("is not TOML"));
  TokenCommand command = New("b");
  command.routes = {"v1"};
  EXPECT_THAT(Refused(command), HasSubstr("\"v1\" does not begin with /"));
  command = New("b");
  command.records_per_second = 0;
  EXPECT_THAT(Refused(command), HasSubstr("\"b\".records_per_second: 0 is out of range"));
  command = New("b");
  command.keys = {""};
  EXPECT_THAT(Refused(command), HasSubstr("each must have 1 to 1024 bytes"));
}

TEST_F(TokenCommandTest, AFileWithFaultsIsNotAddedTo) {
  std::ofstream(file_) << "a = 5\n";
  EXPECT_THAT(Refused(New("b")), HasSubstr(file_ + ":1:5: \"a\": expected a table"));
  std::ofstream(file_) << "[a]\ncn = 'x'\n";
  EXPECT_THAT(Refused(New("b")), HasSubstr("unknown section"))
      << "the line would be a part of the section before it";
}

// The secret first: one that nobody has seen would open the gate to nobody.
TEST_F(TokenCommandTest, ASecretThatCannotBePrintedIsNotAdded) {
  ASSERT_EQ(Run(New("a")), 0);
  const std::string before = Text();
  std::ofstream full("/dev/full");
  std::ostringstream err;
  EXPECT_EQ(RunTokenCommand(New("b"), full, err), 2);
  EXPECT_EQ(err.str(),
            "sluice: token: cannot write the secret to standard output; give it room; nothing was "
            "added\n");
  EXPECT_EQ(Text(), before);
}

TEST_F(TokenCommandTest, ALinkLeadsToTheFileAndStaysOne) {
  const std::string target = dir_.Write("target.toml", "");
  ASSERT_EQ(::symlink(target.c_str(), file_.c_str()), 0);
  EXPECT_EQ(Run(New("a")), 0) << err_;
  struct stat info {};
  ASSERT_EQ(::lstat(file_.c_str(), &info), 0);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
  EXPECT_THAT(ReadTextFile(target).value(), HasSubstr("\"a\" = "));
}

TEST_F(TokenCommandTest, AFileThatOthersMayReadIsWarnedOf) {
  const std::string file = dir_.Write("tokens.toml", "");
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  EXPECT_EQ(Run(New("a")), 0);
  EXPECT_EQ(err_,
            "sluice: token: \"" + file + "\" is open to others than its owner; chmod 600 it\n");
}

TEST_F(TokenCommandTest, WhatIsNoFileIsLeftAlone) {
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  EXPECT_EQ(Run(New("a")), 2);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("no regular file"));
  struct stat info {};
  ASSERT_EQ(::stat(file_.c_str(), &info), 0);
  EXPECT_TRUE(S_ISFIFO(info.st_mode));
}

TEST_F(TokenCommandTest, ADirectoryThatIsNotThereIsNamed) {
  TokenCommand command = New("a");
  command.file = dir_.File("none/tokens.toml");
  EXPECT_EQ(Run(command), 2);
  EXPECT_EQ(err_, "sluice: token: cannot lock the directory of \"" + command.file +
                      "\": No such file or directory; nothing was added\n");
}

}  // namespace
}  // namespace sluice
