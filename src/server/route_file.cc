#include "server/route_file.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "server/alert_file.h"
#include "server/settings.h"
#include "server/text.h"

namespace sluice {
namespace {

constexpr std::array<std::string_view, 12> kRouteKeys = {
    "path",   "aliases",    "stream",       "ack",      "unknown_fields", "entry",
    "maxlen", "partitions", "at_least_one", "identity", "field",          "alert"};
constexpr std::array<std::string_view, 8> kFieldKeys = {"name", "type", "key",       "required",
                                                        "min",  "max",  "bytes_min", "bytes_max"};

std::array<std::string_view, static_cast<size_t>(FieldType::kTimestamp) + 1> FieldTypeNames() {
  std::array<std::string_view, static_cast<size_t>(FieldType::kTimestamp) + 1> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = FieldTypeName(static_cast<FieldType>(i));
  return names;
}

// A path is compared byte by byte with a request's, which has no query and is visible ASCII.
bool IsPath(std::string_view path) {
  return path.starts_with('/') && std::all_of(path.begin(), path.end(), [](char c) {
           return c > ' ' && c <= '~' && c != '?' && c != '#';
         });
}

class RouteReader {
 public:
  RouteReader(Ack ack, TomlErrors& errors) : ack_(ack), errors_(errors) {}
  RouteReader(const RouteReader&) = delete;
  RouteReader& operator=(const RouteReader&) = delete;

  RouteConfig ReadRoute(const toml::table& source);

 private:
  void CheckPath(const TomlTable& table, std::string_view key, const std::string& path);
  Field ReadField(const toml::table& source);
  void ReadBounds(const TomlTable& table, Field& field);
  void ReadIdentity(const TomlTable& table, RouteConfig& route);
  void ReadPartitions(const TomlTable& table, RouteConfig& route);

  Ack ack_;
  TomlErrors& errors_;
  std::set<std::string> paths_;  // of all routes so far, aliases among them
};

void RouteReader::CheckPath(const TomlTable& table, std::string_view key, const std::string& path) {
  if (!IsPath(path)) {
    table.Fail(
        key, Shown(path) + " must start with '/' and hold visible ASCII only, without '?' and '#'");
  } else if (!paths_.insert(path).second) {
    table.Fail(key, Shown(path) + " is a path already; each leads to one route");
  }
}

void RouteReader::ReadBounds(const TomlTable& table, Field& field) {
  const bool is_number = field.type == FieldType::kInt32 || field.type == FieldType::kInt64 ||
                         field.type == FieldType::kDouble;
  for (const std::string_view key : {"min", "max"}) {
    if (!is_number && table.Find(key) != nullptr) {
      table.Fail(key, "only int32, int64 and double fields have it");
    }
  }
  for (const std::string_view key : {"bytes_min", "bytes_max"}) {
    if (field.type != FieldType::kString && table.Find(key) != nullptr) {
      table.Fail(key, "only string fields have it");
    }
  }
  if (field.type == FieldType::kDouble) {
    table.Read("min", &field.double_min);
    table.Read("max", &field.double_max);
  } else if (is_number) {
    const bool is_narrow = field.type == FieldType::kInt32;
    const int64_t least =
        is_narrow ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int64_t>::min();
    const int64_t most =
        is_narrow ? std::numeric_limits<int32_t>::max() : std::numeric_limits<int64_t>::max();
    table.ReadInteger("min", least, most, &field.int_min);
    table.ReadInteger("max", least, most, &field.int_max);
  } else if (field.type == FieldType::kString) {
    table.ReadSize("bytes_min", &field.bytes_min);
    table.ReadSize("bytes_max", &field.bytes_max);
  }
}

Field RouteReader::ReadField(const toml::table& source) {
  const TomlTable table(source, "route.field", errors_);
  table.RefuseUnknown(kFieldKeys);
  for (const std::string_view key : {"name", "type"}) {
    if (table.Find(key) == nullptr) table.Fail(key, "is missing");
  }
  Field field;
  table.Read("name", &field.name);
  if (const auto type = table.ReadChoice("type", FieldTypeNames())) {
    field.type = static_cast<FieldType>(*type);
  }
  table.Read("key", &field.key);
  table.Read("required", &field.required);
  ReadBounds(table, field);
  return field;
}

void RouteReader::ReadIdentity(const TomlTable& table, RouteConfig& route) {
  table.Read("identity", &route.identity);
  if (!route.identity.empty() && route.entry == EntryForm::kPacked) {
    // A record within an entry can be neither left out nor looked for.
    table.Fail("identity", Shown(route.path) +
                               " has entry = \"packed\", which stores requests whole; leave "
                               "identity out, or give entry = \"record\"");
  }
  const std::vector<Field>& fields = route.schema.fields();
  for (const std::string& name : route.identity) {
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&name](const Field& each) { return each.name == name; });
    const std::string named = Shown(name) + " of " + Shown(route.path);
    if (field == fields.end()) {
      table.Fail("identity", named + " is no field");
    } else if (!field->required) {
      // Records without it would all be one.
      table.Fail("identity", named + " is not required; make it so, or leave it out");
    }
  }
}

