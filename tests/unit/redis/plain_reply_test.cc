#include "redis/plain_reply.h"

#include <gtest/gtest.h>

#include <iterator>
#include <string>
#include <string_view>

#include "sluice/base/random.h"

namespace sluice {
namespace {

size_t Taken(std::string_view bytes) {
  Reply reply;
  return ReadPlainReply(bytes, reply);
}

std::string Everything(const Reply& reply) {
  std::string text = std::to_string(static_cast<int>(reply.kind)) + " " + reply.text + " " +
                     std::to_string(reply.integer) + " " + std::to_string(reply.elements);
  for (const auto& error : reply.errors) text += " " + std::to_string(error.index) + error.text;
  for (const auto& integer : reply.integers) {
    text += " " + std::to_string(integer.index) + "=" + std::to_string(integer.value);
  }
  return text;
}

TEST(PlainReplyTest, WhatAnswersATransactionInGoodOrderIsPlain) {
  for (const char* bytes :
       {"+OK\r\n", "+QUEUED\r\n", ":0\r\n", ":42\r\n", "*0\r\n", "*1\r\n$3\r\n1-1\r\n",
        "*4\r\n$15\r\n1735689600000-0\r\n+OK\r\n:1\r\n$0\r\n\r\n"}) {
    const std::string_view whole = bytes;
    EXPECT_EQ(Taken(whole), whole.size()) << whole;
    EXPECT_EQ(Taken(std::string(whole) + "-ERR next\r\n"), whole.size()) << whole;
    for (size_t cut = 0; cut < whole.size(); ++cut) EXPECT_EQ(Taken(whole.substr(0, cut)), 0u);
  }
}

TEST(PlainReplyTest, ARunOfQueuedIsOneReply) {
  Reply reply;
  const std::string_view bytes = "+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUE";
  EXPECT_EQ(ReadPlainReply(bytes, reply), 27u);
  EXPECT_TRUE(reply.is_status("QUEUED"));
  EXPECT_EQ(reply.times, 3u);
  EXPECT_EQ(ReadPlainReply("+OK\r\n+QUEUED\r\n", reply), 5u);
  EXPECT_EQ(reply.times, 1u);
}

TEST(PlainReplyTest, TheRestIsLeftToTheOtherReader) {
  for (const std::string& bytes :
       {std::string("-ERR no\r\n"), std::string("$2\r\nab\r\n"), std::string("$-1\r\n"),
        std::string("*-1\r\n"), std::string("*1\r\n$-1\r\n"), std::string("*1\r\n-ERR no\r\n"),
        std::string("*1\r\n*0\r\n"), std::string("*x\r\n"), std::string(":\r\n"),
        std::string(":1x\r\n"), std::string("+a\rb\r\n"), std::string("*1\r\n$3\r\nabcd\r\n"),
        std::string("*1\r\n$99999999999999999999\r\n"), std::string("x\r\n"), std::string(),
        "+" + std::string(100, 'a') + "\r\n", "*1\r\n$65\r\n" + std::string(65, 'a') + "\r\n"}) {
    EXPECT_EQ(Taken(bytes), 0u) << bytes;
  }
}

// Fed byte by byte nothing is ever whole, so that hiredis reads all of it.
TEST(PlainReplyTest, BothReadersSayTheSame) {
  const std::string replies[] = {"+OK\r\n",
                                 "+QUEUED\r\n",
                                 "-OOM no\r\n",
                                 ":-7\r\n",
                                 "*3\r\n$15\r\n1735689600000-0\r\n:2\r\n+OK\r\n",
                                 "*2\r\n-ERR x\r\n$3\r\n1-1\r\n",
                                 "$4\r\ntext\r\n",
                                 "*2\r\n*1\r\n:1\r\n$-1\r\n"};
  Random random(9);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (uint64_t n = 1 + random.Below(5); n > 0; --n) {
      bytes += replies[random.Below(std::size(replies))];
    }
    if (random.Below(2) == 0) bytes[random.Below(bytes.size())] = "+:$*-\r\n019x"[random.Below(11)];
    std::string text[2];
    bool failed[2];
    for (const bool at_once : {false, true}) {
      ReplyReader reader;
      const size_t piece = at_once ? bytes.size() : 1;
      for (size_t at = 0; at < bytes.size() && !reader.failed(); at += piece) {
        reader.Feed(std::string_view(bytes).substr(at, piece));
        while (const Reply* reply = reader.Next()) {
          for (uint32_t i = 0; i < reply->times; ++i) text[at_once] += Everything(*reply) + "\n";
        }
      }
      failed[at_once] = reader.failed();
    }
    ASSERT_EQ(text[0], text[1]) << testing::PrintToString(bytes);
    ASSERT_EQ(failed[0], failed[1]) << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace sluice
