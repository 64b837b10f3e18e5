#include "server/doctor_files.h"

#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "server/text.h"
#include "server/token_file.h"
#include "server/token_reload.h"
#include "sluice/base/limits.h"
#include "sluice/net/certificate_file.h"

namespace sluice {
namespace {

constexpr int64_t kDaySeconds = 86'400;
// linux/magic.h's TMPFS_MAGIC and RAMFS_MAGIC.
constexpr long kTmpfs = 0x01021994;
constexpr long kRamfs = 0x858458f6;

std::string UntilText(int64_t end, int64_t now) {
  return TimeText(end) + " (" + std::to_string((end - now) / kDaySeconds) + " days)";
}

uint64_t BytesOf(const std::string& dir) {
  uint64_t bytes = 0;
  std::error_code error;
  std::filesystem::directory_iterator entries(dir, error);
  while (!error && entries != std::filesystem::directory_iterator()) {
    const uintmax_t size = entries->file_size(error);
    if (!error) bytes += size;
    error.clear();  // of a file that went meanwhile
    entries.increment(error);
  }
  return bytes;
}

Finding CheckTokens(const AuthConfig& auth) {
  const std::string check = "auth.tokens";
  if (auth.tokens.empty()) return {Verdict::kSkipped, check, "requests are anybody's"};
  if (!IsOpenToOthers(auth.tokens)) return {Verdict::kOk, check, "its owner's alone"};
  return {Verdict::kWarning, check, "is open to others than its owner",
          "chmod 600 " + Quoted(auth.tokens)};
}

Findings CheckTls(const Config& config, const Clock& clock) {
  const TlsConfig& tls = config.tls;
  Findings findings;
  if (tls.certificate.empty()) {
    findings.push_back({Verdict::kSkipped, "tls.certificate", "the data port is plain HTTP"});
  } else {
    findings.push_back(CheckEnds("tls.certificate", CertificateEnds(tls.certificate),
                                 CertificateUse::kChain, clock));
    findings.push_back(IsOpenToOthers(tls.key)
                           ? Finding{Verdict::kWarning, "tls.key",
                                     "is open to others than its owner and group",
                                     "chmod 640 " + Quoted(tls.key)}
                           : Finding{Verdict::kOk, "tls.key", "nobody else's to read"});
  }
  const auto add = [&](const char* check, const std::string& file) {
    if (file.empty()) return;
    findings.push_back(
        CheckEnds(check, CertificateEnds(file), CertificateUse::kAuthorities, clock));
  };
  add("tls.client_ca", tls.client_ca);
  add("redis.ca", config.redis.ca);
  return findings;
}

Finding CheckDoors(const Config& config) {
  const std::string check = "http.listen";
  if (HasOpenDoors(config, config.http.listen)) {
    return {Verdict::kWarning, check, std::string(kOpenDoors), std::string(kOpenDoorsRemedy)};
  }
  return {Verdict::kOk, check, "on loopback, or behind tls.certificate or auth.tokens"};
}

}  // namespace

Finding CheckEnds(const std::string& check, std::vector<int64_t> ends, CertificateUse use,
                  const Clock& clock) {
  if (ends.empty()) return {Verdict::kSkipped, check, "no certificate could be read"};
  std::sort(ends.begin(), ends.end());
  const auto now = static_cast<int64_t>(clock.WallMs() / kMsPerSecond);
  const bool one_is_enough = use == CertificateUse::kAuthorities;
  const int64_t decisive = one_is_enough ? ends.back() : ends.front();
  const std::string remedy =
      one_is_enough ? "put its successor into the file" : "renew it, and send SIGHUP";
  if (decisive <= now) {
    return {Verdict::kProblem, check, "expired at " + TimeText(decisive), remedy};
  }
  if (ends.front() <= now) {
    return {Verdict::kWarning, check,
            "one of its certificates expired at " + TimeText(ends.front()), remedy};
  }
  if (ends.front() - now <= static_cast<int64_t>(kCertificateWarningSeconds)) {
    return {Verdict::kWarning, check, "expires soon: " + UntilText(ends.front(), now), remedy};
  }
  return {Verdict::kOk, check, "good until " + UntilText(ends.front(), now)};
}

Finding CheckRedisCertificate(std::optional<int64_t> ends_at, const Clock& clock) {
  const std::vector<int64_t> ends =
      ends_at ? std::vector<int64_t>{*ends_at} : std::vector<int64_t>();
  Finding finding = CheckEnds("redis certificate", ends, CertificateUse::kChain, clock);
  if (!finding.remedy.empty()) finding.remedy = "renew Redis's certificate (tls-cert-file)";
  return finding;
}

JournalPlace LookAtJournal(const std::string& dir) {
  JournalPlace place;
  std::error_code error;
  place.exists = std::filesystem::is_directory(dir, error);
  const std::filesystem::path whole = std::filesystem::absolute(dir, error).lexically_normal();
  const std::filesystem::path parent =
      whole.has_filename() ? whole.parent_path() : whole.parent_path().parent_path();
  const std::string there = place.exists ? dir : parent.string();
  place.writable =
      std::filesystem::is_directory(there, error) && ::access(there.c_str(), W_OK | X_OK) == 0;
  place.open_to_others = place.exists && IsOpenToOthers(dir);
  if (place.exists) place.used_bytes = BytesOf(dir);
  struct statfs kind {};
  if (::statfs(there.c_str(), &kind) == 0) {
    place.in_memory = kind.f_type == kTmpfs || kind.f_type == kRamfs;
  }
  struct statvfs room {};
  if (::statvfs(there.c_str(), &room) == 0) place.free_bytes = room.f_bavail * room.f_frsize;
  return place;
}

Findings CheckJournal(const JournalConfig& journal, const JournalPlace& place) {
  const std::string check = "journal.dir";
  if (journal.dir.empty()) return {{Verdict::kSkipped, check, "there is no journal"}};
  if (!place.writable) {
    return {{Verdict::kProblem, check,
             place.exists ? "may not be written by this user" : "is not there and cannot be made",
             "make " + Quoted(journal.dir) + " and give it to the gate's user"}};
  }
  Findings findings;
  if (place.in_memory) {
    findings.push_back({Verdict::kWarning, check,
                        "is in memory (tmpfs), so it does not survive the machine",
                        "give a directory on a disk"});
  }
  if (place.open_to_others) {
    findings.push_back({Verdict::kWarning, check, "is open to others, and holds records in clear",
                        "chmod 700 " + Quoted(journal.dir)});
  }
  const uint64_t room = place.used_bytes + place.free_bytes;
  if (room < journal.bytes_max) {
    findings.push_back({Verdict::kWarning, check,
                        "has room for " + std::to_string(room / kMiB) + " MiB, and " +
                            "journal.bytes_max is " + std::to_string(journal.bytes_max / kMiB),
                        "give it a larger disk, or lower journal.bytes_max"});
  }
  if (!findings.empty()) return findings;
  return {{Verdict::kOk, check,
           std::string(place.exists ? "can be written" : "can be made") + "; " +
               std::to_string(place.free_bytes / kMiB) + " MiB free"}};
}

Findings CheckFiles(const Config& config, const Clock& clock) {
  const std::string& dir = config.journal.dir;
  Findings findings = {CheckDoors(config), CheckTokens(config.auth)};
  Append(CheckTls(config, clock), findings);
  Append(CheckJournal(config.journal, dir.empty() ? JournalPlace() : LookAtJournal(dir)), findings);
  return findings;
}

}  // namespace sluice
