#include "server/alert_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "server/text.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

constexpr std::array<std::string_view, 5> kRuleKeys = {"name", "field", "below", "above", "equals"};
// What stands in an alert before the record's own fields.
constexpr std::array<std::string_view, 3> kAlertsOwn = {"rule", "route", "received_ms"};

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

bool IsRuleName(std::string_view name) {
  return !name.empty() && name.size() <= kAlertRuleNameBytesMax &&
         std::all_of(name.begin(), name.end(), IsNameCharacter);
}

// What stands before a key in error lines: the rule by its name, if that can be shown.
std::string ErrorName(const toml::table& source) {
  const std::string name = source["name"].value_or(std::string());
  return IsRuleName(name) ? "route.alert[" + name + "]" : "route.alert";
}

std::string NumberText(int64_t value) { return std::to_string(value); }
std::string NumberText(double value) { return FloatText(value); }

class RuleReader {
 public:
  RuleReader(const toml::table& source, const Schema& schema, TomlErrors& errors)
      : table_(source, ErrorName(source), errors), schema_(schema) {}
  RuleReader(const RuleReader&) = delete;
  RuleReader& operator=(const RuleReader&) = delete;

  // `names`: of the route's rules so far.
  AlertRule Read(std::set<std::string>& names);

 private:
  void ReadName(std::set<std::string>& names);
  const Field* ReadFieldName();
  void ReadCondition(const Field& field);
  void ReadIntegers(const Field& field);
  void ReadDoubles(const Field& field);
  void ReadText(const Field& field);
  template <typename T>
  void CheckBounds(const Field& field, T below, T above, T min, T max);

  bool Has(std::string_view key) const { return table_.Find(key) != nullptr; }
  bool HasBound() const { return Has("below") || Has("above"); }

  const TomlTable table_;
  const Schema& schema_;
  AlertRule rule_;
};

AlertRule RuleReader::Read(std::set<std::string>& names) {
  table_.RefuseUnknown(kRuleKeys);
  ReadName(names);
  if (const Field* field = ReadFieldName()) ReadCondition(*field);
  return std::move(rule_);
}

void RuleReader::ReadName(std::set<std::string>& names) {
  if (!Has("name")) return table_.Fail("name", "is missing; give each rule of the route its own");
  table_.Read("name", &rule_.name);
  if (!IsRuleName(rule_.name)) {
    table_.Fail("name", Shown(rule_.name) + " must have 1 to " +
                            std::to_string(kAlertRuleNameBytesMax) +
                            " of A-Z, a-z, 0-9, '_', '.' and '-'");
  } else if (!names.insert(rule_.name).second) {
    table_.Fail("name", "another rule of the route has it already; give each its own");
  }
}

const Field* RuleReader::ReadFieldName() {
  if (!Has("field")) {
    table_.Fail("field", "is missing; give the name of the field to compare");
    return nullptr;
  }
  std::string name;
  table_.Read("field", &name);
  std::vector<std::string_view> known;
  for (const Field& field : schema_.fields()) known.push_back(field.name);
  const auto at = std::find(known.begin(), known.end(), name);
  if (at == known.end()) {
    table_.Fail("field", Shown(name) + " is no field of the route; give one that is" +
                             Suggestion(name, known));
    return nullptr;
  }
  rule_.field = static_cast<size_t>(at - known.begin());
  const Field& field = schema_.fields()[rule_.field];
  rule_.type = field.type;
  return &field;
}

void RuleReader::ReadCondition(const Field& field) {
  if (Has("equals") && HasBound()) {
    return table_.Fail("equals", "stands beside a bound; leave one out, or make them two rules");
  }
  rule_.equals = Has("equals");
  switch (field.type) {
    case FieldType::kInt32:
    case FieldType::kInt64:
      return ReadIntegers(field);
    case FieldType::kDouble:
      return ReadDoubles(field);
    case FieldType::kString:
    case FieldType::kBool:
      return ReadText(field);
    case FieldType::kTimestamp:
      table_.Fail("field", Shown(field.name) +
                               " is a timestamp, which no rule compares; name another field");
  }
}

