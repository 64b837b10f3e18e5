#include "server/doctor_keeping.h"

#include <string_view>
#include <vector>

#include "server/doctor_redis.h"
#include "server/text.h"

namespace sluice {
namespace {

constexpr int64_t kMemoryWarningPercent = 75;
constexpr int64_t kMemoryProblemPercent = 90;
// Fragmentation of a small Redis is noise.
constexpr int64_t kFragmentBytesMin = 256 * static_cast<int64_t>(kMiB);
constexpr double kFragmentRatioMax = 1.5;

std::string MiBText(int64_t bytes) {
  return std::to_string(bytes / static_cast<int64_t>(kMiB)) + " MiB";
}

bool Failed(const NamedTexts& info, std::string_view name) {
  return info.Has(name) && info.Text(name) != "ok";
}

}  // namespace

Finding CheckPersistence(const NamedTexts& info, const DurabilityConfig& durability) {
  const std::string check = "redis persistence";
  const auto aof = info.Number("aof_enabled");
  if (!aof) return {Verdict::kSkipped, check, "Redis does not say"};
  if (Failed(info, "aof_last_write_status")) {
    return {Verdict::kProblem, check,
            "the last write to the append-only file failed, so writes are refused",
            "give Redis's disk room, or mend it; its log says more"};
  }
  if (*aof == 0) {
    const bool replicated = durability.replicas > 0;
    return {replicated ? Verdict::kWarning : Verdict::kProblem, check,
            replicated ? "no append-only file: only the replicas keep a 200 when Redis dies"
                       : "no append-only file: a 200 does not survive Redis's end",
            "set appendonly yes (deploy/redis.conf)"};
  }
  if (Failed(info, "aof_last_bgrewrite_status")) {
    return {Verdict::kWarning, check,
            "the last rewrite of the append-only file failed, so it grows",
            "give Redis's disk and memory room; its log says more"};
  }
  if (Failed(info, "rdb_last_bgsave_status")) {
    return {Verdict::kWarning, check, "an append-only file; the last snapshot failed",
            "mend it, or set save \"\" and stop-writes-on-bgsave-error no (deploy/redis.conf)"};
  }
  return {Verdict::kOk, check, "an append-only file, written without a fault"};
}

Finding CheckFsync(const NodeAnswers& answers) {
  const std::string check = "redis fsync";
  const NamedTexts& settings = answers.settings;
  if (settings.empty()) return SettingsUnread(check, answers);
  if (answers.info.Number("aof_enabled") == 0) {
    return {Verdict::kSkipped, check, "there is no append-only file"};
  }
  std::string found, remedy;
  const auto add = [&](const std::string& what, const std::string& better) {
    found += (found.empty() ? "" : "; ") + what;
    remedy += (remedy.empty() ? "" : "; ") + better;
  };
  const std::string policy = OneLine(settings.Text("appendfsync"));
  if (policy != "always") {
    add("appendfsync is " + policy + ": a crash of the machine takes the last " +
            (policy == "everysec" ? "second" : "half a minute") + " of 200s with it",
        "appendfsync always");
  }
  if (settings.Text("no-appendfsync-on-rewrite") == "yes") {
    add("during rewrites nothing is synced", "no-appendfsync-on-rewrite no");
  }
  if (settings.Text("aof-load-truncated") == "yes") {
    add("a torn file may double a batch", "aof-load-truncated no");
  }
  if (found.empty()) return {Verdict::kOk, check, "before each answer"};
  return {Verdict::kWarning, check, found, "set in redis.conf: " + remedy};
}

Finding CheckEviction(const NamedTexts& info) {
  const std::string check = "redis eviction";
  const auto most = info.Number("maxmemory");
  const std::string policy = OneLine(info.Text("maxmemory_policy"));
  if (!most || policy.empty()) return {Verdict::kSkipped, check, "Redis does not say"};
  if (policy == "noeviction")
    return {Verdict::kOk, check, "noeviction: full memory refuses writes"};
  const std::string evicted = std::to_string(info.Number("evicted_keys").value_or(0));
  const std::string remedy = "set maxmemory-policy noeviction (deploy/redis.conf)";
  if (*most == 0) {
    return {Verdict::kWarning, check,
            policy + ", without effect while maxmemory is 0; with one it deletes what was stored",
            remedy};
  }
  return {Verdict::kProblem, check,
          policy + ": full memory deletes whole streams, ledgers or the keys of retries (" +
              evicted + " so far)",
          remedy};
}

Finding CheckMemory(const NamedTexts& info) {
  const std::string check = "redis memory";
  const auto used = info.Number("used_memory");
  const auto most = info.Number("maxmemory");
  if (!used || !most) return {Verdict::kSkipped, check, "Redis does not say"};
  const int64_t machine = info.Number("total_system_memory").value_or(0);
  const int64_t room = *most > 0 ? *most : machine;
  if (room <= 0)
    return {Verdict::kSkipped, check, "Redis says neither maxmemory nor its machine's"};
  const auto percent =
      static_cast<int64_t>(100.0 * static_cast<double>(*used) / static_cast<double>(room));
  const std::string found = MiBText(*used) + " used, " + std::to_string(percent) + "% of " +
                            (*most > 0 ? "maxmemory, " : "the machine's ") + MiBText(room);
  if (percent >= kMemoryWarningPercent) {
    return {percent >= kMemoryProblemPercent ? Verdict::kProblem : Verdict::kWarning, check,
            found + (*most > 0 ? "; full, it refuses writes" : "; full, the kernel ends it"),
            "raise maxmemory or the machine's memory, or trim streams: a route's maxlen"};
  }
  if (*most == 0) {
    return {Verdict::kWarning, check, found + ", and no maxmemory: full, the kernel ends it",
            "set maxmemory to about two thirds of the machine (deploy/redis.conf)"};
  }
  if (machine > 0 && *most > machine) {
    return {Verdict::kWarning, check, found + ", more than the machine's " + MiBText(machine),
            "set maxmemory to about two thirds of the machine (deploy/redis.conf)"};
  }
  const int64_t fragments = info.Number("mem_fragmentation_bytes").value_or(0);
  if (fragments >= kFragmentBytesMin &&
      info.Decimal("mem_fragmentation_ratio").value_or(1) > kFragmentRatioMax) {
    return {Verdict::kWarning, check, found + "; fragments take " + MiBText(fragments) + " more",
            "set activedefrag yes, or restart Redis at a quiet hour"};
  }
  return {Verdict::kOk, check, found};
}

Finding CheckStreams(const Config& config) {
  const std::string check = "streams";
  std::vector<std::string> endless;
  bool has_alerts = false;
  for (const RouteConfig& route : config.routes) {
    has_alerts = has_alerts || !route.alerts.empty();
    if (route.maxlen == 0 && config.archive.retention_s == 0) endless.push_back(route.stream);
  }
  if (has_alerts && config.urgent.maxlen == 0) endless.push_back(config.urgent.stream);
  if (endless.empty()) return {Verdict::kOk, check, "each is trimmed"};
  std::string names;
  for (const std::string& name : endless) names += (names.empty() ? "" : ", ") + OneLine(name);
  return {Verdict::kWarning, check,
          names + ": trimmed by no setting, so Redis's memory is their end",
          "set the route's maxlen, urgent.maxlen or archive.retention_s, or let the readers trim"};
}

}  // namespace sluice
