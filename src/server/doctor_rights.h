// What a Redis must let the gate do. A Probe is a command that the gate sends, with the words of an
// ACL that allow it. Probes are asked inside a transaction that cannot be carried out
// (doctor_answers.h): Redis checks a command's rights, and whether it takes writes at all, when the
// command is queued. Pure.
#pragma once

#include <string>
#include <vector>

#include "server/doctor_finding.h"
#include "server/worker_plan.h"

namespace sluice {

struct Probe {
  std::vector<std::string> words;
  std::string right;     // "+xadd"
  std::string key;       // "~vitals"; empty: it has none
  std::string used_for;  // "records of /v1/vitals"
  bool needed = true;    // false: only by requests with an Idempotency-Key
};

// All that this configuration may send, each once for each key.
std::vector<Probe> ProbesOf(const WorkerPlan& plan);

// What Redis said to a probe.
struct Refusal {
  Probe probe;
  std::string error;
};

// Who we are in Redis, in one line.
std::string ShownUser(const RedisUrl& url);

// Which rights `user` lacks, and what else is refused: OOM, READONLY and the like.
Findings CheckRights(const std::vector<Refusal>& refusals, const std::string& user);

// Whether it has far more than it needs, or talks in the clear. `is_administrator`: Redis told it
// its settings.
Finding CheckUser(const RedisUrl& url, bool is_administrator);

}  // namespace sluice
