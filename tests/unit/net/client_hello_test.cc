#include "net/client_hello.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sluice {
namespace {

// A record that holds the first bytes of a ClientHello which announces `hello_bytes`.
std::string Record(size_t hello_bytes, size_t sent_bytes) {
  const auto byte = [](size_t value) { return static_cast<char>(value & 0xff); };
  const size_t record_bytes = 4 + sent_bytes;
  std::string record = {22, 3, 1, byte(record_bytes >> 8), byte(record_bytes)};
  record += {1, byte(hello_bytes >> 16), byte(hello_bytes >> 8), byte(hello_bytes)};
  return record + std::string(sent_bytes, 'h');
}

TEST(ClientHelloTest, AFirstRecordIsWaitedForWhole) {
  const std::string record = Record(300, 300);
  for (size_t n = 0; n < record.size(); ++n) {
    EXPECT_EQ(LookAtHello(std::string_view(record).substr(0, n)), Hello::kComing) << n;
  }
  EXPECT_EQ(LookAtHello(record), Hello::kWhole);
  EXPECT_EQ(LookAtHello(record + "more"), Hello::kWhole);
}

TEST(ClientHelloTest, WhatIsAnnouncedIsBounded) {
  EXPECT_EQ(LookAtHello(Record(16 * 1024, 10)), Hello::kWhole);
  EXPECT_EQ(LookAtHello(Record(16 * 1024 + 1, 10)), Hello::kTooLarge);
  EXPECT_EQ(LookAtHello(Record(0xffffff, 0)), Hello::kTooLarge);
}

TEST(ClientHelloTest, WhatIsNoneIsForOpenSslToRefuse) {
  using namespace std::string_view_literals;
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\r\n"sv, "\0"sv, "\x16\3\1\xff\xff"sv, "\x16\3\1\0\1\1"sv}) {
    EXPECT_EQ(LookAtHello(bytes), Hello::kWhole);
  }
}

}  // namespace
}  // namespace sluice
