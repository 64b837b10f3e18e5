#include "sluice/archive/archiver.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "archive/entry_source.h"
#include "archive/row_batch.h"
#include "archive/row_inserter.h"
#include "archive/row_maker.h"
#include "archive/stream_group.h"
#include "sluice/base/limits.h"
#include "sluice/base/log.h"
#include "sluice/redis/blocking_link.h"
#include "sluice/sql/database.h"

namespace sluice {
namespace {

// How long a read waits for the first entry, so that a stop and the lag are never far away.
constexpr uint64_t kBlockMs = 250;
constexpr uint64_t kLagPeriodMs = 1'000;
constexpr uint64_t kTrimPeriodMs = 5'000;
// Entries in a read while their size is not known.
constexpr size_t kFirstEntries = 64;

}  // namespace

class Archiver::Impl {
 public:
  Impl(ArchiverOptions options, const Clock& clock, ArchiveStats& stats);

  Ending Run();
  void Stop();
  const std::string& error() const { return error_; }

 private:
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
  bool Round();
  bool ReachRedis();
  bool ReachDatabase();
  void DatabaseIsUp();
  bool LookAfterStream();
  bool Read();
  void Take(EntriesRead read);
  size_t Room() const;
  bool due() const;
  bool Write();
  void Settle();
  bool RedisFailed(const std::string& reason);
  bool DatabaseFailed(const std::string& reason);
  void Pause();
  uint64_t now_ms() const { return clock_.MonotonicNs() / kNsPerMs; }

