#include "sluice/base/eight_bytes.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>

namespace sluice {
namespace {

bool IsSpecial(uint8_t byte) { return byte < 0x20 || byte == '"' || byte == '\\' || byte >= 0x80; }

TEST(EightBytesTest, TheFirstSpecialByteIsFoundWhateverFollows) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (size_t place = 0; place < 8; ++place) {
      for (const char around : {' ', 'a', '~', '!', '#', '[', ']'}) {
        std::string text(8, around);
        text[place] = static_cast<char>(byte);
        const uint64_t found = SpecialBytes(EightBytes(text.data()));
        EXPECT_EQ(found != 0, IsSpecial(static_cast<uint8_t>(byte))) << byte;
        if (found == 0) continue;
        EXPECT_EQ(std::countr_zero(found) / 8, static_cast<int>(place)) << byte;
      }
    }
  }
}

TEST(EightBytesTest, OfTwoTheFirstCounts) {
  for (const char first : {'"', '\\', '\n', '\xc3'}) {
    for (const char second : {'"', '\\', '\0', '\xff', 'a'}) {
      const std::string text{'a', first, second, 'a', 'a', 'a', 'a', 'a'};
      EXPECT_EQ(std::countr_zero(SpecialBytes(EightBytes(text.data()))) / 8, 1);
    }
  }
}

}  // namespace
}  // namespace sluice
