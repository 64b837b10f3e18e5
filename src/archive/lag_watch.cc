#include "sluice/archive/lag_watch.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "archive/pause.h"
#include "archive/stream_group.h"
#include "sluice/base/log.h"

namespace sluice {
namespace {

constexpr uint64_t kPeriodMs = 1'000;

}  // namespace

class LagWatch::Impl {
 public:
  Impl(BlockingLinkOptions redis, std::string group, std::vector<ArchiveStats*> streams,
       const Clock& clock)
      : clock_(clock), streams_(std::move(streams)) {
    for (const ArchiveStats* stats : streams_) {
      // In a cluster each stream may have a node of its own.
      if (links_.empty() || links_.front().in_cluster()) {
        redis.key = stats->stream;
        links_.emplace_back(redis, clock);
      }
      // It only asks, so it is nobody in the group.
      groups_.emplace_back(links_.back(), stats->stream, group, "");
    }
    failures_.resize(streams_.size());
  }

  void Run() {
    while (!pause_.stopped()) {
      Look();
      pause_.Wait(kPeriodMs);
    }
  }

  void Look() {
    for (size_t i = 0; i < streams_.size(); ++i) {
      if (!links_[std::min(i, links_.size() - 1)].Connect().ok()) continue;
      const auto lag = groups_[i].Lag();
      if (!lag) {
        NoteFailure(i, lag.error());
        continue;
      }
      failures_[i] = 0;
      const uint64_t age_ms = lag.value().oldest_ms;
      streams_[i]->lag_entries.Set(lag.value().entries);
      streams_[i]->pending_entries.Set(lag.value().pending);
      streams_[i]->oldest_at_ms.Set(age_ms > 0 ? clock_.WallMs() - age_ms : 0);
    }
  }

  void Stop() { pause_.Stop(); }

 private:
  // The first may be of a group that its archiver is about to make.
  void NoteFailure(size_t i, const std::string& error) {
    if (++failures_[i] != 2) return;
    Log(LogLevel::kWarning, "the lag is not known",
        {{"stream", streams_[i]->stream}, {"error", error}});
  }

  const Clock& clock_;
  std::deque<BlockingLink> links_;
  const std::vector<ArchiveStats*> streams_;
  std::deque<StreamGroup> groups_;  // of each stream, as
  std::vector<uint64_t> failures_;  // in a row
  Pause pause_;
};

LagWatch::LagWatch(BlockingLinkOptions redis, std::string group, std::vector<ArchiveStats*> streams,
                   const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(redis), std::move(group), std::move(streams), clock)) {
}

LagWatch::~LagWatch() = default;

void LagWatch::Run() { impl_->Run(); }

void LagWatch::Look() { impl_->Look(); }

void LagWatch::Stop() { impl_->Stop(); }

}  // namespace sluice
