#include "sluice/net/ticket_keys.h"

#include <gtest/gtest.h>

#include "sluice/base/limits.h"
#include "support/fake_clock.h"

namespace sluice {
namespace {

TEST(TicketKeysTest, AKeyIsReplacedAfterItsTimeAndOpensForAsLongAgain) {
  FakeClock clock;
  TicketKeys keys(clock);
  const TicketKeys::Key first = keys.Newest().value();
  EXPECT_EQ(keys.Newest()->name, first.name);
  EXPECT_TRUE(keys.Find(first.name)->newest);

  clock.AdvanceMs(kTlsSessionSeconds * 1'000);
  const TicketKeys::Key second = keys.Newest().value();
  EXPECT_NE(second.name, first.name);
  EXPECT_NE(second.cipher, first.cipher);
  EXPECT_NE(second.mac, first.mac);
  ASSERT_TRUE(keys.Find(first.name));
  EXPECT_FALSE(keys.Find(first.name)->newest);
  EXPECT_EQ(keys.Find(first.name)->cipher, first.cipher);

  clock.AdvanceMs(kTlsSessionSeconds * 1'000);
  EXPECT_FALSE(keys.Find(first.name));
  EXPECT_TRUE(keys.Find(second.name));
}

TEST(TicketKeysTest, EachProcessHasItsOwn) {
  FakeClock clock;
  TicketKeys one(clock);
  TicketKeys other(clock);
  EXPECT_FALSE(other.Find(one.Newest()->name));
}

}  // namespace
}  // namespace sluice
