// `sluice doctor`'s look at what the configuration names beside Redis: certificates and when they
// end, files that others may read, the journal's directory, and the data port's open doors. The
// plan has been made of it, so all files of TLS and tokens can be used. Changes nothing, takes no
// lock: it may be run beside the gate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/config.h"
#include "server/doctor_finding.h"
#include "sluice/base/clock.h"

namespace sluice {

// What is to be said of certificates that end then, in seconds since the Unix epoch. All of a chain
// must be good; of a list of authorities one.
enum class CertificateUse : uint8_t { kChain, kAuthorities };
Finding CheckEnds(const std::string& check, std::vector<int64_t> ends, CertificateUse use,
                  const Clock& clock);

// "redis certificate": of the server, as it showed it.
Finding CheckRedisCertificate(std::optional<int64_t> ends_at, const Clock& clock);

// Where a journal is, or would be.
struct JournalPlace {
  bool exists = false;    // else it would be made, in its parent
  bool writable = false;  // or, where it does not exist, its parent
  bool open_to_others = false;
  bool in_memory = false;   // tmpfs
  uint64_t used_bytes = 0;  // by its files
  uint64_t free_bytes = 0;  // of its file system, for who asks
};
JournalPlace LookAtJournal(const std::string& dir);
Findings CheckJournal(const JournalConfig& journal, const JournalPlace& place);

// All of these, and tokens, keys and doors.
Findings CheckFiles(const Config& config, const Clock& clock);

}  // namespace sluice
