#include "server/alert_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "unit/server/loaded.h"

namespace sluice {
namespace {

constexpr const char* kFields =
    "field = [{ name = 'id', type = 'string', key = true, required = true },\n"
    "  { name = 'rate', type = 'double', min = 0, max = 350 },\n"
    "  { name = 'real', type = 'double' },\n"
    "  { name = 'step', type = 'int32', min = -5, max = 5 },\n"
    "  { name = 'narrow', type = 'int32' },\n"
    "  { name = 'wide', type = 'int64' },\n"
    "  { name = 'state', type = 'string', bytes_min = 2, bytes_max = 4 },\n"
    "  { name = 'open', type = 'bool' },\n"
    "  { name = 'at', type = 'timestamp' }]\n";

// A route whose one rule begins at line 4, column 10.
std::string WithRule(const std::string& rule) {
  return "[[route]]\npath = '/a'\nstream = 'a'\nalert = [" + rule + "]\n" + kFields;
}
// A rule "r" on a field, whose first key behind these stands at line 4, column 46.
std::string Rule(const std::string& field, const std::string& condition) {
  const std::string name = "{ name = 'r', field = '" + field + "'";
  return name + (condition.empty() ? "" : ", " + std::string(34 - name.size(), ' ')) + condition +
         " }";
}
std::string RuleError(const std::string& field, const std::string& condition) {
  const std::string error = LoadError(WithRule(Rule(field, condition)));
  constexpr std::string_view kPlace = "sluice.toml:4:";
  return error.starts_with(kPlace) ? error.substr(kPlace.size()) : error;
}
AlertRule ReadRule(const std::string& field, const std::string& condition) {
  return Loaded(WithRule(Rule(field, condition))).routes.at(0).alerts.at(0);
}

// ---- What is read ------------------------------------------------------------------------------

TEST(AlertFileTest, ARuleHasANameAFieldAndBounds) {
  const AlertRule rule = ReadRule("rate", "below = 40, above = 150.5");
  EXPECT_EQ(rule.name, "r");
  EXPECT_EQ(rule.field, 1u);
  EXPECT_EQ(rule.type, FieldType::kDouble);
  EXPECT_EQ(rule.double_below, 40.0);
  EXPECT_EQ(rule.double_above, 150.5);
  EXPECT_FALSE(rule.equals);
}

TEST(AlertFileTest, EitherBoundIsEnoughAndTheOtherIsNeverMet) {
  const AlertRule below = ReadRule("rate", "below = 90");
  EXPECT_EQ(below.double_below, 90);
  EXPECT_EQ(below.double_above, std::numeric_limits<double>::infinity());
  const AlertRule above = ReadRule("wide", "above = 9007199254740993");
  EXPECT_EQ(above.type, FieldType::kInt64);
  EXPECT_EQ(above.int_above, 9'007'199'254'740'993) << "which no double holds";
  EXPECT_EQ(above.int_below, INT64_MIN);
  EXPECT_EQ(ReadRule("step", "below = -4, above = 4").int_below, -4);
}

TEST(AlertFileTest, AnIntegerAStringOrABoolMayHaveToEqual) {
  const AlertRule step = ReadRule("step", "equals = -5");
  EXPECT_TRUE(step.equals);
  EXPECT_EQ(step.int_equals, -5);
  const AlertRule state = ReadRule("state", "equals = 'down'");
  EXPECT_TRUE(state.equals);
  EXPECT_EQ(state.string_equals, "down");
  const AlertRule open = ReadRule("open", "equals = true");
  EXPECT_TRUE(open.equals);
  EXPECT_EQ(open.int_equals, 1);
  EXPECT_EQ(ReadRule("open", "equals = false").int_equals, 0);
}

TEST(AlertFileTest, ARouteHasNoRuleOrSeveralInTheirOrder) {
  EXPECT_TRUE(Loaded(WithRule("")).routes.at(0).alerts.empty());
  const std::vector<AlertRule> rules =
      Loaded(WithRule("{ name = 'low', field = 'rate', below = 1 },\n"
                      "{ name = 'high', field = 'rate', above = 2 },\n"
                      "{ name = 'Z.9-_', field = 'open', equals = true }"))
          .routes.at(0)
          .alerts;
  ASSERT_EQ(rules.size(), 3u);
  EXPECT_EQ(rules[0].name, "low");
  EXPECT_EQ(rules[1].name, "high");
  EXPECT_EQ(rules[2].name, "Z.9-_");
}

TEST(AlertFileTest, RulesMayAlsoBeTablesOfTheirOwn) {
  const Config config = Loaded("[[route]]\npath = '/a'\nstream = 'a'\n" + std::string(kFields) +
                               "[[route.alert]]\nname = 'r'\nfield = 'rate'\nbelow = 1\n");
  EXPECT_EQ(config.routes.at(0).alerts.at(0).double_below, 1);
}

// ---- Names -------------------------------------------------------------------------------------

TEST(AlertFileTest, ARulesNameIsItsOwnInTheRouteAndFitsALabel) {
  EXPECT_EQ(LoadError(WithRule("{ field = 'rate', below = 1 }")),
            "sluice.toml:4:10: route.alert.name: is missing; give each rule of the route its own");
  for (const std::string& bad :
       {std::string(), std::string("a b"), std::string("a/b"), std::string("\xC3\xA4"),
        std::string(kAlertRuleNameBytesMax + 1, 'n')}) {
    EXPECT_EQ(LoadError(WithRule("{ name = '" + bad + "', field = 'rate', below = 1 }")),
              "sluice.toml:4:19: route.alert.name: \"" + bad +
                  "\" must have 1 to 60 of A-Z, a-z, 0-9, '_', '.' and '-'");
  }
  const std::string longest(kAlertRuleNameBytesMax, 'n');
  EXPECT_EQ(LoadError(WithRule("{ name = '" + longest + "', field = 'rate', below = 1 }")),
            "no error");
  EXPECT_EQ(LoadError(WithRule("{ name = 'r', field = 'rate', below = 1 },\n"
                               "{ name = 'r', field = 'step', below = 1 }")),
            "sluice.toml:5:10: route.alert[r].name: another rule of the route has it already; "
            "give each its own");
  const std::string route = WithRule(Rule("rate", "below = 1"));
  std::string another = route;
  another.replace(another.find("/a"), 2, "/b");
  EXPECT_EQ(LoadError(route + another), "no error") << "another route's may be the same";
}

TEST(AlertFileTest, AFieldIsOneOfTheRoutes) {
  EXPECT_EQ(LoadError(WithRule("{ name = 'r', below = 1 }")),
            "sluice.toml:4:10: route.alert[r].field: is missing; give the name of the field to "
            "compare");
  EXPECT_EQ(RuleError("rates", "below = 1"),
            "32: route.alert[r].field: \"rates\" is no field of the route; give one that is; did "
            "you mean \"rate\"?");
  EXPECT_EQ(RuleError("at", "equals = 'now'"),
            "32: route.alert[r].field: \"at\" is a timestamp, which no rule compares; name "
            "another field");
}

TEST(AlertFileTest, AFieldMayNotBeNamedAsAnAlertsOwn) {
  for (const std::string name : {"rule", "route", "received_ms"}) {
    const std::string fields =
        "field = [{ name = 'id', type = 'string', key = true, required = true },\n"
        "  { name = '" +
        name + "', type = 'bool' }]\n";
    const std::string head = "[[route]]\npath = '/a'\nstream = 'a'\n";
    EXPECT_EQ(LoadError(head + "alert = [{ name = 'r', field = 'id', equals = 'x' }]\n" + fields),
              "sluice.toml:4:9: route.alert: an alert has a \"" + name +
                  "\" of its own, and the route's field of that name would stand beside it; "
                  "rename the field");
    EXPECT_EQ(LoadError(head + "alert = []\n" + fields), "no error");
  }
}

TEST(AlertFileTest, ARouteHasAtMostAlertRulesMaxRules) {
  std::string rules;
  for (size_t i = 0; i < kAlertRulesMax; ++i) {
    rules += "{ name = 'r" + std::to_string(i) + "', field = 'rate', below = 1 },\n";
  }
  EXPECT_EQ(Loaded(WithRule(rules)).routes.at(0).alerts.size(), kAlertRulesMax);
  EXPECT_EQ(LoadError(WithRule(rules + Rule("rate", "below = 1"))),
            "sluice.toml:4:9: route.alert: there are 17 rules; at most 16 are allowed in a route");
}

// ---- What a rule compares with -----------------------------------------------------------------

TEST(AlertFileTest, ARuleHasABoundOrAValueAndNotBoth) {
  EXPECT_EQ(RuleError("rate", ""),
            "10: route.alert[r].below: is missing, and above too; give one or both");
  EXPECT_EQ(RuleError("wide", ""),
            "10: route.alert[r].below: is missing, and above and equals too; give one");
  for (const std::string field : {"state", "open"}) {
    EXPECT_EQ(RuleError(field, ""),
              "10: route.alert[r].equals: is missing; give the value that raises the alert");
  }
  for (const std::string bound : {"below = 1", "above = 1", "below = 1, above = 2"}) {
    EXPECT_EQ(RuleError("wide", "equals = 1, " + bound),
              "55: route.alert[r].equals: stands beside a bound; leave one out, or make them two "
              "rules");
  }
}

TEST(AlertFileTest, BoundsAreForNumbersAndEqualityForTheRest) {
  for (const auto& [field, type] :
       {std::pair<std::string, std::string>{"state", "string"}, {"open", "bool"}}) {
    for (const std::string key : {"below", "above"}) {
      EXPECT_EQ(RuleError(field, key + " = 1"),
                "54: route.alert[r]." + key + ": a " + type + " has no order; use equals");
    }
  }
  EXPECT_EQ(RuleError("rate", "equals = 1"),
            "55: route.alert[r].equals: a double may miss a value by its last digit; use below or "
            "above");
}

TEST(AlertFileTest, ATypeThatDoesNotFitIsNamed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {RuleError("rate", "below = '1'"),
       "54: route.alert[r].below: expected a number, not a string"},
      {RuleError("rate", "above = true"),
       "54: route.alert[r].above: expected a number, not a boolean"},
      {RuleError("wide", "below = 1.5"),
       "54: route.alert[r].below: expected an integer, not a floating-point number"},
      {RuleError("step", "above = '1'"),
       "54: route.alert[r].above: expected an integer, not a string"},
      {RuleError("wide", "equals = '1'"),
       "55: route.alert[r].equals: expected an integer, not a string"},
      {RuleError("state", "equals = 1"),
       "55: route.alert[r].equals: expected a string, not an integer"},
      {RuleError("open", "equals = 'true'"),
       "55: route.alert[r].equals: expected true or false, not a string"},
      {RuleError("rate", "belw = 1"),
       "46: unknown key \"route.alert[r].belw\"; did you mean \"below\"?"},
      {LoadError(WithRule("{ name = 1, field = 'rate', below = 1 }")),
       "sluice.toml:4:19: route.alert.name: expected a string, not an integer"},
      {LoadError(WithRule("{ name = 'r', field = 1, below = 1 }")),
       "sluice.toml:4:32: route.alert[r].field: expected a string, not an integer"},
      {LoadError(WithRule("1")), "sluice.toml:4:10: route.alert: expected a table, not an integer"},
      {LoadError("[[route]]\npath = '/a'\nstream = 'a'\nalert = 1\n" + std::string(kFields)),
       "sluice.toml:4:9: route.alert: expected an array of tables, not an integer"}};
  for (const auto& [error, expected] : cases) EXPECT_EQ(error, expected);
}

// ---- Rules that mean something -----------------------------------------------------------------

TEST(AlertFileTest, ABoundThatNoValueMeetsIsRefused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {RuleError("rate", "below = 0"), "below: 0.0 is never met, as \"rate\" is at least 0.0"},
      {RuleError("rate", "below = -1.5"), "below: -1.5 is never met, as \"rate\" is at least 0.0"},
      {RuleError("rate", "above = 350"), "above: 350.0 is never met, as \"rate\" is at most 350.0"},
      {RuleError("step", "below = -5"), "below: -5 is never met, as \"step\" is at least -5"},
      {RuleError("step", "above = 5"), "above: 5 is never met, as \"step\" is at most 5"},
      {RuleError("narrow", "above = 2147483647"), "above: 2147483647 is never met, as"},
      {RuleError("narrow", "below = -2147483649"), "below: -2147483649 is never met, as"},
      {RuleError("wide", "below = -9223372036854775808"), "below: -9223372036854775808 is never"},
      {RuleError("wide", "above = 9223372036854775807"), "above: 9223372036854775807 is never"},
      {RuleError("rate", "below = 40, above = 400"), "above: 400.0 is never met"}};
  for (const auto& [error, expected] : cases) {
    EXPECT_THAT(error, testing::HasSubstr("route.alert[r]." + expected));
  }
  EXPECT_THAT(RuleError("step", "below = -5"), testing::EndsWith("; raise it or leave it out"));
  EXPECT_THAT(RuleError("step", "above = 5"), testing::EndsWith("; lower it or leave it out"));
  for (const std::string good : {"below = 0.1", "above = 349.9", "below = 350", "above = 0"}) {
    EXPECT_EQ(RuleError("rate", good), "no error") << good;
  }
  for (const std::string good : {"below = -4", "above = 4", "equals = 5", "equals = -5"}) {
    EXPECT_EQ(RuleError("step", good), "no error") << good;
  }
}

TEST(AlertFileTest, ABoundIsFinite) {
  for (const std::string value : {"inf", "-inf", "nan"}) {
    for (const std::string key : {"below", "above"}) {
      EXPECT_EQ(RuleError("real", key + " = " + value),
                "54: route.alert[r]." + key + ": " + value + " is no bound; give a finite number");
    }
  }
}

TEST(AlertFileTest, BoundsThatEveryValueMeetsAreRefused) {
  EXPECT_EQ(RuleError("rate", "below = 150, above = 40"),
            "54: route.alert[r].below: 150.0 is more than above (40.0), so every value meets the "
            "rule; swap them, or leave one out");
  EXPECT_EQ(RuleError("wide", "below = 2, above = 1"),
            "54: route.alert[r].below: 2 is more than above (1), so every value meets the rule; "
            "swap them, or leave one out");
  EXPECT_EQ(RuleError("wide", "below = 1, above = 1"), "no error") << "1 does not";
}

TEST(AlertFileTest, AValueThatTheFieldNeverHasIsRefused) {
  for (const std::string value : {"-6", "6"}) {
    EXPECT_EQ(RuleError("step", "equals = " + value),
              "55: route.alert[r].equals: " + value +
                  " is never met, as \"step\" is from -5 to 5; give a value of these");
  }
  for (const std::string& text : {std::string("x"), std::string("abcde")}) {
    EXPECT_EQ(RuleError("state", "equals = '" + text + "'"),
              "55: route.alert[r].equals: a text of " + std::to_string(text.size()) +
                  " bytes is never met, as \"state\" has 2 to 4; give one of these");
  }
  for (const std::string good : {"ab", "abcd"}) {
    EXPECT_EQ(RuleError("state", "equals = '" + good + "'"), "no error");
  }
}

}  // namespace
}  // namespace sluice