// Of bounds that were given, and of defaults, which pass.
template <typename T>
void RuleReader::CheckBounds(const Field& field, T below, T above, T min, T max) {
  const std::string name = Shown(field.name);
  if (Has("below") && below <= min) {
    table_.Fail("below", NumberText(below) + " is never met, as " + name + " is at least " +
                             NumberText(min) + "; raise it or leave it out");
  } else if (Has("above") && above >= max) {
    table_.Fail("above", NumberText(above) + " is never met, as " + name + " is at most " +
                             NumberText(max) + "; lower it or leave it out");
  } else if (Has("below") && Has("above") && below > above) {
    table_.Fail("below", NumberText(below) + " is more than above (" + NumberText(above) +
                             "), so every value meets the rule; swap them, or leave one out");
  }
}

void RuleReader::ReadIntegers(const Field& field) {
  using Int = std::numeric_limits<int64_t>;
  table_.ReadInteger("below", Int::min(), Int::max(), &rule_.int_below);
  table_.ReadInteger("above", Int::min(), Int::max(), &rule_.int_above);
  CheckBounds(field, rule_.int_below, rule_.int_above, field.int_min, field.int_max);
  if (!HasBound() && !rule_.equals) {
    return table_.Fail("below", "is missing, and above and equals too; give one");
  }
  if (!rule_.equals) return;
  table_.ReadInteger("equals", Int::min(), Int::max(), &rule_.int_equals);
  if (rule_.int_equals < field.int_min || rule_.int_equals > field.int_max) {
    table_.Fail("equals", NumberText(rule_.int_equals) + " is never met, as " + Shown(field.name) +
                              " is from " + NumberText(field.int_min) + " to " +
                              NumberText(field.int_max) + "; give a value of these");
  }
}

void RuleReader::ReadDoubles(const Field& field) {
  if (rule_.equals) {
    return table_.Fail("equals", "a double may miss a value by its last digit; use below or above");
  }
  if (!HasBound()) return table_.Fail("below", "is missing, and above too; give one or both");
  table_.Read("below", &rule_.double_below);
  table_.Read("above", &rule_.double_above);
  for (const std::string_view key : {"below", "above"}) {
    const double value = key == "below" ? rule_.double_below : rule_.double_above;
    const toml::node* node = table_.Find(key);
    if (node == nullptr || !node->is_number() || std::isfinite(value)) continue;
    return table_.Fail(key, NumberText(value) + " is no bound; give a finite number");
  }
  CheckBounds(field, rule_.double_below, rule_.double_above, field.double_min, field.double_max);
}

// Of types without an order: strings and bools.
void RuleReader::ReadText(const Field& field) {
  for (const std::string_view key : {"below", "above"}) {
    if (!Has(key)) continue;
    return table_.Fail(key,
                       "a " + std::string(FieldTypeName(field.type)) + " has no order; use equals");
  }
  if (!rule_.equals) {
    return table_.Fail("equals", "is missing; give the value that raises the alert");
  }
  if (field.type == FieldType::kBool) {
    bool value = false;
    table_.Read("equals", &value);
    rule_.int_equals = value ? 1 : 0;
    return;
  }
  table_.Read("equals", &rule_.string_equals);
  const size_t bytes = rule_.string_equals.size();
  if (bytes < field.bytes_min || bytes > field.bytes_max) {
    table_.Fail("equals", "a text of " + std::to_string(bytes) + " bytes is never met, as " +
                              Shown(field.name) + " has " + std::to_string(field.bytes_min) +
                              " to " + std::to_string(field.bytes_max) + "; give one of these");
  }
}

}  // namespace

std::vector<AlertRule> ReadAlerts(const TomlTable& route, const Schema& schema,
                                  TomlErrors& errors) {
  std::vector<AlertRule> rules;
  std::set<std::string> names;
  for (const toml::table* rule : route.Tables("alert")) {
    rules.push_back(RuleReader(*rule, schema, errors).Read(names));
  }
  if (rules.size() > kAlertRulesMax) {
    route.Fail("alert", "there are " + std::to_string(rules.size()) + " rules; at most " +
                            std::to_string(kAlertRulesMax) + " are allowed in a route");
  }
  if (rules.empty()) return rules;
  for (const Field& field : schema.fields()) {
    if (std::find(kAlertsOwn.begin(), kAlertsOwn.end(), field.name) == kAlertsOwn.end()) continue;
    route.Fail("alert", "an alert has a " + Shown(field.name) +
                            " of its own, and the route's field of that name would stand beside "
                            "it; rename the field");
  }
  return rules;
}

}  // namespace sluice
