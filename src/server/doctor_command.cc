#include "server/doctor_command.h"

#include "server/doctor_files.h"
#include "server/doctor_keeping.h"
#include "server/doctor_machine.h"
#include "server/doctor_node.h"
#include "server/doctor_report.h"
#include "server/exit_code.h"
#include "server/tls_port.h"
#include "server/worker_plan.h"
#include "sluice/base/clock.h"

namespace sluice {
namespace {

constexpr int kAllWell = 0;
constexpr int kProblems = 1;

Findings CheckRedis(const WorkerPlan& plan, const Clock& clock) {
  if (!plan.redis_url) {
    return {{Verdict::kSkipped, "redis", "redis.url is empty: the journal alone stores"}};
  }
  const RedisUrl& url = *plan.redis_url;
  BlockingLink link({.url = url,
                     .tls = url.tls ? MakeRedisContext(plan.config.redis, url) : nullptr,
                     .connect_ms = plan.config.redis.connect_ms,
                     .reply_ms = plan.config.redis.reply_ms},
                    clock);
  return CheckNode(url, link, plan, clock);
}

}  // namespace

int RunDoctorCommand(const Config& config, bool json, std::ostream& out, std::ostream& err) {
  const auto plan = PlanWorkers(config);
  if (!plan) {
    err << "sluice: " << plan.error() << "\n";
    return kExitUsage;
  }
  const SystemClock clock;
  Findings findings = CheckRedis(plan.value(), clock);
  findings.push_back(CheckStreams(config));
  Append(CheckFiles(config, clock), findings);
  Append(CheckMachine(ReadMachine(), plan.value()), findings);
  json ? PrintJsonReport(findings, out) : PrintReport(findings, out);
  if (!out.flush()) {  // half of it must not pass for all of it
    err << "sluice: doctor: cannot write the report; give it room\n";
    return kExitUsage;
  }
  return HasProblem(findings) ? kProblems : kAllWell;
}

}  // namespace sluice
