// EntrySource: where the next entries come from, in turn: those that this consumer was given before
// and has not acknowledged, those that another archive left, and those that nobody was given yet.
// Whoever left some is looked for again now and then. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "archive/stream_group.h"
#include "sluice/base/archive_stats.h"
#include "sluice/base/clock.h"
#include "sluice/base/result.h"

namespace sluice {

class EntrySource {
 public:
  struct Options {
    uint64_t claim_ms;  // what another has had for so long is taken over
    bool once;          // it ends behind what is there at its beginning
  };

  EntrySource(Options options, StreamGroup& group, const Clock& clock, ArchiveStats& stats)
      : options_(options), group_(group), clock_(clock), stats_(stats) {}

  // A connection was lost: what it was given, and its reply lost with it, is pending now.
  void Rewind();
  // What is read next may be read already: nothing of it may be in hand.
  bool rewound() const { return stage_ == Stage::kPending && cursor_ == kBegin; }
  bool dry() const { return stage_ == Stage::kDry; }

  // At most so many entries, or none; waits for a first one so long where it must. What another
  // left is taken over only when there is nothing in hand.
  Result<EntriesRead> Read(size_t count, uint64_t block_ms, bool nothing_in_hand);

 private:
  enum class Stage : uint8_t { kPending, kLeft, kNew, kDry };
  static constexpr const char* kBegin = "0-0";  // and the end of what was left

  Result<EntriesRead> Ask(size_t count, uint64_t block_ms);
  uint64_t now_ms() const { return clock_.MonotonicNs() / kNsPerMs; }

  const Options options_;
  StreamGroup& group_;
  const Clock& clock_;
  ArchiveStats& stats_;
  Stage stage_ = Stage::kPending;
  std::string cursor_ = kBegin;  // in kPending and kLeft: where to go on
  uint64_t claim_at_ms_ = 0;
  uint64_t until_ms_ = 0;  // of `once`, by Redis's clock: when it began; 0: it has not
};

}  // namespace sluice
