#include "sluice/archive/archiver.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "archive/entry_source.h"
#include "archive/pause.h"
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

// How long a read waits for the first entry, so that a stop is never far away.
constexpr uint64_t kBlockMs = 250;
constexpr uint64_t kTrimPeriodMs = 5'000;
// Entries in the first read; each that succeeds lets the next have twice as many.
constexpr size_t kFirstEntries = 64;
// Packed entries in a read: one may hold tens of thousands of records.
constexpr size_t kPackedEntriesMax = 8;
constexpr uint64_t kLettersPeriodMs = 10'000;

}  // namespace

class Archiver::Impl {
 public:
  Impl(ArchiverOptions options, const Clock& clock, ArchiveStats& stats);

  Ending Run();
  void Stop() { pause_.Stop(); }
  const std::string& error() const { return error_; }

 private:
  bool stopping() { return pause_.stopped(); }
  bool Round();
  bool ReachRedis();
  bool ReachDatabase();
  void RedisIsUp();
  void DatabaseIsUp();
  bool TrimStream();
  bool Read();
  void Take(EntriesRead read);
  size_t Room() const;
  bool due();
  size_t EntriesBound() const { return options_.packed ? kPackedEntriesMax : options_.rows_max; }
  bool Write();
  void Settle(size_t letters);
  bool RedisFailed(const std::string& reason);
  bool DatabaseFailed(const std::string& reason);
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
  size_t entries_max_;  // of the next read
  uint64_t trim_at_ms_ = 0;
  uint64_t letters_at_ms_ = 0;  // when the log may speak of them again
  uint64_t backoff_ms_ = 0;
  bool redis_is_told_ = false;  // that it is away: the log says it once
  bool database_is_told_ = false;
  std::string error_;
  Pause pause_;
};

Archiver::Impl::Impl(ArchiverOptions options, const Clock& clock, ArchiveStats& stats)
    : options_(std::move(options)),
      clock_(clock),
      stats_(stats),
      link_({.url = options_.redis,
             .tls = options_.redis_tls,
             .connect_ms = options_.connect_ms,
             .reply_ms = options_.reply_ms,
             .key = options_.stream},
            clock),
      group_(link_, options_.stream, options_.group, options_.consumer),
      source_({.claim_ms = options_.claim_ms, .once = options_.once}, group_, clock, stats),
      batch_(options_.schema, options_.id_suffix),
      bytes_per_entry_(options_.bytes_max / kFirstEntries + 1),
      entries_max_(std::min(kFirstEntries, EntriesBound())) {}

Archiver::Ending Archiver::Impl::Run() {
  for (;;) {
    if (batch_.empty() && (stopping() || source_.dry())) return Ending::kDone;
    if (Round()) {
      RedisIsUp();
      backoff_ms_ = 0;
      continue;
    }
    if (options_.once) return Ending::kFailed;
    if (stopping()) return batch_.empty() ? Ending::kDone : Ending::kLeft;
    backoff_ms_ = std::clamp(backoff_ms_ * 2, kBackoffMinMs, kBackoffMaxMs);
    pause_.Wait(backoff_ms_);
  }
}

// Reads what there is room for, and writes what is due. False: a store is away or unwilling.
bool Archiver::Impl::Round() {
  if (!ReachRedis() || !TrimStream() || !ReachDatabase()) return false;
  if (!due() && !Read()) return false;
  return !due() || Write();
}

bool Archiver::Impl::ReachRedis() {
  if (link_.connected()) return true;
  Status status = link_.Connect();
  if (status) status = group_.Ensure();
  if (!status) return RedisFailed(status.error());
  source_.Rewind();
  if (!redis_is_told_) stats_.redis_up.Set(1);  // else it has yet to do what it refused
  return true;
}

void Archiver::Impl::RedisIsUp() {
  stats_.redis_up.Set(1);
  if (!std::exchange(redis_is_told_, false)) return;
  Log(LogLevel::kInfo, "Redis is up", {{"stream", options_.stream}});
}

