#include "server/config_printer.h"

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "server/settings.h"
#include "server/text.h"

namespace sluice {
namespace {

std::string Strings(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + Quoted(text);
  return "[" + list + "]";
}

// Bounds that the type implies are left out.
std::string Bounds(const Field& field) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::string text;
  switch (field.type) {
    case FieldType::kString:
      text += ", bytes_min = " + std::to_string(field.bytes_min);
      text += ", bytes_max = " + std::to_string(field.bytes_max);
      break;
    case FieldType::kInt32:
    case FieldType::kInt64: {
      const bool is_narrow = field.type == FieldType::kInt32;
      const int64_t least = is_narrow ? INT32_MIN : INT64_MIN;
      const int64_t most = is_narrow ? INT32_MAX : INT64_MAX;
      if (field.int_min != least) text += ", min = " + std::to_string(field.int_min);
      if (field.int_max != most) text += ", max = " + std::to_string(field.int_max);
      break;
    }
    case FieldType::kDouble:
      if (field.double_min != -kInfinity) text += ", min = " + FloatText(field.double_min);
      if (field.double_max != kInfinity) text += ", max = " + FloatText(field.double_max);
      break;
    case FieldType::kBool:
    case FieldType::kTimestamp:
      break;
  }
  return text;
}

// What raises the alert; bounds that were not given are left out.
std::string Condition(const AlertRule& rule) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::string text;
  switch (rule.type) {
    case FieldType::kString:
      return ", equals = " + Quoted(rule.string_equals);
    case FieldType::kBool:
      return std::string(", equals = ") + (rule.int_equals != 0 ? "true" : "false");
    case FieldType::kInt32:
    case FieldType::kInt64:
      if (rule.equals) return ", equals = " + std::to_string(rule.int_equals);
      if (rule.int_below != INT64_MIN) text += ", below = " + std::to_string(rule.int_below);
      if (rule.int_above != INT64_MAX) text += ", above = " + std::to_string(rule.int_above);
      break;
    case FieldType::kDouble:
      if (rule.double_below != -kInfinity) text += ", below = " + FloatText(rule.double_below);
      if (rule.double_above != kInfinity) text += ", above = " + FloatText(rule.double_above);
      break;
    case FieldType::kTimestamp:
      break;
  }
  return text;
}

void PrintAlerts(const RouteConfig& route, std::ostream& out) {
  if (route.alerts.empty()) {
    out << "alert = []\n";
    return;
  }
  out << "alert = [\n";
  for (const AlertRule& rule : route.alerts) {
    out << "  { name = " << Quoted(rule.name)
        << ", field = " << Quoted(route.schema.fields()[rule.field].name) << Condition(rule)
        << " },\n";
  }
  out << "]\n";
}

void PrintRoute(const RouteConfig& route, std::ostream& out) {
  const Schema& schema = route.schema;
  out << "\n[[route]]\n"
      << "path = " << Quoted(route.path) << "\n"
      << "aliases = " << Strings(route.aliases) << "\n"
      << "stream = " << Quoted(route.stream) << "\n"
      << "ack = " << Quoted(kAckNames[static_cast<size_t>(route.ack)]) << "\n"
      << "unknown_fields = "
      << Quoted(kUnknownFieldsNames[static_cast<size_t>(schema.unknown_fields())]) << "\n"
      << "entry = " << Quoted(kEntryNames[static_cast<size_t>(route.entry)]) << "\n"
      << "maxlen = " << route.maxlen << "\n"
      << "partitions = " << route.partitions << "\n"
      << "at_least_one = " << Strings(route.at_least_one) << "\n"
      << "identity = " << Strings(route.identity) << "\n"
      << "field = [\n";
  for (const Field& field : schema.fields()) {
    out << "  { name = " << Quoted(field.name) << ", type = " << Quoted(FieldTypeName(field.type))
        << (field.key ? ", key = true" : "") << (field.required ? ", required = true" : "")
        << Bounds(field) << " },\n";
  }
  out << "]\n";
  PrintAlerts(route, out);
}

}  // namespace

void PrintConfig(const Config& config, std::ostream& out) {
  std::string_view section;
  for (const Setting& setting : Settings()) {
    if (setting.section != section) {
      out << (section.empty() ? "" : "\n") << "[" << setting.section << "]\n";
      section = setting.section;
    }
    out << setting.key << " = " << PrintSetting(setting, config) << "\n";
  }
  for (const RouteConfig& route : config.routes) PrintRoute(route, out);
}

}  // namespace sluice
