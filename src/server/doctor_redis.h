// `sluice doctor`'s judgement of a Redis: which it is, whether the gate can work with it, and how
// it is set up. What it keeps is in doctor_keeping.h. Pure, over what it answered
// (doctor_answers.h); a function makes a finding for each check, so the list is the same for every
// Redis.
#pragma once

#include "server/doctor_answers.h"
#include "server/doctor_finding.h"
#include "server/worker_plan.h"

namespace sluice {

// "redis": it answers, and how fast.
Finding CheckRoundTrip(const std::string& node, uint64_t round_trip_us);
// "redis version": has the commands that are used.
Finding CheckVersion(const NamedTexts& info);
// "redis role": a primary, with durability.replicas of them behind it. `fails_over`: a cluster or
// sentinels would make one of its replicas the primary.
Finding CheckRole(const NamedTexts& info, const DurabilityConfig& durability, bool fails_over);
// "redis clients": room for this gate's connections.
Finding CheckClients(const NamedTexts& info, uint32_t links);
// "redis clock": against ours.
Finding CheckClock(const NodeAnswers& answers);
// "redis settings": those that are no matter of what it keeps.
Finding CheckSettings(const NodeAnswers& answers, uint32_t links);

// Connections that this gate has at most to one Redis: a worker's lanes of one kind share a link to
// each node.
uint32_t LinksOf(const WorkerPlan& plan);

// What stands for a check that needs settings which may not be read.
Finding SettingsUnread(const std::string& check, const NodeAnswers& answers);

}  // namespace sluice