  const ArchiverOptions options_;
  const Clock& clock_;
  ArchiveStats& stats_;
  BlockingLink link_;
  StreamGroup group_;
  EntrySource source_;
  std::unique_ptr<Database> database_;  // null: away
  RowBatch batch_;
  bool inserted_ = false;  // the batch: it is to be acknowledged still
  uint64_t batch_since_ms_ = 0;
  size_t rows_per_entry_ = 1;  // of the last read, as
  size_t bytes_per_entry_;
  uint64_t lag_at_ms_ = 0;
  uint64_t trim_at_ms_ = 0;
  uint64_t backoff_ms_ = 0;
  bool redis_is_told_ = false;  // that it is away: the log says it once
  bool database_is_told_ = false;
  std::string error_;
  std::atomic<bool> stopping_{false};
  std::mutex pause_mutex_;
  std::condition_variable pause_;
};

Archiver::Impl::Impl(ArchiverOptions options, const Clock& clock, ArchiveStats& stats)
    : options_(std::move(options)),
      clock_(clock),
      stats_(stats),
      link_({.url = options_.redis,
             .tls = options_.redis_tls,
             .connect_ms = options_.connect_ms,
             .reply_ms = options_.reply_ms},
            clock),
      group_(link_, options_.stream, options_.group, options_.consumer),
      source_({.claim_ms = options_.claim_ms, .once = options_.once}, group_, clock, stats),
      batch_(options_.schema, options_.packed),
      bytes_per_entry_(options_.bytes_max / kFirstEntries + 1) {}

Archiver::Ending Archiver::Impl::Run() {
  for (;;) {
    if (batch_.empty() && (stopping() || source_.dry())) {
      lag_at_ms_ = 0;  // what is left, as of now
      if (link_.connected()) LookAfterStream();
      return Ending::kDone;
    }
    if (Round()) {
      backoff_ms_ = 0;
      continue;
    }
    if (options_.once) return Ending::kFailed;
    if (stopping()) return batch_.empty() ? Ending::kDone : Ending::kLeft;
    Pause();
  }
}

// Reads what there is room for, and writes what is due. False: a store is away or unwilling.
bool Archiver::Impl::Round() {
  if (!ReachRedis() || !LookAfterStream() || !ReachDatabase()) return false;
  if (!due() && !Read()) return false;
  return !due() || Write();
}

bool Archiver::Impl::ReachRedis() {
  if (link_.connected()) return true;
  Status status = link_.Connect();
  if (status) status = group_.Ensure();
  if (!status) return RedisFailed(status.error());
  source_.Rewind();
  stats_.redis_up.Set(1);
  if (std::exchange(redis_is_told_, false)) {
    Log(LogLevel::kInfo, "Redis is up", {{"stream", options_.stream}});
  }
  return true;
}

bool Archiver::Impl::ReachDatabase() {
  if (database_) return true;
  auto database = Database::Open(options_.database, options_.connect_ms);
  if (!database) return DatabaseFailed(database.error());
  if (Status used = database.value()->Use(TableOf(options_.stream, options_.schema)); !used) {
    return DatabaseFailed(used.error());
  }
  database_ = std::move(database.value());
  if (batch_.empty()) DatabaseIsUp();  // else it has yet to take the batch that it did not
  return true;
}

void Archiver::Impl::DatabaseIsUp() {
  stats_.database_up.Set(1);
  if (!std::exchange(database_is_told_, false)) return;
  Log(LogLevel::kInfo, "the database is up", {{"stream", options_.stream}});
}

bool Archiver::Impl::LookAfterStream() {
  const uint64_t now = now_ms();
  if (now >= lag_at_ms_) {
    const auto lag = group_.Lag();
    if (!lag) return RedisFailed(lag.error());
    stats_.lag_entries.Set(lag.value().entries);
    stats_.pending_entries.Set(lag.value().pending);
    const uint64_t age_ms = lag.value().oldest_ms;
    stats_.oldest_at_ms.Set(age_ms > 0 ? clock_.WallMs() - age_ms : 0);
    lag_at_ms_ = now + kLagPeriodMs;
  }
  if (options_.retention_s > 0 && now >= trim_at_ms_) {
    const auto trimmed = group_.TrimArchived(options_.retention_s);
    if (!trimmed) return RedisFailed(trimmed.error());
    stats_.trimmed_entries.Add(trimmed.value());
    trim_at_ms_ = now + kTrimPeriodMs;
  }
  return true;
}

// How many entries to ask for: those of a stream are alike, so the last ones tell what they take.
size_t Archiver::Impl::Room() const {
  const size_t rows = options_.rows_max - std::min(batch_.rows().size(), options_.rows_max);
  const size_t bytes = options_.bytes_max - std::min(batch_.bytes(), options_.bytes_max);
  return std::clamp<size_t>(std::min(rows / rows_per_entry_, bytes / bytes_per_entry_), 1,
                            options_.rows_max);
}

bool Archiver::Impl::Read() {
  uint64_t block_ms = kBlockMs;
  if (!batch_.empty()) {
    const uint64_t age_ms = std::min(now_ms() - batch_since_ms_, options_.age_ms_max);
    block_ms = std::clamp<uint64_t>(options_.age_ms_max - age_ms, 1, kBlockMs);
  }
  auto read = source_.Read(Room(), block_ms, batch_.empty());
  if (!read) return RedisFailed(read.error());
  Take(std::move(read.value()));
  return true;
}

void Archiver::Impl::Take(EntriesRead read) {
  if (read.entries.empty() && read.gone.empty()) return;
  if (batch_.empty()) batch_since_ms_ = now_ms();
  const size_t rows = batch_.rows().size();
  const size_t bytes = batch_.bytes();
  for (Entry& entry : read.entries) batch_.Add(std::move(entry));
  if (!read.entries.empty()) {
    rows_per_entry_ = std::max<size_t>((batch_.rows().size() - rows) / read.entries.size(), 1);
    bytes_per_entry_ = std::max<size_t>((batch_.bytes() - bytes) / read.entries.size(), 1);
  }
  if (read.gone.empty()) return;
  stats_.missing_entries.Add(read.gone.size());
  Log(LogLevel::kWarning, "entries were trimmed from the stream before they were archived",
      {{"stream", options_.stream}, {"entries", read.gone.size()}});
  for (std::string& id : read.gone) batch_.AddGone(std::move(id));
}

bool Archiver::Impl::due() const {
  if (batch_.empty()) return false;
  if (inserted_ || stopping() || source_.dry()) return true;
  if (source_.rewound()) return true;  // what is pending now is this batch, among others
  return batch_.entry_count() >= options_.rows_max || batch_.rows().size() >= options_.rows_max ||
         batch_.bytes() >= options_.bytes_max || now_ms() - batch_since_ms_ >= options_.age_ms_max;
}

bool Archiver::Impl::Write() {
  if (!inserted_) {
    std::vector<RefusedRow> refused;
    const Insertion done = InsertRows(*database_, batch_.rows(), clock_, stats_, refused);
    if (done.outcome == Insertion::Outcome::kFailed) return DatabaseFailed(done.reason);
    for (RefusedRow& row : refused) batch_.Refuse(row.place, std::move(row.reason));
    inserted_ = true;
    DatabaseIsUp();
  }
  if (Status said = batch_.Acknowledge(group_); !said) return RedisFailed(said.error());
  Settle();
  return true;
}

void Archiver::Impl::Settle() {
  const size_t letters = batch_.letter_count();
  stats_.rows.Add(batch_.rows().size() - batch_.refused_count());
  stats_.batches.Add();
  stats_.batch_rows.Observe(batch_.rows().size());
  stats_.dead_letters.Add(letters);
  if (letters > 0) {
    Log(LogLevel::kWarning, "rows went to the dead letters; their reasons are there",
        {{"stream", options_.stream + ":dead"}, {"rows", letters}});
  }
  batch_.Clear();
  inserted_ = false;
}

bool Archiver::Impl::RedisFailed(const std::string& reason) {
  link_.Close();
  stats_.redis_up.Set(0);
  stats_.redis_retries.Add();
  error_ = "redis.url: " + reason;
  if (!std::exchange(redis_is_told_, true)) {
    Log(LogLevel::kWarning, "Redis is away or unwilling",
        {{"stream", options_.stream}, {"error", reason}});
  }
  return false;
}

bool Archiver::Impl::DatabaseFailed(const std::string& reason) {
  database_.reset();
  stats_.database_up.Set(0);
  stats_.database_retries.Add();
  error_ = "archive.database: " + reason;
  if (!std::exchange(database_is_told_, true)) {
    Log(LogLevel::kWarning, "the database is away or unwilling",
        {{"stream", options_.stream}, {"database", options_.database.shown}, {"error", reason}});
  }
  return false;
}

void Archiver::Impl::Pause() {
  backoff_ms_ = std::clamp(backoff_ms_ * 2, kBackoffMinMs, kBackoffMaxMs);
  std::unique_lock lock(pause_mutex_);
  pause_.wait_for(lock, std::chrono::milliseconds(backoff_ms_), [this] { return stopping(); });
}

void Archiver::Impl::Stop() {
  {
    const std::lock_guard lock(pause_mutex_);
    stopping_ = true;
  }
  pause_.notify_all();
}

Archiver::Archiver(ArchiverOptions options, const Clock& clock, ArchiveStats& stats)
    : impl_(std::make_unique<Impl>(std::move(options), clock, stats)) {}

Archiver::~Archiver() = default;

Archiver::Ending Archiver::Run() { return impl_->Run(); }

void Archiver::Stop() { impl_->Stop(); }

const std::string& Archiver::error() const { return impl_->error(); }

}  // namespace sluice
