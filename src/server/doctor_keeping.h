// `sluice doctor`'s judgement of what a Redis keeps, and of whether it has room to: persistence,
// eviction, memory, and streams that nobody trims. README, "What Redis keeps", has the reasons.
// Pure, over what it answered (doctor_answers.h).
#pragma once

#include "server/config.h"
#include "server/doctor_answers.h"
#include "server/doctor_finding.h"

namespace sluice {

// "redis persistence": whether a 200 survives Redis's own crash.
Finding CheckPersistence(const NamedTexts& info, const DurabilityConfig& durability);
// "redis fsync": and the machine's.
Finding CheckFsync(const NodeAnswers& answers);
// "redis eviction": whether full memory deletes streams, ledgers or keys.
Finding CheckEviction(const NamedTexts& info);
// "redis memory": how much is used, of what is allowed or there.
Finding CheckMemory(const NamedTexts& info);
// "streams": which of them the settings trim.
Finding CheckStreams(const Config& config);

}  // namespace sluice
