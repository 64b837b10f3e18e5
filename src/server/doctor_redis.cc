#include "server/doctor_redis.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "server/text.h"

namespace sluice {
namespace {

constexpr uint64_t kRoundTripWarningUs = 5'000;
constexpr int kMajorNeeded = 5;  // XADD, CLIENT ID
constexpr int kMajorTested = 7;
constexpr int64_t kSkewWarningMs = 1'000;
constexpr int64_t kSkewProblemMs = 60'000;
constexpr int64_t kUsPerMs = 1'000;
constexpr int64_t kNodeBytesMin = 4'096;  // deploy/redis.conf
constexpr int64_t kNodeEntriesMin = 100;

std::string MsText(uint64_t us) {
  const std::string hundredths = std::to_string(us % 1'000 / 10);
  return std::to_string(us / 1'000) + (hundredths.size() < 2 ? ".0" : ".") + hundredths + " ms";
}

std::string SecondsText(int64_t ms) {
  return std::to_string(ms / 1'000) + "." + std::to_string(ms % 1'000 / 100) + " s";
}

// INFO's "slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=0".
uint32_t ReplicasOnline(const NamedTexts& info) {
  uint32_t online = 0;
  const int64_t count = info.Number("connected_slaves").value_or(0);
  for (int64_t i = 0; i < count; ++i) {
    const std::string_view replica = info.Text("slave" + std::to_string(i));
    if (replica.find("state=online") != std::string_view::npos) ++online;
  }
  return online;
}

}  // namespace

Finding SettingsUnread(const std::string& check, const NodeAnswers& answers) {
  const std::string& refusal = answers.settings_refusal;
  return {Verdict::kSkipped, check,
          "needs CONFIG GET, which a gate does not (" +
              OneLine(std::string_view(refusal).substr(0, refusal.find(' '))) + ")"};
}

Finding CheckRoundTrip(const std::string& node, uint64_t round_trip_us) {
  const std::string found = node + " answers; a round trip takes " + MsText(round_trip_us);
  if (round_trip_us < kRoundTripWarningUs) return {Verdict::kOk, "redis", found};
  return {Verdict::kWarning, "redis", found + ", and every request waits for one at least",
          "run the gate nearer to its Redis, or raise delivery.window"};
}

Finding CheckVersion(const NamedTexts& info) {
  const std::string check = "redis version";
  const std::string_view version = info.Text("redis_version");
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  std::string found = OneLine(version);
  if (info.Has("valkey_version")) {
    found = "Valkey " + OneLine(info.Text("valkey_version")) + ", as Redis " + found;
  }
  if (version.empty()) return {Verdict::kSkipped, check, "Redis does not say"};
  if (major < kMajorNeeded) {
    return {Verdict::kProblem, check, found + " lacks commands that are used",
            "upgrade Redis; 7.0 and later are tested"};
  }
  if (major < kMajorTested) {
    return {Verdict::kWarning, check, found + " has the commands, and is not tested",
            "upgrade Redis; 7.0 and later are tested"};
  }
  return {Verdict::kOk, check, found};
}

Finding CheckRole(const NamedTexts& info, const DurabilityConfig& durability, bool fails_over) {
  const std::string check = "redis role";
  const std::string_view role = info.Text("role");
  if (role.empty()) return {Verdict::kSkipped, check, "Redis does not say"};
  if (role != "master" && fails_over) {
    return {Verdict::kProblem, check, "a replica, which refuses writes, though it was the primary",
            "let the failover end, and ask again"};
  }
  if (role != "master") {
    return {Verdict::kProblem, check, "a replica, which refuses writes",
            "give the primary in redis.url" + (info.Has("master_host")
                                                   ? ": " + OneLine(info.Text("master_host")) +
                                                         ":" + OneLine(info.Text("master_port"))
                                                   : std::string())};
  }
  const uint32_t online = ReplicasOnline(info);
  const std::string found =
      "a primary with " + std::to_string(online) + (online == 1 ? " replica" : " replicas");
  if (online < durability.replicas) {
    return {Verdict::kProblem, check,
            found + ", and durability.replicas is " + std::to_string(durability.replicas) +
                ", so every request would be answered 503",
            "connect more replicas, or lower durability.replicas"};
  }
  if (online == 0 && fails_over) {
    return {Verdict::kWarning, check, found + ", so nobody takes its place when it dies",
            "give it a replica"};
  }
  return {Verdict::kOk, check, found};
}

Finding CheckClients(const NamedTexts& info, uint32_t links) {
  const std::string check = "redis clients";
  const auto connected = info.Number("connected_clients");
  const auto most = info.Number("maxclients");
  if (!connected || !most) return {Verdict::kSkipped, check, "Redis does not say"};
  const std::string found = std::to_string(*connected) + " of " + std::to_string(*most) +
                            " connected; this gate takes up to " + std::to_string(links);
  if (*connected + int64_t{links} > *most) {
    return {Verdict::kProblem, check, found, "raise Redis's maxclients, or lower http.workers"};
  }
  if (const int64_t rejected = info.Number("rejected_connections").value_or(0); rejected > 0) {
    return {Verdict::kWarning, check,
            found + "; Redis has turned " + std::to_string(rejected) + " away since it started",
            "raise Redis's maxclients"};
  }
  return {Verdict::kOk, check, found};
}

Finding CheckClock(const NodeAnswers& answers) {
  const std::string check = "redis clock";
  const auto theirs_us = answers.info.Number("server_time_usec");
  if (!theirs_us) return {Verdict::kSkipped, check, "Redis does not say"};
  const int64_t ahead_ms = *theirs_us / kUsPerMs - answers.asked_at_ms;
  // It was read somewhere within the round trip.
  const int64_t unsure_ms = static_cast<int64_t>(answers.info_took_us) / 2 / kUsPerMs + 1;
  const int64_t skew_ms = std::max<int64_t>(std::abs(ahead_ms) - unsure_ms, 0);
  if (skew_ms <= kSkewWarningMs) {
    return {Verdict::kOk, check, "within a second of ours"};
  }
  return {skew_ms > kSkewProblemMs ? Verdict::kProblem : Verdict::kWarning, check,
          SecondsText(skew_ms) + (ahead_ms > 0 ? " ahead of ours" : " behind ours") +
              ", so entries' ids and alerts' received_ms tell different times",
          "synchronise both machines' clocks (NTP)"};
}

Finding CheckSettings(const NodeAnswers& answers, uint32_t links) {
  const std::string check = "redis settings";
  const NamedTexts& settings = answers.settings;
  if (settings.empty()) return SettingsUnread(check, answers);
  std::string found, remedy;
  const auto add = [&](const std::string& what, const std::string& better) {
    found += (found.empty() ? "" : "; ") + what;
    remedy += (remedy.empty() ? "" : "; ") + better;
  };
  if (const int64_t timeout = settings.Number("timeout").value_or(0); timeout > 0) {
    add("connections are closed after " + std::to_string(timeout) + " s without a command",
        "timeout 0");
  }
  const int64_t backlog = settings.Number("tcp-backlog").value_or(links);
  if (backlog < int64_t{links}) {
    add("tcp-backlog is " + std::to_string(backlog) + ", and this gate connects " +
            std::to_string(links) + " times at once",
        "tcp-backlog 1024");
  }
  const int64_t bytes = settings.Number("stream-node-max-bytes").value_or(0);
  const int64_t entries = settings.Number("stream-node-max-entries").value_or(0);
  if ((bytes > 0 && bytes < kNodeBytesMin) || (entries > 0 && entries < kNodeEntriesMin)) {
    add("small nodes make streams take more memory",
        "stream-node-max-bytes 4096, stream-node-max-entries 100");
  }
  if (found.empty()) return {Verdict::kOk, check, "timeout, tcp-backlog and stream nodes are good"};
  return {Verdict::kWarning, check, found, "set in redis.conf: " + remedy};
}

uint32_t LinksOf(const WorkerPlan& plan) {
  return plan.worker_count * (plan.has_urgent_lane ? 2u : 1u);
}

}  // namespace sluice
