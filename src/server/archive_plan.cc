#include "server/archive_plan.h"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "server/text.h"
#include "server/tls_port.h"
#include "sluice/redis/lane_layout.h"

namespace sluice {
namespace {

std::string HostName() {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  return host;
}

// A run of --once beside a running archive is another consumer than that.
std::string ConsumerName(const ArchiveConfig& config, bool once) {
  return (config.consumer.empty() ? HostName() : config.consumer) + (once ? "-once" : "");
}

bool Answers(const RouteConfig& route, const std::string& path) {
  const auto& aliases = route.aliases;
  return route.path == path || std::find(aliases.begin(), aliases.end(), path) != aliases.end();
}

Error UnknownRoute(const std::string& path, const std::vector<RouteConfig>& routes) {
  std::vector<std::string_view> paths;
  for (const RouteConfig& route : routes) paths.push_back(route.path);
  return Error{"--route: there is no route " + Shown(path) + "; give " + Alternatives(paths)};
}

// Of the same column, in a table and in an entry.
bool IsSame(const Field& a, const Field& b) {
  return a.name == b.name && a.type == b.type && a.required == b.required && a.key == b.key &&
         a.bytes_max == b.bytes_max;
}

bool HaveSameRows(const RouteConfig& a, const RouteConfig& b) {
  const auto& fields = a.schema.fields();
  const auto& others = b.schema.fields();
  return a.stream == b.stream && a.partitions == b.partitions && a.entry == b.entry &&
         std::equal(fields.begin(), fields.end(), others.begin(), others.end(), IsSame);
}

// Databases that fold case have one table for "vitals" and "Vitals". The two streams' entry ids
// would meet there, and of two rows with one id the second is taken for a repetition.
bool ShareTable(const RouteConfig& a, const RouteConfig& b) {
  return ::strcasecmp(a.stream.c_str(), b.stream.c_str()) == 0;
}

using Chosen = std::vector<const RouteConfig*>;

// The routes to archive, each with a stream of its own.
Result<Chosen> ChooseRoutes(const std::vector<RouteConfig>& all,
                            std::span<const std::string> paths) {
  for (const std::string& path : paths) {
    const auto answers = [&](const RouteConfig& route) { return Answers(route, path); };
    if (std::none_of(all.begin(), all.end(), answers)) return UnknownRoute(path, all);
  }
  Chosen chosen;
  for (const RouteConfig& route : all) {
    const auto names = [&](const std::string& path) { return Answers(route, path); };
    if (!paths.empty() && std::none_of(paths.begin(), paths.end(), names)) continue;
    const auto shares = [&](const RouteConfig* other) { return ShareTable(*other, route); };
    const auto other = std::find_if(chosen.begin(), chosen.end(), shares);
    if (other == chosen.end()) {
      chosen.push_back(&route);
    } else if (!HaveSameRows(**other, route)) {
      return Error{"the routes " + Shown((*other)->path) + " and " + Shown(route.path) +
                   " would share the table of the stream " + Shown(route.stream) +
                   ", and their fields, entry or streams differ; choose one of them with --route"};
    }
  }
  return chosen;
}

Result<RedisUrl> ReadRedisUrl(const RedisConfig& config) {
  if (config.url.empty()) {
    return Error{"redis.url is empty, so there is nothing to archive from; give one"};
  }
  auto url = RedisUrl::Parse(config.url);
  if (!url) return Error{"redis.url: " + url.error()};
  if (Status tls = CheckRedisTls(config, url.value()); !tls) return Error{tls.error()};
  return url;
}

Status CheckTimes(const ArchiveConfig& config) {
  if (config.age_ms_max < config.claim_ms) return {};
  return Error{"archive.age_ms_max (" + std::to_string(config.age_ms_max) +
               ") is not below archive.claim_ms (" + std::to_string(config.claim_ms) +
               "), so an archive that waits for more rows would be taken for dead; lower the first "
               "or raise the second"};
}

}  // namespace

Result<ArchivePlan> PlanArchive(const Config& config, std::span<const std::string> routes,
                                bool once) {
  const auto redis = ReadRedisUrl(config.redis);
  if (!redis) return Error{redis.error()};
  const ArchiveConfig& archive = config.archive;
  auto database = DatabaseUrl::Parse(archive.database);
  if (!database) return Error{"archive.database: " + database.error()};
  if (Status times = CheckTimes(archive); !times) return Error{times.error()};
  const auto chosen = ChooseRoutes(config.routes, routes);
  if (!chosen) return Error{chosen.error()};
  ArchivePlan plan{.config = config, .database = database.value(), .streams = {}};
  for (const RouteConfig* route : chosen.value()) {
    const RedisUrl& url = redis.value();
    ArchiverOptions options{.redis = url,
                            .redis_tls = url.tls ? MakeRedisContext(config.redis, url) : nullptr,
                            .connect_ms = config.redis.connect_ms,
                            .reply_ms = config.redis.reply_ms,
                            .database = plan.database,
                            .stream = route->stream,
                            .table = route->stream,
                            .id_suffix = "",
                            .schema = route->schema,
                            .packed = route->entry == EntryForm::kPacked,
                            .group = archive.group,
                            .consumer = ConsumerName(archive, once),
                            .rows_max = archive.rows_max,
                            .bytes_max = archive.bytes_max,
                            .age_ms_max = archive.age_ms_max,
                            .claim_ms = archive.claim_ms,
                            .retention_s = archive.retention_s,
                            .once = once};
    if (route->partitions == 0) plan.streams.push_back(options);
    // Two partitions may have entries of one id.
    for (uint32_t partition = 0; partition < route->partitions; ++partition) {
      options.stream = PartitionName(route->stream, partition);
      options.id_suffix = "@" + std::to_string(partition);
      plan.streams.push_back(options);
    }
  }
  return plan;
}

}  // namespace sluice
