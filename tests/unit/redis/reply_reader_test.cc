#include "sluice/redis/reply_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// One line of what a lane may know of a reply.
std::string Describe(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::kStatus:
      return "status " + reply.text;
    case Reply::Kind::kError:
      return "error " + reply.text;
    case Reply::Kind::kText:
      return "text " + reply.text;
    case Reply::Kind::kInteger:
      return "integer " + std::to_string(reply.integer);
    case Reply::Kind::kNil:
      return "nil";
    case Reply::Kind::kArray:
      break;
  }
  std::string line = "array of " + std::to_string(reply.elements);
  for (const Reply::ElementError& error : reply.errors) {
    line += ", " + std::to_string(error.index) + ": " + error.text;
  }
  for (const Reply::ElementInteger& integer : reply.integers) {
    line += ", " + std::to_string(integer.index) + " is " + std::to_string(integer.value);
  }
  return line;
}

void ReadAll(ReplyReader& reader, std::vector<std::string>& replies) {
  while (const Reply* reply = reader.Next()) {
    replies.insert(replies.end(), reply->times, Describe(*reply));
  }
}

std::vector<std::string> Read(std::string_view bytes) {
  ReplyReader reader;
  std::vector<std::string> replies;
  reader.Feed(bytes);
  ReadAll(reader, replies);
  EXPECT_FALSE(reader.failed());
  return replies;
}

TEST(ReplyReader, KnowsEveryKind) {
  EXPECT_THAT(Read("+OK\r\n"), ElementsAre("status OK"));
  EXPECT_THAT(Read("-ERR no\r\n"), ElementsAre("error ERR no"));
  EXPECT_THAT(Read(":-42\r\n"), ElementsAre("integer -42"));
  EXPECT_THAT(Read("$5\r\na\r\nbc\r\n"), ElementsAre("text a\r\nbc"));
  EXPECT_THAT(Read("$0\r\n\r\n"), ElementsAre("text "));
  EXPECT_THAT(Read("$-1\r\n"), ElementsAre("nil"));
  EXPECT_THAT(Read("*0\r\n"), ElementsAre("array of 0"));
  EXPECT_THAT(Read("*-1\r\n"), ElementsAre("nil"));
  EXPECT_THAT(Read("*2\r\n:1\r\n+OK\r\n"), ElementsAre("array of 2, 0 is 1"));
}

TEST(ReplyReader, NamesTheErrorsAmongAnArraysElements) {
  EXPECT_THAT(Read("*4\r\n$3\r\n1-1\r\n-OOM no\r\n+OK\r\n-WRONGTYPE no\r\n"),
              ElementsAre("array of 4, 1: OOM no, 3: WRONGTYPE no"));
}

TEST(ReplyReader, NamesTheIntegersAboveZeroAmongAnArraysElements) {
  EXPECT_THAT(Read("*6\r\n:3\r\n:0\r\n$3\r\n1-1\r\n:-1\r\n:5000000000\r\n+OK\r\n*1\r\n:7\r\n"),
              ElementsAre("array of 6, 0 is 3, 4 is 5000000000", "array of 1, 0 is 7"));
}

TEST(ReplyReader, AnElementsOwnElementsAreNotTheArrays) {
  EXPECT_THAT(Read("*3\r\n*3\r\n-inner\r\n:5\r\n*1\r\n-innermost\r\n:1\r\n-outer\r\n"),
              ElementsAre("array of 3, 2: outer, 1 is 1"));
}

TEST(ReplyReader, ReadsRepliesInOrderAndForgetsTheLastOnes) {
  EXPECT_THAT(Read("*2\r\n-a\r\n-b\r\n*1\r\n+OK\r\n-c\r\n+OK\r\n"),
              ElementsAre("array of 2, 0: a, 1: b", "array of 1", "error c", "status OK"));
}

