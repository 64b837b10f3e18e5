#include "server/doctor_rights.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "server/text.h"
#include "sluice/redis/guard_name.h"
#include "sluice/redis/redirect.h"

namespace sluice {
namespace {

constexpr std::string_view kLedgerKeys = "~sluice:ledger:*";
constexpr std::string_view kGuardKeys = "~sluice:seen:*";
constexpr std::string_view kNoPermission = "NOPERM";

// Errors of a Redis that takes no writes, and what helps.
struct WriteRefusal {
  std::string_view code;
  std::string_view remedy;
};
constexpr std::array<WriteRefusal, 6> kWriteRefusals = {{
    {"OOM", "raise Redis's maxmemory, or trim streams: a route's maxlen"},
    {"READONLY", "give the primary in redis.url"},
    {"MISCONF", "mend the disk that Redis writes to; its log says more"},
    {"NOREPLICAS", "mend the replicas, or lower Redis's min-replicas-to-write"},
    {"MOVED", "give redis.url as redis+cluster://, with some of the cluster's nodes"},
    {"CLUSTERDOWN", "mend the cluster: some slot has no node that serves it"},
}};

void AddConnecting(const WorkerPlan& plan, std::vector<Probe>& probes) {
  probes.push_back({{"CLIENT", "ID"}, "+client|id", "", "connecting"});
  probes.push_back({{"INFO", "server"}, "+info", "", "connecting"});
  probes.push_back({{"CLIENT", "KILL", "ID", "0"}, "+client|kill", "", "the fence"});
  if (plan.config.durability.replicas > 0) {
    probes.push_back({{"WAIT", "0", "0"}, "+wait", "", "durability.replicas"});
  }
  if (plan.redis_url->mode == RedisUrl::Mode::kCluster) {
    probes.push_back({{"CLUSTER", "SLOTS"}, "+cluster|slots", "", "finding the nodes"});
    probes.push_back({{"ASKING"}, "+asking", "", "slots that migrate"});
  }
}

void AddLedger(const WorkerPlan& plan, const std::string& key, std::vector<Probe>& probes) {
  const std::string keys(kLedgerKeys);
  probes.push_back({{"SETRANGE", key, "0", "0"}, "+setrange", keys, "the ledger"});
  probes.push_back({{"EXPIRE", key, "1"}, "+expire", keys, "the ledger"});
  probes.push_back({{"GET", key}, "+get", keys, "the ledger"});
  if (!plan.config.journal.dir.empty()) {
    probes.push_back({{"SET", key + ":link", "", "EX", "1"}, "+set", keys, "the journal"});
  }
}

// The word of an ACL that a stream needs: one for all of its partitions.
std::string StreamWord(const StreamSpec& spec) {
  if (spec.partitions == 0) return "~" + spec.stream;
  return "~" + spec.stream.substr(0, spec.stream.rfind('{')) + "{*}";
}

void AddGuards(const StreamSpec& spec, std::vector<Probe>& probes) {
  const bool has_identity = !spec.identity.empty();
  const std::string used_for =
      has_identity ? "the identity of " + spec.route : "requests with an Idempotency-Key";
  const std::string key = GuardPrefix(spec.stream) + "0";
  const auto add = [&](std::vector<std::string> words, const char* right) {
    probes.push_back({std::move(words), right, std::string(kGuardKeys), used_for, has_identity});
  };
  // Asked for each of its keys, so that it is known which one is refused.
  add({"EVAL", "return 0", "1", spec.stream}, "+eval");
  probes.back().key = StreamWord(spec);
  add({"EVAL", "return 0", "1", key}, "+eval");
  add({"GET", key}, "+get");
  add({"SET", key, "", "EX", "1"}, "+set");
  if (has_identity) add({"EXISTS", key}, "+exists");
}

// The lanes of a stream that are asked for.
std::vector<uint32_t> SampleOf(const LaneLayout& layout, size_t stream, const SlotFilter& has) {
  std::vector<uint32_t> there;
  for (const uint32_t lane : layout.lanes_of[stream]) {
    if (has(layout.lanes[lane].slot)) there.push_back(lane);
  }
  if (there.size() > 2) there = {there.front(), there.back()};
  return there;
}

// A word that is missing, and what for.
struct Missing {
  std::string word;
  std::string used_for;
};

std::vector<Missing> MissingWords(const std::vector<Refusal>& refusals, bool needed) {
  std::vector<Missing> missing;
  for (const Refusal& refusal : refusals) {
    if (!refusal.error.starts_with(kNoPermission) || refusal.probe.needed != needed) continue;
    const bool is_key = refusal.error.find(" key") != std::string::npos;
    const std::string& word = is_key ? refusal.probe.key : refusal.probe.right;
    const bool known = std::any_of(missing.begin(), missing.end(),
                                   [&](const Missing& one) { return one.word == word; });
    if (!known) missing.push_back({word, refusal.probe.used_for});
  }
  return missing;
}

Finding MissingRights(Verdict verdict, const std::vector<Missing>& missing,
                      const std::string& user) {
  std::string words, uses;
  for (const Missing& one : missing) {
    words += " " + one.word;
    uses += (uses.empty() ? "" : ", ") + one.word + " (" + one.used_for + ")";
  }
  return {verdict, "redis rights", "user " + user + " lacks " + uses,
          "ACL SETUSER " + user + words + "; deploy/redis.acl has all that a gate uses"};
}

std::string_view RemedyOf(std::string_view error) {
  for (const WriteRefusal& known : kWriteRefusals) {
    if (error.starts_with(known.code)) return known.remedy;
  }
  return "give a Redis in redis.url that takes this command";
}

// One for each code: a Redis that is full refuses many commands.
void AddOtherRefusals(const std::vector<Refusal>& refusals, Findings& findings) {
  std::vector<std::string> codes;
  for (const Refusal& refusal : refusals) {
    const std::string code = refusal.error.substr(0, refusal.error.find(' '));
    if (code == kNoPermission || std::count(codes.begin(), codes.end(), code) > 0) continue;
    if (code != "ERR") codes.push_back(code);  // says nothing: a command that was renamed
    findings.push_back({Verdict::kProblem, "redis commands",
                        refusal.probe.words[0] + " is refused (" + refusal.probe.used_for +
                            "): " + OneLine(refusal.error),
                        std::string(RemedyOf(refusal.error))});
  }
}

}  // namespace

std::vector<Probe> ProbesOf(const WorkerPlan& plan, const SlotFilter& has) {
  std::vector<Probe> probes;
  AddConnecting(plan, probes);
  const LaneLayout& bulk = plan.bulk_layout;
  const std::string ledger = plan.ledger_prefix + "0";  // the first worker's
  std::set<uint32_t> with_ledger;
  for (size_t i = 0; i < plan.streams.size(); ++i) {
    for (const uint32_t lane : SampleOf(bulk, i, has)) {
      if (with_ledger.insert(lane).second) {
        AddLedger(plan, TaggedKey(ledger, bulk.lanes[lane].tag), probes);
      }
      const StreamSpec& spec = bulk.lanes[lane].streams[i];
      probes.push_back({{"XADD", spec.stream, "*", "doctor", "0"},
                        "+xadd",
                        StreamWord(spec),
                        "records of " + spec.route});
      AddGuards(spec, probes);
    }
  }
  const LaneLayout::OneLane& urgent = plan.urgent_layout.lanes.front();
  if (plan.has_urgent_lane && has(urgent.slot)) {
    AddLedger(plan, TaggedKey(ledger + ":urgent", urgent.tag), probes);
    const std::string& stream = plan.alert_stream.stream;
    probes.push_back({{"XADD", stream, "*", "doctor", "0"}, "+xadd", "~" + stream, "alerts"});
  }
  return probes;
}

size_t DropRedirects(std::vector<Refusal>& refusals) {
  return std::erase_if(refusals, [](const Refusal& refusal) {
    const auto redirect = Redirect::Parse(refusal.error);
    return redirect && redirect->kind != Redirect::Kind::kWait;
  });
}

Findings CheckRights(const std::vector<Refusal>& refusals, const std::string& user) {
  Findings findings;
  const auto needed = MissingWords(refusals, true);
  auto others = MissingWords(refusals, false);
  std::erase_if(others, [&](const Missing& other) {
    return std::any_of(needed.begin(), needed.end(),
                       [&](const Missing& one) { return one.word == other.word; });
  });
  if (!needed.empty()) findings.push_back(MissingRights(Verdict::kProblem, needed, user));
  if (!others.empty()) findings.push_back(MissingRights(Verdict::kWarning, others, user));
  if (needed.empty() && others.empty()) {
    findings.push_back({Verdict::kOk, "redis rights", "user " + user + " has all that are used"});
  }
  AddOtherRefusals(refusals, findings);
  return findings;
}

std::string ShownUser(const RedisUrl& url) {
  return url.user.empty() ? "default" : OneLine(url.user);
}

Finding CheckUser(const RedisUrl& url, bool is_administrator) {
  const bool is_on_network = !url.address.is_local();
  const std::string check = "redis user";
  if (is_on_network && url.password.empty()) {
    return {Verdict::kWarning, check,
            "Redis is on a network and asks for no password, so anybody may read and delete there",
            "give it users (deploy/redis.acl) and their passwords, and a password in redis.url"};
  }
  if (is_on_network && !url.tls) {
    return {Verdict::kWarning, check, "the password and all records cross a network in the clear",
            "give redis.url as rediss://, unless something else encrypts the way"};
  }
  if (is_administrator) {
    const std::string found = "user " + ShownUser(url) + " may do far more than a gate does";
    const std::string remedy = "give redis.url a user with the rights of deploy/redis.acl";
    if (!is_on_network) return {Verdict::kOk, check, found + "; Redis is on this machine"};
    return {Verdict::kWarning, check, found, remedy};
  }
  return {Verdict::kOk, check, "user " + ShownUser(url) + " may not read Redis's settings"};
}

}  // namespace sluice