bool Archiver::Impl::ReachDatabase() {
  if (database_) return true;
  auto database = Database::Open(options_.database, options_.connect_ms);
  if (!database) return DatabaseFailed(database.error());
  if (Status used = database.value()->Use(TableOf(options_.table, options_.schema)); !used) {
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

bool Archiver::Impl::TrimStream() {
  if (options_.retention_s == 0 || now_ms() < trim_at_ms_) return true;
  const auto trimmed = group_.TrimArchived(options_.retention_s);
  if (!trimmed) return RedisFailed(trimmed.error());
  stats_.trimmed_entries.Add(trimmed.value());
  trim_at_ms_ = now_ms() + kTrimPeriodMs;
  return true;
}

// How many entries to ask for: those of a stream are alike, so the last ones tell what they take.
size_t Archiver::Impl::Room() const {
  const size_t rows = options_.rows_max - std::min(batch_.rows().size(), options_.rows_max);
  const size_t bytes = options_.bytes_max - std::min(batch_.bytes(), options_.bytes_max);
  return std::clamp<size_t>(std::min(rows / rows_per_entry_, bytes / bytes_per_entry_), 1,
                            entries_max_);
}

bool Archiver::Impl::Read() {
  uint64_t block_ms = kBlockMs;
  if (!batch_.empty()) {
    const uint64_t age_ms = std::min(now_ms() - batch_since_ms_, options_.age_ms_max);
    block_ms = std::clamp<uint64_t>(options_.age_ms_max - age_ms, 1, kBlockMs);
  }
  auto read = source_.Read(Room(), block_ms, batch_.empty());
  if (!read) return RedisFailed(read.error());
  entries_max_ = std::min(entries_max_ * 2, EntriesBound());
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

bool Archiver::Impl::due() {
  if (batch_.empty()) return false;
  if (inserted_ || stopping() || source_.dry()) return true;
  if (source_.rewound()) return true;  // what is pending now is this batch, among others
  return batch_.entry_count() >= options_.rows_max || batch_.rows().size() >= options_.rows_max ||
         batch_.bytes() >= options_.bytes_max || now_ms() - batch_since_ms_ >= options_.age_ms_max;
}

bool Archiver::Impl::Write() {
  if (!inserted_) {
    std::vector<RefusedRow> refused;
    stats_.inserting_since_ms.Set(clock_.WallMs());
    const Insertion done =
        InsertRows(*database_, batch_.rows(), options_.rows_max, clock_, stats_, refused);
    stats_.inserting_since_ms.Set(0);
    if (done.outcome == Insertion::Outcome::kFailed) return DatabaseFailed(done.reason);
    for (RefusedRow& row : refused) batch_.Refuse(row.place, std::move(row.reason));
    inserted_ = true;
    DatabaseIsUp();
  }
  const auto letters = batch_.Acknowledge(group_);
  if (!letters) return RedisFailed(letters.error());
  Settle(letters.value());
  return true;
}

void Archiver::Impl::Settle(size_t letters) {
  stats_.rows.Add(batch_.rows().size() - batch_.refused_count());
  stats_.batches.Add();
  stats_.batch_rows.Observe(batch_.rows().size());
  stats_.dead_letters.Add(letters);
  batch_.Clear();
  inserted_ = false;
  if (letters == 0 || now_ms() < letters_at_ms_) return;
  letters_at_ms_ = now_ms() + kLettersPeriodMs;
  Log(LogLevel::kWarning, "rows go to the dead letters; their reasons are there",
      {{"stream", group_.dead_stream()}, {"letters", stats_.dead_letters.value()}});
}

bool Archiver::Impl::RedisFailed(const std::string& reason) {
  link_.Close();
  entries_max_ = std::max<size_t>(entries_max_ / 2, 1);  // a reply may have been too long to come
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
  RedisIsUp();  // nobody asks the database before Redis has done what it was asked
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

Archiver::Archiver(ArchiverOptions options, const Clock& clock, ArchiveStats& stats)
    : impl_(std::make_unique<Impl>(std::move(options), clock, stats)) {}

Archiver::~Archiver() = default;

Archiver::Ending Archiver::Run() { return impl_->Run(); }

void Archiver::Stop() { impl_->Stop(); }

const std::string& Archiver::error() const { return impl_->error(); }

}  // namespace sluice
