#include "sluice/hash/key_hash.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

// As `xxhsum -H3` and every other XXH3_64bits without a seed say: a device's stream must be the
// same for whoever looks for it, and in the next version too.
TEST(KeyHash, IsXxh3) {
  EXPECT_EQ(KeyHash(""), 0x2d06800538d394c2u);
  EXPECT_EQ(KeyHash("dev-1"), 0x61bc331dd76d7aa0u);
}

}  // namespace
}  // namespace sluice
