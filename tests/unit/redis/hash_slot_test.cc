#include "sluice/redis/hash_slot.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

// As `CLUSTER KEYSLOT` of Redis 7.0 says.
TEST(HashSlot, IsRedissOwn) {
  EXPECT_EQ(HashSlot(""), 0);
  EXPECT_EQ(HashSlot("123456789"), 0x31c3);
  EXPECT_EQ(HashSlot("foo"), 12182);
  EXPECT_EQ(HashSlot("vitals:{0}"), 13907);
  EXPECT_EQ(HashSlot("sluice:ledger:host:1:2:0:{0}"), HashSlot("0"));
}

TEST(HashSlot, HashesTheFirstTagThatIsNotEmpty) {
  EXPECT_EQ(HashTag("vitals"), "vitals");
  EXPECT_EQ(HashTag("{user}:a"), "user");
  EXPECT_EQ(HashTag("a{b}{c}"), "b");
  EXPECT_EQ(HashTag("a{{b}}"), "{b");
  EXPECT_EQ(HashTag("a{}{b}"), "a{}{b}");
  EXPECT_EQ(HashTag("a{b"), "a{b");
  EXPECT_EQ(HashTag("a}b{c}"), "c");
}

}  // namespace
}  // namespace sluice
