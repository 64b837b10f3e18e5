#include "server/doctor_command.h"

#include "server/doctor_files.h"
#include "server/doctor_keeping.h"
#include "server/doctor_machine.h"
#include "server/doctor_nodes.h"
#include "server/doctor_report.h"
#include "server/exit_code.h"
#include "server/worker_plan.h"
#include "sluice/base/clock.h"

namespace sluice {
namespace {

constexpr int kAllWell = 0;
constexpr int kProblems = 1;

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
