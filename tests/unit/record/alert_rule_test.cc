#include "sluice/record/alert_rule.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "unit/record/decoding.h"

namespace sluice {
namespace {

AlertRule RuleFor(FieldType type) { return {.name = "rule", .field = 0, .type = type}; }

bool MetBy(const AlertRule& rule, int64_t integer) { return rule.Met("", {.integer = integer}); }
bool MetBy(const AlertRule& rule, double real) { return rule.Met("", {.real = real}); }
bool MetBy(const AlertRule& rule, std::string_view text) { return rule.Met(text, {}); }

TEST(AlertRuleTest, ANumberMeetsWhatLiesOutsideTheBoundsAndNotTheBounds) {
  AlertRule rule = RuleFor(FieldType::kDouble);
  rule.double_below = 40;
  rule.double_above = 150;
  for (const double met : {39.999, -0.0, 150.001, 1e308}) EXPECT_TRUE(MetBy(rule, met)) << met;
  for (const double not_met : {40.0, 72.5, 150.0}) EXPECT_FALSE(MetBy(rule, not_met)) << not_met;
}

TEST(AlertRuleTest, AnIntegerMeetsWhatLiesOutsideTheBoundsAndNotTheBounds) {
  for (const FieldType type : {FieldType::kInt32, FieldType::kInt64}) {
    AlertRule rule = RuleFor(type);
    rule.int_below = -5;
    rule.int_above = 5;
    for (const int64_t met : {INT64_MIN, int64_t{-6}, int64_t{6}, INT64_MAX}) {
      EXPECT_TRUE(MetBy(rule, met)) << met;
    }
    for (const int64_t not_met : {-5, 0, 5}) EXPECT_FALSE(MetBy(rule, not_met)) << not_met;
  }
}

// What a double would round away.
TEST(AlertRuleTest, ALargeIntegerIsComparedToItsLastDigit) {
  constexpr int64_t kLarge = (int64_t{1} << 53) + 1;
  AlertRule rule = RuleFor(FieldType::kInt64);
  rule.int_above = kLarge - 1;
  EXPECT_TRUE(MetBy(rule, kLarge));
  EXPECT_FALSE(MetBy(rule, kLarge - 1));
}

TEST(AlertRuleTest, ABoundThatIsNotGivenIsNeverMet) {
  AlertRule below = RuleFor(FieldType::kDouble);
  below.double_below = 0;
  EXPECT_FALSE(MetBy(below, std::numeric_limits<double>::max()));
  AlertRule above = RuleFor(FieldType::kInt64);
  above.int_above = 0;
  EXPECT_FALSE(MetBy(above, INT64_MIN));
  EXPECT_TRUE(MetBy(above, INT64_MAX));
}

TEST(AlertRuleTest, AnIntegerOrBoolEqualsOneValue) {
  for (const FieldType type : {FieldType::kInt32, FieldType::kInt64, FieldType::kBool}) {
    AlertRule rule = RuleFor(type);
    rule.equals = true;
    rule.int_equals = 1;
    EXPECT_TRUE(MetBy(rule, int64_t{1}));
    EXPECT_FALSE(MetBy(rule, int64_t{0})) << FieldTypeName(type);
    rule.int_equals = 0;
    EXPECT_TRUE(MetBy(rule, int64_t{0}));
    EXPECT_FALSE(MetBy(rule, int64_t{1}));
  }
}

TEST(AlertRuleTest, AStringEqualsAllOfAText) {
  AlertRule rule = RuleFor(FieldType::kString);
  rule.equals = true;
  rule.string_equals = "down";
  EXPECT_TRUE(MetBy(rule, "down"));
  for (const std::string_view text : {"", "dow", "downs", "Down"}) {
    EXPECT_FALSE(MetBy(rule, text)) << text;
  }
  rule.string_equals = "";
  EXPECT_TRUE(MetBy(rule, ""));
}

// ---- One record ------------------------------------------------------------------------------

// Rules on a field "v" of one type, each met or not by a value as it was sent.
class RecordAlertTest : public testing::Test {
 protected:
  explicit RecordAlertTest(FieldType type = FieldType::kDouble) { Use(type); }
  void Use(FieldType type) {
    schema_ = SchemaOf({FieldOf("v", type)});
    rule_ = RuleOn(schema_, "v");
  }
  // "met", "not met", or what else came of it.
  std::string Of(const std::string& value) const {
    const std::string alerts =
        Alerts(schema_, std::span(&rule_, 1), R"({"v":)" + value + R"(,"id":"a"})");
    if (alerts == "0:a") return "met";
    return alerts.empty() ? "not met" : alerts;
  }

