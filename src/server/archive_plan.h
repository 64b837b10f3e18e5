// ArchivePlan: what sluice-archive does: from which streams, as which consumer, into which
// database. Made once, before anything starts, of a configuration that LoadConfig has checked.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/config.h"
#include "sluice/archive/archiver.h"
#include "sluice/base/result.h"
#include "sluice/sql/database_url.h"

namespace sluice {

struct ArchivePlan {
  Config config;
  DatabaseUrl database;
  std::vector<ArchiverOptions> streams;  // at least one, each stream once
};

// `routes` are paths or aliases; none: all routes. Routes of one stream and the same fields make
// one archiver. Refused with one line that names the setting or the route: a URL, a file that
// redis.ca names, times by which an archive that waits is a dead one, a route that there is not,
// and routes that would share a table without having the same columns. Without side effects.
Result<ArchivePlan> PlanArchive(const Config& config, std::span<const std::string> routes,
                                bool once);

}  // namespace sluice
