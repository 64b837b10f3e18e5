#include "sluice/redis/reply_value.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

ReplyValue Read(std::string_view bytes) {
  ValueReader reader;
  reader.Feed(bytes);
  ReplyValue value;
  EXPECT_TRUE(reader.Next(value));
  return value;
}

TEST(ReplyValueTest, HoldsAllOfAReply) {
  const ReplyValue value = Read("*3\r\n$1\r\na\r\n:7\r\n*1\r\n$-1\r\n");
  ASSERT_TRUE(value.is_array(3));
  EXPECT_EQ(value.elements[0].text, "a");
  EXPECT_EQ(value.Find("a")->integer, 7);
  EXPECT_EQ(value.elements[2].elements[0].kind, ReplyValue::Kind::kNil);
}

TEST(ReplyValueTest, AnErrorDoesNotRepeatACommandsArguments) {
  EXPECT_EQ(Read("-ERR unknown command 'AUTH', with args beginning with: 'secret' \r\n").text,
            "ERR unknown command 'AUTH'");
  EXPECT_EQ(Read("$31\r\n, with args beginning with text\r\n").text,
            ", with args beginning with text");
}

}  // namespace
}  // namespace sluice