  Schema schema_;
  AlertRule rule_;
};

TEST_F(RecordAlertTest, ADoubleIsComparedByItsValueHoweverItIsWritten) {
  rule_.double_below = 40;
  rule_.double_above = 150;
  for (const char* value : {"39.9", "-0", "0", "1e1", "3.9e+1", "150.0000001", "1e3", "16E1"}) {
    EXPECT_EQ(Of(value), "met") << value;
  }
  for (const char* value : {"40", "40.0", "4e1", "150", "150.0", "1.5e2", "72"}) {
    EXPECT_EQ(Of(value), "not met") << value;
  }
  EXPECT_EQ(Of("null"), "not met");
}

TEST_F(RecordAlertTest, ZeroIsNotBelowZeroWhateverItsSign) {
  rule_.double_below = 0;
  for (const char* value : {"0", "-0", "-0.0", "0e5"}) EXPECT_EQ(Of(value), "not met") << value;
  EXPECT_EQ(Of("-1e-300"), "met");
}

TEST_F(RecordAlertTest, AnIntegerIsComparedAsNumberAndAsDecimalString) {
  for (const FieldType type : {FieldType::kInt32, FieldType::kInt64}) {
    Use(type);
    rule_.int_below = 40;
    rule_.int_above = 150;
    for (const char* value : {"39", "-0", "-2147483648", "151"}) EXPECT_EQ(Of(value), "met");
    for (const char* value : {"40", "150", "null"}) EXPECT_EQ(Of(value), "not met") << value;
  }
  for (const char* value : {R"("39")", R"("-9223372036854775808")", R"("\u0031\u0035\u0031")"}) {
    EXPECT_EQ(Of(value), "met") << value;
  }
  for (const char* value : {R"("40")", R"("150")"}) EXPECT_EQ(Of(value), "not met") << value;
}

TEST_F(RecordAlertTest, AnIntegerMayHaveToEqual) {
  Use(FieldType::kInt64);
  rule_.equals = true;
  rule_.int_equals = 7;
  for (const char* value : {"7", R"("7")"}) EXPECT_EQ(Of(value), "met") << value;
  for (const char* value : {"-7", R"("8")", "null"}) EXPECT_EQ(Of(value), "not met") << value;
}

TEST_F(RecordAlertTest, AStringMayHaveToEqualAsItIsStored) {
  Use(FieldType::kString);
  rule_.equals = true;
  rule_.string_equals = "d\xC3\xA4\"n";
  EXPECT_EQ(Of("\"d\xC3\xA4\\\"n\""), "met");
  EXPECT_EQ(Of(R"("\u0064\u00e4\u0022n")"), "met");
  for (const char* value : {R"("d\\u00e4\"n")", R"("")", "null"}) {
    EXPECT_EQ(Of(value), "not met") << value;
  }
}

TEST_F(RecordAlertTest, ABoolMayHaveToEqual) {
  Use(FieldType::kBool);
  rule_.equals = true;
  rule_.int_equals = 1;
  EXPECT_EQ(Of("true"), "met");
  EXPECT_EQ(Of("false"), "not met");
  rule_.int_equals = 0;
  EXPECT_EQ(Of("true"), "not met");
  EXPECT_EQ(Of("false"), "met");
  EXPECT_EQ(Of("null"), "not met") << "which is not false";
}

TEST_F(RecordAlertTest, AnAbsentFieldMeetsNothingWhateverTheLastRecordHad) {
  rule_.double_below = 40;
  const std::span rules(&rule_, 1);
  EXPECT_EQ(Alerts(schema_, rules, R"({"id":"a"})"), "");
  EXPECT_EQ(Alerts(schema_, rules, R"([{"id":"a","v":1},{"id":"b"},{"id":"c","v":null}])"), "0:a");
}

// ---- Whole bodies ----------------------------------------------------------------------------

// A number n from 0 to 9; rules on what is below 3, above 6, and on the id "x".
class BodyAlertTest : public testing::Test {
 protected:
  BodyAlertTest() {
    Field n = FieldOf("n", FieldType::kInt64);
    n.int_min = 0;
    n.int_max = 9;
    schema_ = SchemaOf({n});
    rules_.assign(2, RuleOn(schema_, "n"));
    rules_[0].int_below = 3;
    rules_[1].int_above = 6;
    rules_.push_back(RuleOn(schema_, "id"));
    rules_[2].equals = true;
    rules_[2].string_equals = "x";
  }
  std::string Raised(std::string_view body, BodyShape shape = BodyShape::kJson) const {
    return Alerts(schema_, rules_, body, shape);
  }

