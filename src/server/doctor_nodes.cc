#include "server/doctor_nodes.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "server/doctor_node.h"
#include "server/text.h"
#include "server/tls_port.h"
#include "sluice/redis/node_finder.h"

namespace sluice {
namespace {

using TlsPointer = std::shared_ptr<const TlsContext>;

constexpr char kCheck[] = "redis nodes";

// Each on its own, so that it is known of each.
std::vector<SeedAnswer> AskSeeds(const WorkerPlan& plan, const TlsPointer& tls,
                                 const Clock& clock) {
  std::vector<SeedAnswer> answers;
  for (const Address& seed : plan.redis_url->seeds) {
    RedisUrl url = *plan.redis_url;
    url.seeds = {seed};
    NodeFinder finder(url, tls, plan.config.redis.connect_ms, clock);
    auto map = finder.Find();
    SeedAnswer answer = {.seed = seed, .map = std::nullopt};
    if (map) {
      answer.map = std::move(map.value());
    } else {
      answer.reason = map.error();
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

// The first that was said, which a gate would take too. Null: nobody said.
const NodeMap* MapOf(const std::vector<SeedAnswer>& answers) {
  const auto found = std::find_if(answers.begin(), answers.end(),
                                  [](const SeedAnswer& answer) { return answer.map.has_value(); });
  return found == answers.end() ? nullptr : &*found->map;
}

// The slots that are written to, with a stream in each.
std::map<uint16_t, std::string> SlotsOf(const WorkerPlan& plan) {
  std::map<uint16_t, std::string> slots;
  for (const LaneLayout::OneLane& lane : plan.bulk_layout.lanes) {
    for (const StreamSpec& spec : lane.streams) {
      if (!spec.stream.empty()) slots.emplace(lane.slot, spec.stream);
    }
  }
  const LaneLayout::OneLane& urgent = plan.urgent_layout.lanes.front();
  if (plan.has_urgent_lane) slots.emplace(urgent.slot, plan.alert_stream.stream);
  return slots;
}

Finding CheckSlots(const NodeMap& map, const WorkerPlan& plan) {
  const auto slots = SlotsOf(plan);
  const size_t count = map.primaries().size();
  std::string found = std::to_string(count) + (count == 1 ? " primary" : " primaries");
  std::vector<std::string> orphans;
  for (const auto& [slot, stream] : slots) {
    if (map.At(slot) == nullptr) orphans.push_back(std::to_string(slot) + " (" + stream + ")");
  }
  if (orphans.empty()) {
    found += "; each slot that is written to has a node (" + std::to_string(slots.size()) + ")";
    return {Verdict::kOk, kCheck, found};
  }
  found += "; no node has slot " + OneLine(orphans.front());
  if (orphans.size() > 1) found += " and " + std::to_string(orphans.size() - 1) + " more";
  return {Verdict::kProblem, kCheck, found + ", which is written to",
          "give each slot a node: redis-cli --cluster fix"};
}

Finding CheckPrimary(const NodeMap& map, const std::vector<SeedAnswer>& answers) {
  const Address& primary = *map.At(0);
  const auto agrees = [&](const SeedAnswer& answer) { return *answer.map->At(0) == primary; };
  const auto agreeing = std::count_if(answers.begin(), answers.end(), [&](const auto& answer) {
    return answer.map && agrees(answer);
  });
  Finding finding = {Verdict::kOk, kCheck,
                     OneLine(primary.ToString()) + " is the primary, say " +
                         std::to_string(agreeing) + " of " + std::to_string(answers.size()) +
                         (answers.size() == 1 ? " sentinel" : " sentinels")};
  for (const SeedAnswer& answer : answers) {
    if (!answer.map || agrees(answer)) continue;
    finding.verdict = Verdict::kWarning;
    finding.found +=
        "; " + answer.seed.ToString() + " says " + OneLine(answer.map->At(0)->ToString());
    finding.remedy = "let the failover end, and ask again";
  }
  return finding;
}

Findings CheckOne(const RedisUrl& url, const TlsPointer& tls, const WorkerPlan& plan,
                  const SlotFilter& has, const Clock& clock) {
  BlockingLink link({.url = url,
                     .tls = tls,
                     .connect_ms = plan.config.redis.connect_ms,
                     .reply_ms = plan.config.redis.reply_ms},
                    clock);
  return CheckNode(url, link, plan, has, clock);
}

}  // namespace

Finding CheckNodes(const std::vector<SeedAnswer>& answers, const WorkerPlan& plan) {
  const NodeMap& map = *MapOf(answers);
  const bool in_cluster = plan.redis_url->mode == RedisUrl::Mode::kCluster;
  Finding finding = in_cluster ? CheckSlots(map, plan) : CheckPrimary(map, answers);
  std::string silent;
  for (const SeedAnswer& answer : answers) {
    if (answer.map) continue;
    silent += (silent.empty() ? "" : ", ") + answer.seed.ToString();
  }
  if (silent.empty()) return finding;
  finding.found += "; without an answer: " + silent;
  if (finding.verdict == Verdict::kOk) finding.verdict = Verdict::kWarning;
  if (finding.remedy.empty()) finding.remedy = "start it, or take it out of redis.url";
  return finding;
}

Findings CheckRedis(const WorkerPlan& plan, const Clock& clock) {
  if (!plan.redis_url) {
    return {{Verdict::kSkipped, "redis", "redis.url is empty: the journal alone stores"}};
  }
  RedisUrl url = *plan.redis_url;
  const TlsPointer tls = url.tls ? MakeRedisContext(plan.config.redis, url) : nullptr;
  if (url.is_single()) {
    return CheckOne(
        url, tls, plan, [](uint16_t) { return true; }, clock);
  }
  const std::vector<SeedAnswer> answers = AskSeeds(plan, tls, clock);
  const NodeMap* map = MapOf(answers);
  if (map == nullptr) return {Unreachable(answers.back().reason)};
  Findings findings = {CheckNodes(answers, plan)};
  url.mode = RedisUrl::Mode::kSingle;
  for (const Address& primary : map->primaries()) {
    url.address = primary;
    const auto has = [&](uint16_t slot) {
      const Address* node = map->At(slot);
      return node != nullptr && *node == primary;
    };
    Append(CheckOne(url, tls, plan, has, clock), findings);
  }
  return findings;
}

}  // namespace sluice
