// Witness: what clients were told about each record, against what is in the streams. Records are
// numbered; a record's number is its device_id (or whatever field comes first). Thread-safe.
//
// True is: a record that anyone was told is stored (at once, in the journal, or as a repetition)
// is there exactly once; one that was only ever refused is not there; any other at most once; and
// nothing is there that nobody asked for. The same of the alerts: one for each rule that a record
// meets is where the record is.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "support/http_response.h"
#include "support/reading.h"
#include "support/redis_client.h"

namespace sluice {

// Milliseconds since the epoch, by the clock that the gate reads too.
int64_t WallMs();

enum class Told : uint8_t {
  kNothing,    // asked, and not answered
  kUnknown,    // 503, outcome unknown
  kNotStored,  // 503, outcome not_stored
  kStored,     // 200
  kJournal,    // 200, "stored":"journal"
  kRepeated,   // 200, "repeated"
  kAnything,   // what no contract knows; a complaint is kept
};

class Witness {
 public:
  // New records of one request; the first's number.
  uint64_t Ask(const std::vector<Reading>& readings);
  uint64_t Ask(uint32_t records) { return Ask(std::vector<Reading>(records, Reading::kNormal)); }
  // Their numbers start at `first`.
  void Tell(uint64_t first, uint32_t records, Told told);
  // The same, as the answer says; what it said.
  Told Answer(uint64_t first, uint32_t records, const HttpResponse& response);

  uint64_t asked() const;
  uint64_t alerts_asked() const;  // pairs of a record and a rule that it meets
  // Records that were told so last.
  uint64_t Count(Told told) const;
  // Records that must be in the stream: kStored, kJournal and kRepeated.
  uint64_t stored_count() const;

  testing::AssertionResult Check(const std::vector<StreamEntry>& entries) const;
  // Of the alert stream. Each alert's fields must be the rule's, the route's, a time since this
  // witness was made, and then the record's.
  testing::AssertionResult CheckAlerts(const std::vector<StreamEntry>& alerts) const;

 private:
  class Tally;

  void TellLocked(uint64_t first, uint32_t records, Told told);
  bool IsAlert(const StreamEntry& entry, uint64_t number) const;

  const int64_t made_ms_ = WallMs();
  mutable std::mutex mutex_;
  std::vector<Told> told_;
  std::vector<Reading> readings_;
  std::array<uint64_t, 7> counts_{};
  std::string complaint_;  // the first answer that no contract knows
};

}  // namespace sluice