  Schema schema_;
  std::vector<AlertRule> rules_;
};

TEST_F(BodyAlertTest, EachRecordRaisesThoseItMeetsInEachShape) {
  EXPECT_EQ(Raised(R"({"id":"a","n":2})"), "0:a");
  EXPECT_EQ(Raised(R"({"id":"a","n":3})"), "");
  EXPECT_EQ(Raised(R"([{"id":"a","n":2},{"id":"b","n":5},{"n":9,"id":"c"}])"), "0:a | 1:c");
  EXPECT_EQ(Raised(R"({"data":{"id":"a","n":7}})"), "1:a");
  EXPECT_EQ(Raised(R"({"data":[{"id":"a","n":7},{"id":"x"}]})"), "1:a | 2:x");
  EXPECT_EQ(Raised("{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\",\"n\":1}\n", BodyShape::kLines),
            "0:a | 0:b");
}

TEST_F(BodyAlertTest, ARecordRaisesOneForEachRuleItMeets) {
  EXPECT_EQ(Raised(R"([{"id":"x","n":0},{"id":"x","n":9}])"), "0:x | 2:x | 1:x | 2:x");
  rules_.assign(kAlertRulesMax, rules_[0]);
  std::string all = "0:a";
  for (size_t i = 1; i < kAlertRulesMax; ++i) all += " | " + std::to_string(i) + ":a";
  EXPECT_EQ(Raised(R"({"id":"a","n":1})"), all);
}

TEST_F(BodyAlertTest, NoneIsRaisedBehindTheFirstFault) {
  RecordDecoder decoder;
  TextSink sink(schema_);
  const PaddedBody body(
      R"([{"id":"a","n":1},{"id":"b","n":-1},{"id":"c","n":1},{"id":"x","n":0}])");
  EXPECT_EQ(decoder.Decode(schema_, rules_, BodyShape::kJson, body.view(), sink), 0u);
  EXPECT_EQ(sink.alerts(), "0:a") << "which the caller rolls back with the rest";
}

TEST_F(BodyAlertTest, TheCountsAreOfTheLastBodyAlone) {
  RecordDecoder decoder;
  const auto decode = [&](std::span<const AlertRule> rules, std::string_view body) {
    TextSink sink(schema_);
    const PaddedBody padded(body);
    return decoder.Decode(schema_, rules, BodyShape::kJson, padded.view(), sink);
  };
  EXPECT_EQ(decode(rules_, R"([{"id":"a","n":1},{"id":"b","n":2},{"id":"c","n":7}])"), 3u);
  EXPECT_EQ(decoder.alerts(0), 2u);
  EXPECT_EQ(decoder.alerts(1), 1u);
  EXPECT_EQ(decoder.alerts(2), 0u);
  EXPECT_EQ(decoder.alert_count(), 3u);
  EXPECT_EQ(decode(rules_, R"({"id":"x","n":4})"), 1u);
  EXPECT_EQ(decoder.alerts(0), 0u);
  EXPECT_EQ(decoder.alerts(2), 1u);
  EXPECT_EQ(decoder.alert_count(), 1u);
  EXPECT_EQ(decode({}, R"({"id":"x","n":1})"), 1u);
  EXPECT_EQ(decoder.alert_count(), 0u) << "a route without rules";
}

}  // namespace
}  // namespace sluice
