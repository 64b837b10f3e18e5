#include "server/doctor_node.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "server/doctor_answers.h"
#include "server/doctor_files.h"
#include "server/doctor_keeping.h"
#include "server/doctor_redis.h"
#include "server/text.h"

namespace sluice {
namespace {

// What Redis says to a connection that it does not take, and what helps.
struct Cause {
  std::string_view text;
  std::string_view remedy;
};
constexpr std::array<Cause, 9> kCauses = {{
    {"NOPERM", "give the user the rights of deploy/redis.acl"},
    {"WRONGPASS", "mend user and password in redis.url"},
    {"NOAUTH", "give redis.url a user and a password"},
    {"LOADING", "wait until Redis has loaded its data"},
    {"certificate", "mend redis.ca, or renew Redis's certificate (tls-cert-file)"},
    {"TLS", "give redis.url as redis:// if Redis has no TLS there"},
    {"cluster support disabled", "give redis.url as redis://, since that Redis is no cluster's"},
    {"unknown command 'SENTINEL'", "give the sentinels in redis.url, and not their Redis"},
    {"No such master", "give the name of the sentinels' `sentinel monitor` in redis.url"},
}};

// Where redis.url leads to a node of a cluster as if it were alone.
Finding IsInCluster() {
  return {Verdict::kProblem, "redis nodes", "a node of a cluster, which has only some of the keys",
          "give redis.url as redis+cluster://, with some of the cluster's nodes"};
}

Findings JudgeRights(const RedisUrl& url, const NodeAnswers& answers, const WorkerPlan& plan) {
  std::vector<Refusal> refusals = answers.refusals;
  Findings findings;
  const bool in_cluster = answers.info.Number("cluster_enabled") == 1;
  const size_t redirected = in_cluster ? DropRedirects(refusals) : 0;
  if (in_cluster && plan.redis_url->is_single()) {
    findings.push_back(IsInCluster());
  } else if (redirected > 0) {
    findings.push_back({Verdict::kWarning, "redis commands",
                        "slots are on the way to another node, so some rights were not asked for",
                        "ask again when they have moved"});
  }
  Append(CheckRights(refusals, ShownUser(url)), findings);
  return findings;
}

Findings Judge(const std::string& node, const RedisUrl& url, const NodeAnswers& answers,
               const WorkerPlan& plan, const Clock& clock) {
  const Config& config = plan.config;
  Findings findings = {CheckRoundTrip(node, answers.round_trip_us)};
  if (url.tls) findings.push_back(CheckRedisCertificate(answers.certificate_end, clock));
  Append(JudgeRights(url, answers, plan), findings);
  findings.push_back(CheckUser(url, !answers.settings.empty()));
  Append({CheckVersion(answers.info),
          CheckRole(answers.info, config.durability, !plan.redis_url->is_single()),
          CheckPersistence(answers.info, config.durability), CheckFsync(answers),
          CheckEviction(answers.info), CheckMemory(answers.info),
          CheckClients(answers.info, LinksOf(plan)), CheckSettings(answers, LinksOf(plan)),
          CheckClock(answers)},
         findings);
  return findings;
}

}  // namespace

Finding Unreachable(const std::string& reason) {
  const auto known = std::find_if(kCauses.begin(), kCauses.end(), [&](const Cause& cause) {
    return reason.find(cause.text) != std::string::npos;
  });
  return {
      Verdict::kProblem, "redis", OneLine(reason),
      std::string(known == kCauses.end() ? "start Redis there, or mend redis.url" : known->remedy)};
}

Findings CheckNode(const RedisUrl& url, BlockingLink& link, const WorkerPlan& plan,
                   const SlotFilter& has, const Clock& clock) {
  const std::string node = OneLine(url.address.ToString());
  Findings findings;
  if (const Status connected = link.Connect(); !connected) {
    findings.push_back(Unreachable(node + ": " + connected.error()));
  } else if (const auto answers = AskNode(link, ProbesOf(plan, has), clock); !answers) {
    findings.push_back(Unreachable(node + ": " + answers.error()));
  } else {
    findings = Judge(node, url, answers.value(), plan, clock);
  }
  for (Finding& finding : findings) finding.node = node;
  return findings;
}

}  // namespace sluice
