// What a Redis must let the gate do. A Probe is a command that the gate sends, with the words of an
// ACL that allow it. Probes are asked inside a transaction that cannot be carried out
// (doctor_answers.h): Redis checks a command's rights, and whether it takes writes at all, when the
// command is queued. Pure.
#pragma once

#include <cstdint>
#include <functional>
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

// Whether a node has a slot. One Redis, and a primary among sentinels, has all.
using SlotFilter = std::function<bool(uint16_t slot)>;

// All that this configuration may send to such a node, each once for each key. Of a stream's
// partitions there the first and the last stand for all: an ACL has them as one pattern, and one
// that does not fit them all, as `~vitals:{?}`, mostly fails the last.
std::vector<Probe> ProbesOf(const WorkerPlan& plan, const SlotFilter& has);

// What Redis said to a probe.
struct Refusal {
  Probe probe;
  std::string error;
};

// Who we are in Redis, in one line.
std::string ShownUser(const RedisUrl& url);

// Takes out what only says that the key is another node's by now (MOVED, ASK); how many those were.
size_t DropRedirects(std::vector<Refusal>& refusals);

// Which rights `user` lacks, and what else is refused: OOM, READONLY and the like.
Findings CheckRights(const std::vector<Refusal>& refusals, const std::string& user);

// Whether it has far more than it needs, or talks in the clear. `is_administrator`: Redis told it
// its settings.
Finding CheckUser(const RedisUrl& url, bool is_administrator);

}  // namespace sluice
