// ArchiveServer: the process of sluice-archive: an archiver a stream, each on a thread of its own;
// signals and the admin port on the main loop. SIGTERM or SIGINT stops the archivers, which finish
// the batch in hand; a second one, or archive.drain_ms, gives up waiting for them. `Run` returns
// the exit code (exit_code.h):
//   0 all ended with nothing in hand   1 `once`, and a stream failed   3 something was in hand, or,
//   with `once`, another archive had some: it stays pending in Redis for the next archive
//
// A thread that is given up may be stuck in a call of its database and cannot be called back, so
// nothing of it can be destroyed: Run says its last line then and ends the process itself, with 3.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "server/admin_handler.h"
#include "server/admin_port.h"
#include "server/admin_socket.h"
#include "server/archive_plan.h"
#include "server/archive_progress.h"
#include "server/terminal_line.h"
#include "sluice/archive/archiver.h"
#include "sluice/archive/lag_watch.h"
#include "sluice/base/archive_stats.h"
#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/metrics/archive_exposition.h"
#include "sluice/net/loop.h"
#include "sluice/net/signals.h"

namespace sluice {

class ArchiveServer final : public LoopHandler, public SignalHandler, public Readiness {
 public:
  // `out` gets the line that says what it archives, and the sum at the end. `terminal` is drawn on
  // as it goes; null: there is none.
  ArchiveServer(ArchivePlan plan, std::ostream& out, TerminalLine* terminal);
  ~ArchiveServer() override;
  ArchiveServer(const ArchiveServer&) = delete;
  ArchiveServer& operator=(const ArchiveServer&) = delete;

  // Binds the admin port, before anything starts; the error names the setting and the remedy.
  Status Bind();
  int Run();

  // Every stream's stores answer, and nobody has asked it to stop.
  bool ready() const override;

 private:
  struct Stream;

  void StartStreams();
  void StartLagWatch();
  void SayWhatIsArchived();
  void Stop();
  void OnStreamEnded();
  void AbandonStreams();
  int EndStreams();
  void SaySum();
  void DrawProgress();
  void OnTurnEnd() override;
  void OnSweep() override;
  void OnStopSignal() override;
  void OnReloadSignal() override {}  // there is nothing to read again

  ArchivePlan plan_;
  std::ostream& out_;
  TerminalLine* const terminal_;
  SystemClock clock_;
  Loop loop_;
  AdminSocket admin_socket_;
  std::vector<std::unique_ptr<Stream>> streams_;
  size_t streams_running_ = 0;
  std::unique_ptr<LagWatch> lag_watch_;
  std::thread lag_thread_;
  std::unique_ptr<ArchiveExposition> exposition_;
  std::unique_ptr<ArchiveProgress> progress_;
  uint64_t draw_due_ns_ = 0;
  std::unique_ptr<AdminPort> admin_;
  bool stopping_ = false;
  bool abandoned_ = false;
  uint64_t drain_deadline_ns_ = 0;
};

}  // namespace sluice
