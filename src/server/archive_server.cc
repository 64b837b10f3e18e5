#include "server/archive_server.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "server/exit_code.h"
#include "sluice/base/log.h"
#include "sluice/net/service_notice.h"

namespace sluice {
namespace {

constexpr uint64_t kDrawPeriodNs = kMsPerSecond * kNsPerMs;

// "a", "a and b", "a, b and c".
std::string Enumerated(const std::vector<ArchiverOptions>& streams) {
  std::string text;
  for (size_t i = 0; i < streams.size(); ++i) {
    if (i > 0) text += i + 1 == streams.size() ? " and " : ", ";
    text += streams[i].stream;
  }
  return text;
}

}  // namespace

struct ArchiveServer::Stream {
  Stream(ArchiverOptions options, const Clock& clock)
      : stats(options.stream), archiver(std::move(options), clock, stats) {}

  ArchiveStats stats;
  Archiver archiver;
  std::thread thread;
  // The thread's until `ended`, which it posts to the main loop.
  Archiver::Ending ending = Archiver::Ending::kDone;
  bool ended = false;
};

ArchiveServer::ArchiveServer(ArchivePlan plan, std::ostream& out, TerminalLine* terminal)
    : plan_(std::move(plan)), out_(out), terminal_(terminal), loop_(clock_) {}

ArchiveServer::~ArchiveServer() = default;

Status ArchiveServer::Bind() {
  return admin_socket_.Bind({"archive.listen", "--admin"}, plan_.config.archive.listen,
                            PortTaking::kAlone);
}

int ArchiveServer::Run() {
  Signals signals(loop_, *this);
  StartStreams();
  admin_ = std::make_unique<AdminPort>(plan_.config.http, loop_, admin_socket_.Take(), *exposition_,
                                       *this);
  SayWhatIsArchived();
  NotifyReady();
  loop_.Run(*this);
  if (terminal_ != nullptr) terminal_->Clear();
  if (streams_running_ > 0) {  // abandoned
    SaySum();
    admin_socket_.RemoveFile();
    ::_exit(kExitUnsettled);
  }
  const int exit_code = EndStreams();
  signals.Close();
  SaySum();
  return exit_code;
}

void ArchiveServer::StartStreams() {
  std::vector<const ArchiveStats*> stats;
  for (const ArchiverOptions& options : plan_.streams) {
    streams_.push_back(std::make_unique<Stream>(options, clock_));
    stats.push_back(&streams_.back()->stats);
  }
  exposition_ = std::make_unique<ArchiveExposition>(stats, SLUICE_VERSION, clock_);
  progress_ = std::make_unique<ArchiveProgress>(stats, loop_.clock().now_ns());
  StartLagWatch();
  streams_running_ = streams_.size();
  for (const auto& owned : streams_) {
    Stream& stream = *owned;
    stream.thread = std::thread([this, &stream] {
      Signals::LeaveToMainThread();
      stream.ending = stream.archiver.Run();
      loop_.Post([this, &stream] {
        stream.ended = true;
        OnStreamEnded();
      });
    });
  }
}

void ArchiveServer::StartLagWatch() {
  std::vector<ArchiveStats*> stats;
  for (const auto& stream : streams_) stats.push_back(&stream->stats);
  const ArchiverOptions& any = plan_.streams.front();
  lag_watch_ = std::make_unique<LagWatch>(BlockingLinkOptions{.url = any.redis,
                                                              .tls = any.redis_tls,
                                                              .connect_ms = any.connect_ms,
                                                              .reply_ms = any.reply_ms},
                                          any.group, std::move(stats), clock_);
  lag_thread_ = std::thread([this] {
    Signals::LeaveToMainThread();
    lag_watch_->Run();
  });
}

void ArchiveServer::SayWhatIsArchived() {
  out_ << "sluice-archive " << SLUICE_VERSION << ": archiving " << Enumerated(plan_.streams)
       << " to " << plan_.database.shown << ", admin on " << admin_socket_.text() << std::endl;
}

bool ArchiveServer::ready() const {
  const uint64_t now_ms = clock_.WallMs();
  return !stopping_ && std::all_of(streams_.begin(), streams_.end(), [now_ms](const auto& stream) {
    return stream->stats.redis_up.value() == 1 && stream->stats.database_answers(now_ms);
  });
}

void ArchiveServer::OnStopSignal() {
  if (!stopping_) {
    Stop();
  } else {
    drain_deadline_ns_ = loop_.clock().now_ns();  // asked twice: now
  }
}

void ArchiveServer::Stop() {
  const uint64_t drain_ms = plan_.config.archive.drain_ms;
  stopping_ = true;
  drain_deadline_ns_ = loop_.clock().now_ns() + drain_ms * kNsPerMs;
  NotifyStopping();
  Log(LogLevel::kInfo, "stopping behind the batches in hand", {{"drain_ms", drain_ms}});
  for (const auto& stream : streams_) stream->archiver.Stop();
}

void ArchiveServer::OnStreamEnded() {
  if (--streams_running_ == 0) admin_->Close();
}

void ArchiveServer::OnTurnEnd() {
  admin_->Flush();
  if (admin_->closed()) loop_.Stop();
}

void ArchiveServer::OnSweep() {
  admin_->Sweep();
  DrawProgress();
  if (!stopping_ || abandoned_ || streams_running_ == 0) return;
  if (loop_.clock().now_ns() >= drain_deadline_ns_) AbandonStreams();
}

void ArchiveServer::DrawProgress() {
  const uint64_t now_ns = loop_.clock().now_ns();
  if (terminal_ == nullptr || now_ns < draw_due_ns_) return;
  draw_due_ns_ = now_ns + kDrawPeriodNs;
  terminal_->Draw(progress_->Line(now_ns, LineColumns(STDERR_FILENO)));
}

void ArchiveServer::AbandonStreams() {
  abandoned_ = true;
  for (const auto& stream : streams_) {
    if (stream->ended) continue;
    Log(LogLevel::kWarning,
        "a batch in hand is given up: what of it was not acknowledged stays pending",
        {{"stream", stream->stats.stream}});
  }
  admin_->Close();
}

// Every thread has ended, or is about to.
int ArchiveServer::EndStreams() {
  bool left = false;
  bool failed = false;
  for (const auto& stream : streams_) {
    stream->thread.join();
    left = left || stream->ending == Archiver::Ending::kLeft;
    if (stream->ending != Archiver::Ending::kFailed) continue;
    failed = true;
    Log(LogLevel::kError, "the stream could not be archived",
        {{"stream", stream->stats.stream}, {"error", stream->archiver.error()}});
  }
  lag_watch_->Stop();
  lag_thread_.join();
  lag_watch_->Look();  // what is left, as of now
  if (failed) return kExitNotStarted;
  // What another archive has in hand is not archived yet, and `once` does not wait for it.
  const bool others = plan_.streams.front().once &&
                      std::any_of(streams_.begin(), streams_.end(), [](const auto& stream) {
                        return stream->stats.pending_entries.value() > 0;
                      });
  return left || others ? kExitUnsettled : kExitDrained;
}

void ArchiveServer::SaySum() {
  uint64_t rows = 0, batches = 0, dead_letters = 0, lag = 0;
  for (const auto& stream : streams_) {
    rows += stream->stats.rows.value();
    batches += stream->stats.batches.value();
    dead_letters += stream->stats.dead_letters.value();
    lag += stream->stats.lag_entries.value();
  }
  out_ << "sluice-archive: stopped: archived " << rows << " rows in " << batches << " batches, "
       << dead_letters << " dead letters, " << lag << " entries left" << std::endl;
}

}  // namespace sluice
