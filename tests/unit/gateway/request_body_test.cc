#include "sluice/gateway/request_body.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

namespace sluice {
namespace {

// Reads the padding behind `whole`, which a sanitizer minds if it is not there.
unsigned SumOfPadding(std::string_view whole) {
  unsigned sum = 0;
  for (size_t i = 0; i < kJsonPaddingBytes; ++i) {
    sum += static_cast<unsigned char>(*(whole.data() + whole.size() + i));
  }
  return sum;
}

TEST(RequestBody, IsOnlyLookedAtWhileItLiesInOnePiece) {
  BodyRoom room;
  RequestBody body(room);
  const std::string read = "one piece";
  body.Append(read);
  EXPECT_TRUE(body.in_read_buffer());
  EXPECT_EQ(body.Whole().data(), read.data());
  EXPECT_EQ(body.Whole(), read);
}

TEST(RequestBody, IsGatheredOnceAChunkCutsIt) {
  BodyRoom room;
  RequestBody body(room);
  const std::string read = "one,two,three";
  body.Append(std::string_view(read).substr(0, 4));
  body.Append(std::string_view(read).substr(4, 4));
  body.Append(std::string_view(read).substr(8));
  EXPECT_FALSE(body.in_read_buffer());
  EXPECT_EQ(body.Whole(), read);
  EXPECT_EQ(SumOfPadding(body.Whole()), SumOfPadding(body.Whole()));
}

TEST(RequestBody, IsKeptWhenTheReadGoes) {
  BodyRoom room;
  RequestBody body(room);
  auto read = std::make_unique<std::string>("the first read,");
  body.Append(*read);
  body.Keep();
  read.reset();
  EXPECT_FALSE(body.in_read_buffer());
  body.Append(" the second");
  EXPECT_EQ(body.Whole(), "the first read, the second");
  EXPECT_EQ(SumOfPadding(body.Whole()), SumOfPadding(body.Whole()));
}

TEST(RequestBody, ALongOneIsGatheredInOneAllocation) {
  BodyRoom room;
  RequestBody body(room);
  const std::string half(kReadBufferBytes, 'b');
  body.Expect(2 * half.size());
  body.Append(half);
  const char* place = body.Whole().data();
  EXPECT_NE(place, half.data());
  body.Append(half);
  EXPECT_EQ(body.Whole().data(), place);
  EXPECT_EQ(body.Whole(), half + half);
}

TEST(RequestBody, ClearedItStartsAnewAndItsBufferIsSpare) {
  BodyRoom room;
  RequestBody body(room);
  body.Append("first");
  body.Keep();
  const char* place = body.Whole().data();
  body.Clear();
  EXPECT_EQ(body.Whole(), "");
  body.Append("second");
  EXPECT_TRUE(body.in_read_buffer());
  body.Keep();
  EXPECT_EQ(body.Whole(), "second");
  EXPECT_EQ(body.Whole().data(), place);
}

TEST(RequestBody, AnEmptyOneIsEmpty) {
  BodyRoom room;
  RequestBody body(room);
  EXPECT_EQ(body.Whole(), "");
  body.Clear();
  EXPECT_EQ(body.Whole(), "");
}

}  // namespace
}  // namespace sluice
