#include "sluice/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace sluice {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return Error{std::to_string(n) + " is odd"};
  return n / 2;
}

Status Even(int n) {
  if (n % 2 != 0) return Error{std::to_string(n) + " is odd"};
  return {};
}

TEST(ResultTest, IsAValueOrAnError) {
  const Result<int> good = Half(4);
  EXPECT_TRUE(good.ok());
  EXPECT_TRUE(good);
  EXPECT_EQ(good.value(), 2);
  const Result<int> bad = Half(3);
  EXPECT_FALSE(bad.ok());
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error(), "3 is odd");
}

TEST(ResultTest, AStringIsAValueAndNotAnError) {
  const Result<std::string> result = std::string("text");
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.value(), "text");
}

TEST(ResultTest, GivesUpAValueThatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> value = std::move(result.value());
  EXPECT_EQ(*value, 7);
}

TEST(ResultDeathTest, AskingForWhatItIsNotIsABug) {
  EXPECT_DEATH((void)Half(3).value(), "invariant broken");
  EXPECT_DEATH((void)Half(4).error(), "invariant broken");
}

TEST(StatusTest, IsSuccessOrAnError) {
  EXPECT_TRUE(Even(4).ok());
  EXPECT_TRUE(Even(4));
  EXPECT_FALSE(Even(3));
  EXPECT_EQ(Even(3).error(), "3 is odd");
  EXPECT_DEATH((void)Even(4).error(), "invariant broken");
}

}  // namespace
}  // namespace sluice
