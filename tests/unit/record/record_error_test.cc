#include "sluice/record/record_error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace sluice {
namespace {

std::string Token(std::string_view name) {
  std::string pointer;
  AppendPointerToken(name, pointer);
  return pointer;
}

// RFC 6901 sections 3 and 5.
TEST(PointerTokenTest, EscapesTildeAndSlashAndNothingElse) {
  EXPECT_EQ(Token("name"), "/name");
  EXPECT_EQ(Token(""), "/");
  EXPECT_EQ(Token("a/b"), "/a~1b");
  EXPECT_EQ(Token("m~n"), "/m~0n");
  EXPECT_EQ(Token("~1"), "/~01");
  EXPECT_EQ(Token("c%d e^f|g\\h\"i"), "/c%d e^f|g\\h\"i");
}

TEST(PointerTokenTest, StandsBehindTheTokensBeforeIt) {
  std::string pointer = "/data";
  AppendPointerToken("12", pointer);
  AppendPointerToken("heart_rate", pointer);
  EXPECT_EQ(pointer, "/data/12/heart_rate");
}

TEST(PointerTokenTest, IsBounded) {
  EXPECT_EQ(Token(std::string(10'000, 'x')), "/" + std::string(kErrorTextBytesMax, 'x'));
}

TEST(FaultCodeTest, EachFaultHasACodeOfItsOwn) {
  std::set<std::string_view> codes;
  for (int fault = 0; fault <= static_cast<int>(RecordFault::kForbiddenKey); ++fault) {
    const std::string_view code = FaultCode(static_cast<RecordFault>(fault));
    EXPECT_FALSE(code.empty()) << fault;
    EXPECT_TRUE(codes.insert(code).second) << code;
  }
}

TEST(FaultCodeTest, CodesAreAsClientsKnowThem) {
  EXPECT_EQ(FaultCode(RecordFault::kEmpty), "empty");
  EXPECT_EQ(FaultCode(RecordFault::kJson), "json");
  EXPECT_EQ(FaultCode(RecordFault::kUtf8), "utf8");
  EXPECT_EQ(FaultCode(RecordFault::kEscape), "escape");
  EXPECT_EQ(FaultCode(RecordFault::kDepth), "depth");
  EXPECT_EQ(FaultCode(RecordFault::kTrailing), "trailing");
  EXPECT_EQ(FaultCode(RecordFault::kNotObject), "not_object");
  EXPECT_EQ(FaultCode(RecordFault::kType), "type");
  EXPECT_EQ(FaultCode(RecordFault::kRequired), "required");
  EXPECT_EQ(FaultCode(RecordFault::kRange), "range");
  EXPECT_EQ(FaultCode(RecordFault::kLength), "length");
  EXPECT_EQ(FaultCode(RecordFault::kTimestamp), "timestamp");
  EXPECT_EQ(FaultCode(RecordFault::kDuplicate), "duplicate");
  EXPECT_EQ(FaultCode(RecordFault::kUnknownField), "unknown_field");
  EXPECT_EQ(FaultCode(RecordFault::kAtLeastOne), "at_least_one");
  EXPECT_EQ(FaultCode(RecordFault::kForbiddenKey), "forbidden_key");
}

TEST(RecordErrorsTest, TellsWhetherAllAreOfOneKind) {
  RecordErrors errors;
  EXPECT_FALSE(errors.only(RecordFault::kForbiddenKey)) << "there is none";
  errors.Add({RecordFault::kForbiddenKey, 0, {}, {}});
  errors.Add({RecordFault::kForbiddenKey, 1, {}, {}});
  EXPECT_TRUE(errors.only(RecordFault::kForbiddenKey));
  errors.Add({RecordFault::kType, 2, {}, {}});
  EXPECT_FALSE(errors.only(RecordFault::kForbiddenKey));
}

TEST(RecordErrorsTest, KeepsTheFirstErrorsMaxAndSaysWhenItIsFull) {
  RecordErrors errors;
  EXPECT_TRUE(errors.empty());
  for (uint32_t i = 1; i <= kErrorsMax + 2; ++i) {
    EXPECT_EQ(errors.Add({RecordFault::kType, i, {}, {}}), i < kErrorsMax) << i;
  }
  ASSERT_EQ(errors.list().size(), kErrorsMax);
  EXPECT_EQ(errors.list().front().index, 1u);
  EXPECT_EQ(errors.list().back().index, kErrorsMax);
  errors.Clear();
  EXPECT_TRUE(errors.empty());
}

}  // namespace
}  // namespace sluice
