// `sluice doctor` on one Redis: connects, asks (doctor_answers.h) and judges. Bounded by
// redis.connect_ms and, for each question, redis.reply_ms. One thread.
#pragma once

#include <string>

#include "server/doctor_finding.h"
#include "server/doctor_rights.h"
#include "server/worker_plan.h"
#include "sluice/base/clock.h"
#include "sluice/redis/blocking_link.h"

namespace sluice {

// `url` says where `link`, which is not connected yet, leads: the findings' node is its address.
// `has`: its slots. Of a Redis that cannot be reached there is one finding.
Findings CheckNode(const RedisUrl& url, BlockingLink& link, const WorkerPlan& plan,
                   const SlotFilter& has, const Clock& clock);

// That one: `reason` is what a connection failed with.
Finding Unreachable(const std::string& reason);

}  // namespace sluice