TEST(ReplyReader, TheSameRepliesComeOutWhereverTheBytesAreCut) {
  const std::string bytes =
      "+QUEUED\r\n-OOM no\r\n:7\r\n$4\r\ntext\r\n$-1\r\n*3\r\n$3\r\n1-1\r\n-ERR x\r\n*1\r\n:1\r\n";
  const std::vector<std::string> whole = Read(bytes);
  ASSERT_THAT(whole, SizeIs(6));
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    ReplyReader reader;
    std::vector<std::string> replies;
    reader.Feed(std::string_view(bytes).substr(0, cut));
    ReadAll(reader, replies);
    reader.Feed(std::string_view(bytes).substr(cut));
    ReadAll(reader, replies);
    EXPECT_EQ(replies, whole) << "cut at " << cut;
    EXPECT_FALSE(reader.failed());
  }
  ReplyReader reader;
  std::vector<std::string> replies;
  for (const char byte : bytes) {
    reader.Feed({&byte, 1});
    ReadAll(reader, replies);
  }
  EXPECT_EQ(replies, whole);
}

TEST(ReplyReader, KeepsOnlyTheStartOfALongText) {
  const std::string text(2'000, 't');
  EXPECT_THAT(Read("$2000\r\n" + text + "\r\n"),
              ElementsAre("text " + text.substr(0, Reply::kTextBytesMax)));
  EXPECT_THAT(Read("*1\r\n-" + text + "\r\n"),
              ElementsAre("array of 1, 0: " + text.substr(0, Reply::kTextBytesMax)));
}

TEST(ReplyReader, AnErrorDoesNotRepeatACommandsArguments) {
  EXPECT_THAT(Read("-ERR unknown command 'AUTH', with args beginning with: 'secret' \r\n"),
              ElementsAre("error ERR unknown command 'AUTH'"));
  EXPECT_THAT(Read("*1\r\n-ERR unknown command `XADD`, with args beginning with: `dev-1`, \r\n"),
              ElementsAre("array of 1, 0: ERR unknown command `XADD`"));
  EXPECT_THAT(Read("$31\r\n, with args beginning with text\r\n"),
              ElementsAre("text , with args beginning with text"))
      << "only errors are cut";
}

TEST(ReplyReader, AnEmptyStatusOrOneThatMerelyStartsAlikeIsNotTheWord) {
  ReplyReader reader;
  reader.Feed("+OK\r\n+OKAY\r\n$2\r\nOK\r\n");
  EXPECT_TRUE(reader.Next()->is_status("OK"));
  EXPECT_FALSE(reader.Next()->is_status("OK"));
  EXPECT_FALSE(reader.Next()->is_status("OK")) << "a text is no status";
}

class GarbageTest : public testing::TestWithParam<const char*> {};

TEST_P(GarbageTest, FailsForGood) {
  ReplyReader reader;
  std::vector<std::string> replies;
  reader.Feed("+OK\r\n");
  ReadAll(reader, replies);
  reader.Feed(GetParam());
  ReadAll(reader, replies);
  EXPECT_THAT(replies, ElementsAre("status OK"));
  EXPECT_TRUE(reader.failed());
  reader.Feed("+OK\r\n");
  EXPECT_EQ(reader.Next(), nullptr);
}

INSTANTIATE_TEST_SUITE_P(, GarbageTest,
                         testing::Values("HTTP/1.1 400 Bad Request\r\n", "\r\n", "\x01",
                                         "*1\r\nx\r\n",
                                         "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"));

TEST(ReplyReader, SaysNothingUntilAReplyIsWhole) {
  ReplyReader reader;
  reader.Feed("*2\r\n+OK\r\n+O");
  EXPECT_EQ(reader.Next(), nullptr);
  EXPECT_FALSE(reader.failed());
  std::vector<std::string> replies;
  ReadAll(reader, replies);
  EXPECT_THAT(replies, IsEmpty());
}

}  // namespace
}  // namespace sluice
