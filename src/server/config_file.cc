#include "server/config_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "server/route_file.h"
#include "server/text.h"
#include "server/text_file.h"
#include "server/toml_table.h"

namespace sluice {
namespace {

constexpr size_t kUrgentReserveShare = 8;  // an eighth of the budget, where none is given
static_assert(kInflightBytesMax / kUrgentReserveShare == kUrgentReserveBytes);

Result<toml::table> ReadToml(const std::string& file) {
  const auto text = ReadTextFile(file);
  if (!text) return Error{text.error()};
  try {
    return toml::parse(text.value(), file);
  } catch (const toml::parse_error& error) {
    TomlErrors errors(file);
    errors.Add(error.source(), OneLine(error.description()));
    return Error{errors.first().error()};
  }
}

void ReadSection(const toml::table& source, const std::string& section, TomlErrors& errors,
                 Config& config) {
  const TomlTable table(source, section, errors);
  std::vector<std::string_view> keys;
  for (const Setting& setting : Settings()) {
    if (setting.section == section) keys.push_back(setting.key);
  }
  table.RefuseUnknown(keys);
  for (const std::string_view key : keys) {
    const toml::node* node = table.Find(key);
    if (node == nullptr) continue;
    const Setting& setting = *FindSetting(section, key);
    Status status;
    if (node->is_integer()) {
      status = SetFromInteger(setting, node->as_integer()->get(), config);
    } else if (node->is_string()) {
      status = SetFromString(setting, node->as_string()->get(), config);
    } else if (node->is_boolean()) {
      status = SetFromBoolean(setting, node->as_boolean()->get(), config);
    } else {
      status = WrongType(setting, TypeName(*node));
    }
    if (!status) errors.Add(node->source(), status.error());
  }
}

void ReadSettings(const TomlTable& document, TomlErrors& errors, Config& config) {
  std::vector<std::string_view> sections;
  for (const Setting& setting : Settings()) {
    if (sections.empty() || sections.back() != setting.section) sections.push_back(setting.section);
  }
  std::vector<std::string_view> known = sections;
  known.push_back("route");
  document.RefuseUnknown(known);
  for (const std::string_view section : sections) {
    const toml::node* node = document.Find(section);
    if (node == nullptr) continue;
    if (node->is_table()) {
      ReadSection(*node->as_table(), std::string(section), errors, config);
    } else {
      document.Fail(section, "expected a table, not " + std::string(TypeName(*node)));
    }
  }
}

Field TextField(std::string name) {
  Field field;
  field.name = std::move(name);
  field.type = FieldType::kString;
  field.required = true;
  field.bytes_min = 1;
  field.bytes_max = 128;
  return field;
}

Field KeyField(std::string name) {
  Field field = TextField(std::move(name));
  field.key = true;
  return field;
}

Field RequiredField(std::string name, FieldType type) {
  Field field;
  field.name = std::move(name);
  field.type = type;
  field.required = true;
  return field;
}

Field MeasuredField(std::string name, double min, double max) {
  Field field;
  field.name = std::move(name);
  field.type = FieldType::kDouble;
  field.double_min = min;
  field.double_max = max;
  return field;
}

RouteConfig Shipped(std::string stream, std::vector<std::string> aliases, std::vector<Field> fields,
                    std::vector<std::string> at_least_one) {
  RouteConfig route;
  route.path = "/v1/" + stream;
  route.stream = std::move(stream);
  route.aliases = std::move(aliases);
  route.schema =
      std::move(Schema::Make(std::move(fields), at_least_one, UnknownFields::kIgnore).value());
  route.at_least_one = std::move(at_least_one);
  return route;
}

// On a double; the bounds that are not given are never met.
AlertRule ShippedRule(std::string name, const Schema& schema, std::string_view field) {
  return {.name = std::move(name), .field = schema.Find(field), .type = FieldType::kDouble};
}

struct Named {
  std::string_view name;
  uint64_t value;
};

std::string NotBelow(const Named& lower, const Named& upper) {
  const auto text = [](const Named& setting) {
    return std::string(setting.name) + " (" + std::to_string(setting.value) + ")";
  };
  return text(lower) + " is not below " + text(upper) + "; lower the first or raise the second";
}

Status CheckBelow(const Named& lower, const Named& upper) {
  if (lower.value < upper.value) return {};
  return Error{NotBelow(lower, upper)};
}

Status CheckDurability(const Config& config) {
  if (config.durability.replicas == 0) return {};
  if (config.redis.url.empty()) {
    return Error{
        "durability.replicas is set and redis.url is empty, so there are no replicas; give a "
        "redis.url, or durability.replicas = 0"};
  }
  const Named wait{"durability.wait_ms", config.durability.wait_ms};
  const Named deadline{"delivery.deadline_ms", config.delivery.deadline_ms};
  if (Status status = CheckBelow(wait, deadline); !status) return status;
  // Else a slow replica would cost the connection, and again on the next one.
  return CheckBelow(wait, {"redis.reply_ms", config.redis.reply_ms});
}

Status CheckUrgent(const Config& config) {
  const size_t inflight_bytes_max = config.delivery.inflight_bytes_max;
  if (config.urgent.reserve_bytes > inflight_bytes_max / 2) {
    return Error{"urgent.reserve_bytes (" + SizeText(config.urgent.reserve_bytes) +
                 ") is more than half of delivery.inflight_bytes_max (" +
                 SizeText(inflight_bytes_max) + "); lower the first or raise the second"};
  }
  const auto& routes = config.routes;
  if (std::all_of(routes.begin(), routes.end(),
                  [](const auto& route) { return route.alerts.empty(); })) {
    return {};
  }
  for (const RouteConfig& route : routes) {
    if (route.stream != config.urgent.stream) continue;
    return Error{"urgent.stream (" + Shown(route.stream) + ") is the stream of route " +
                 Shown(route.path) + " too; give alerts a stream of their own"};
  }
  return {};
}

}  // namespace

Result<Config> LoadConfig(const std::optional<std::string>& file,
                          std::span<const Override> overrides) {
  Result<toml::table> document = file ? ReadToml(*file) : toml::table();
  if (!document) return Error{document.error()};
  TomlErrors errors(file.value_or(""));
  const TomlTable table(document.value(), "", errors);
  Config config;
  constexpr size_t kNotGiven = SIZE_MAX;  // above what the setting may be
  config.urgent.reserve_bytes = kNotGiven;
  ReadSettings(table, errors, config);
  if (!errors.first()) return Error{errors.first().error()};
  for (const Override& override : overrides) {
    Status status = SetFromText(*override.setting, override.text, config);
    if (!status) return Error{override.source + ": " + status.error()};
  }
  if (config.urgent.reserve_bytes == kNotGiven) {
    config.urgent.reserve_bytes = config.delivery.inflight_bytes_max / kUrgentReserveShare;
  }
  config.routes = ReadRoutes(table, config.delivery.ack, errors);
  if (!errors.first()) return Error{errors.first().error()};
  if (config.routes.empty()) {
    config.routes = ShippedRoutes();
    for (RouteConfig& route : config.routes) route.ack = config.delivery.ack;
  }
  if (Status status = CheckConfig(config); !status) return Error{status.error()};
  return config;
}

Status CheckConfig(const Config& config) {
  const HttpConfig& http = config.http;
  const DeliveryConfig& delivery = config.delivery;
  const JournalConfig& journal = config.journal;
  const std::string inflight =
      "delivery.inflight_bytes_max (" + SizeText(delivery.inflight_bytes_max) + ")";
  if (delivery.batch_bytes_max > delivery.inflight_bytes_max) {
    return Error{"delivery.batch_bytes_max (" + SizeText(delivery.batch_bytes_max) +
                 ") is more than " + inflight + "; lower the first or raise the second"};
  }
  if (http.body_bytes_max > delivery.inflight_bytes_max / 4) {
    return Error{"http.body_bytes_max (" + SizeText(http.body_bytes_max) +
                 ") is more than a quarter of " + inflight +
                 "; lower the first or raise the second"};
  }
  const Named deadline{"delivery.deadline_ms", delivery.deadline_ms};
  if (Status status = CheckBelow(deadline, {"delivery.drain_ms", delivery.drain_ms}); !status) {
    return status;
  }
  if (delivery.linger_us >= delivery.deadline_ms * 1'000) {
    return Error{NotBelow({"delivery.linger_us", delivery.linger_us}, deadline)};
  }
  if (Status status = CheckUrgent(config); !status) return status;
  if (Status status = CheckDurability(config); !status) return status;
  if (journal.dir.empty()) return {};
  // What is answered 503 at its deadline would never come to the journal.
  if (Status status = CheckBelow({"journal.after_ms", journal.after_ms}, deadline); !status) {
    return status;
  }
  const std::string segment = "journal.segment_bytes (" + SizeText(journal.segment_bytes) + ")";
  if (journal.segment_bytes > journal.bytes_max) {
    return Error{segment + " is more than journal.bytes_max (" + SizeText(journal.bytes_max) +
                 "); lower the first or raise the second"};
  }
  if (journal.segment_bytes < delivery.batch_bytes_max) {
    return Error{segment + " is less than delivery.batch_bytes_max (" +
                 SizeText(delivery.batch_bytes_max) + "); raise the first or lower the second"};
  }
  return {};
}

std::vector<RouteConfig> ShippedRoutes() {
  std::vector<RouteConfig> routes;
  routes.push_back(
      Shipped("vitals", {},
              {KeyField("device_id"), RequiredField("timestamp", FieldType::kInt64),
               MeasuredField("heart_rate", 0, 350), MeasuredField("blood_oxygen", 0, 100)},
              {"heart_rate", "blood_oxygen"}));
  RouteConfig& vitals = routes.back();
  vitals.alerts = {ShippedRule("heart-rate", vitals.schema, "heart_rate"),
                   ShippedRule("blood-oxygen", vitals.schema, "blood_oxygen")};
  vitals.alerts[0].double_below = 40;
  vitals.alerts[0].double_above = 150;
  vitals.alerts[1].double_below = 90;
  routes.push_back(Shipped(
      "questionnaires", {"/submit_qol"},
      {KeyField("patient_id"), TextField("question_id"), RequiredField("answer", FieldType::kInt32),
       RequiredField("submit_time", FieldType::kTimestamp)},
      {}));
  // Not the answer: a second one to the same question at the same instant is a repetition.
  routes.back().identity = {"patient_id", "question_id", "submit_time"};
  return routes;
}

}  // namespace sluice
