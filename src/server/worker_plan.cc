#include "server/worker_plan.h"

#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "server/text.h"
#include "server/tls_port.h"
#include "server/token_file.h"
#include "sluice/base/clock.h"
#include "sluice/redis/hash_slot.h"

namespace sluice {
namespace {

std::string LedgerPrefix(uint64_t start_ms) {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  return "sluice:ledger:" + std::string(host) + ":" + std::to_string(::getpid()) + ":" +
         std::to_string(start_ms) + ":";
}

std::vector<std::string> FieldNames(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema.fields()) names.push_back(field.name);
  return names;
}

std::vector<size_t> FieldPlaces(const Schema& schema, const std::vector<std::string>& names) {
  std::vector<size_t> places;
  for (const std::string& name : names) places.push_back(schema.Find(name));
  return places;
}

std::vector<JsonForm> JsonForms(const Schema& schema) {
  std::vector<JsonForm> forms;
  for (const Field& field : schema.fields()) {
    const bool quoted = field.type == FieldType::kString || field.type == FieldType::kTimestamp;
    forms.push_back(quoted ? JsonForm::kQuoted : JsonForm::kBare);
  }
  return forms;
}

// In a cluster what a lane writes must have one slot, so a stream's name must fit between braces.
Status CheckSlots(const WorkerPlan& plan) {
  for (const LaneLayout* layout : {&plan.bulk_layout, &plan.urgent_layout}) {
    for (const LaneLayout::OneLane& lane : layout->lanes) {
      if (HashSlot(TaggedKey("", lane.tag)) == lane.slot) continue;
      return Error{"a stream's name, " + Shown(lane.tag) +
                   ", cannot be a hash tag of Redis Cluster; name it without braces"};
    }
  }
  return {};
}

}  // namespace

Result<WorkerPlan> PlanWorkers(const Config& config) {
  std::optional<RedisUrl> redis_url;
  if (!config.redis.url.empty()) {
    auto url = RedisUrl::Parse(config.redis.url);
    if (!url.ok()) return Error{"redis.url: " + url.error()};
    redis_url = std::move(url.value());
  } else if (config.journal.dir.empty()) {
    return Error{"redis.url is empty and journal.dir too, so nothing could be stored; give one"};
  }
  if (Status tls = CheckTlsFiles(config, redis_url); !tls.ok()) return Error{tls.error()};
  const uint64_t start_ms = SystemClock().WallMs();
  WorkerPlan plan{.config = config,
                  .redis_url = std::move(redis_url),
                  .routes = {},
                  .streams = {},
                  .bulk_layout = {},
                  .alert_stream = {.stream = config.urgent.stream, .maxlen = config.urgent.maxlen},
                  .urgent_layout = {},
                  .has_urgent_lane = false,
                  .worker_count = config.http.workers,
                  .ledger_prefix = LedgerPrefix(start_ms),
                  .seed = start_ms * static_cast<uint64_t>(::getpid())};
  if (plan.worker_count == 0) plan.worker_count = std::max(1u, std::thread::hardware_concurrency());
  for (const RouteConfig& route : config.routes) {
    plan.routes.push_back({.path = route.path,
                           .aliases = route.aliases,
                           .stream = static_cast<uint32_t>(plan.streams.size()),
                           .answers_at_once = route.ack == Ack::kMemory,
                           .alerts = route.alerts,
                           .schema = route.schema});
    plan.streams.push_back({.stream = route.stream,
                            .fields = FieldNames(route.schema),
                            .maxlen = route.maxlen,
                            .identity = FieldPlaces(route.schema, route.identity),
                            .packed = route.entry == EntryForm::kPacked ? JsonForms(route.schema)
                                                                        : std::vector<JsonForm>(),
                            .route = route.path,
                            .alert_rules = NamesOf(route.alerts),
                            .partitions = route.partitions,
                            .key = route.schema.key_field()});
  }
  const bool by_slot = plan.redis_url && plan.redis_url->mode == RedisUrl::Mode::kCluster;
  plan.bulk_layout = LaneLayout::Of(plan.streams, by_slot);
  plan.urgent_layout =
      LaneLayout::Of({{.stream = plan.alert_stream.stream, .fields = {}}}, by_slot);
  if (by_slot) {
    if (Status slots = CheckSlots(plan); !slots) return Error{slots.error()};
  }
  if ((by_slot || plan.bulk_layout.lanes.size() > 1) && !config.journal.dir.empty()) {
    return Error{
        "journal.dir is set, and a journal has one lane to fill: leave it out, or leave out the "
        "routes' partitions and give a redis.url that is no cluster's"};
  }
  plan.has_urgent_lane = std::any_of(plan.routes.begin(), plan.routes.end(),
                                     [](const Route& route) { return !route.alerts.empty(); });
  auto tokens = LoadTokens(config, plan.routes, nullptr);
  if (!tokens) return Error{tokens.error()};
  plan.tokens = std::move(tokens.value());
  return plan;
}

std::vector<std::string> NamesOf(const std::vector<AlertRule>& rules) {
  std::vector<std::string> names;
  for (const AlertRule& rule : rules) names.push_back(rule.name);
  return names;
}

}  // namespace sluice