void RouteReader::ReadPartitions(const TomlTable& table, RouteConfig& route) {
  int64_t partitions = 0;
  table.ReadInteger("partitions", 0, kPartitionsMax, &partitions);
  route.partitions = static_cast<uint32_t>(partitions);
  if (route.partitions > 0 && route.stream.find_first_of("{}") != std::string::npos) {
    table.Fail("partitions", "add a number in braces to the stream's name, and " +
                                 Shown(route.stream) + " has braces of its own");
  }
}

RouteConfig RouteReader::ReadRoute(const toml::table& source) {
  const TomlTable table(source, "route", errors_);
  table.RefuseUnknown(kRouteKeys);
  for (const std::string_view key : {"path", "stream", "field"}) {
    if (table.Find(key) == nullptr) table.Fail(key, "is missing");
  }
  RouteConfig route;
  table.Read("path", &route.path);
  CheckPath(table, "path", route.path);
  table.Read("aliases", &route.aliases);
  for (const std::string& alias : route.aliases) CheckPath(table, "aliases", alias);
  table.Read("stream", &route.stream);
  if (route.stream.empty() || route.stream.size() > kStreamNameBytesMax) {
    table.Fail("stream", "must have 1 to " + std::to_string(kStreamNameBytesMax) + " bytes, not " +
                             std::to_string(route.stream.size()));
  }
  const auto ack = table.ReadChoice("ack", kAckNames);
  route.ack = ack ? static_cast<Ack>(*ack) : ack_;
  const auto unknown_fields = table.ReadChoice("unknown_fields", kUnknownFieldsNames);
  const auto entry = table.ReadChoice("entry", kEntryNames);
  route.entry = static_cast<EntryForm>(entry.value_or(0));
  int64_t maxlen = 0;
  table.ReadInteger("maxlen", 0, std::numeric_limits<int64_t>::max(), &maxlen);
  route.maxlen = static_cast<uint64_t>(maxlen);
  ReadPartitions(table, route);
  table.Read("at_least_one", &route.at_least_one);

  std::vector<Field> fields;
  for (const toml::table* field : table.Tables("field")) fields.push_back(ReadField(*field));
  Result<Schema> schema = Schema::Make(std::move(fields), route.at_least_one,
                                       static_cast<UnknownFields>(unknown_fields.value_or(0)));
  if (schema) {
    route.schema = std::move(schema.value());
    ReadIdentity(table, route);
    route.alerts = ReadAlerts(table, route.schema, errors_);
  } else {
    table.Fail("field", schema.error());
  }
  return route;
}

}  // namespace

std::vector<RouteConfig> ReadRoutes(const TomlTable& file, Ack ack, TomlErrors& errors) {
  RouteReader reader(ack, errors);
  std::vector<RouteConfig> routes;
  for (const toml::table* route : file.Tables("route")) routes.push_back(reader.ReadRoute(*route));
  if (routes.size() > kRoutesMax) {
    file.Fail("route", "there are " + std::to_string(routes.size()) + "; at most " +
                           std::to_string(kRoutesMax) + " are allowed");
  }
  return routes;
}

}  // namespace sluice
