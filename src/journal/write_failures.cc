#include "journal/write_failures.h"

#include "journal/file.h"
#include "sluice/base/log.h"

namespace sluice {
namespace {

constexpr uint64_t kSayAgainNs = 10'000 * kNsPerMs;

}  // namespace

void WriteFailures::Add(const char* what, int error) { Add(what, ErrorText(error)); }

void WriteFailures::AddFull() {
  const bool is_all = directory_.bytes_max(lane_) == directory_.bytes_max(LaneKind::kUrgent);
  Add("take a batch: the journal is full",
      is_all ? "journal.bytes_max is reached"
             : "journal.bytes_max is reached, but for the eighth that is kept for alerts");
}

void WriteFailures::Add(const char* what, const std::string& reason) {
  stats_.failures.Add();
  const uint64_t now_ns = clock_.now_ns();
  if (said_ns_ != 0 && now_ns - said_ns_ < kSayAgainNs) return;
  said_ns_ = now_ns;
  Log(LogLevel::kError,
      "journal: a write failed; free space or raise journal.bytes_max, or mend journal.dir",
      {{"dir", directory_.path()},
       {"lane", LaneName(lane_)},
       {"could_not", what},
       {"reason", reason}});
}

}  // namespace sluice
