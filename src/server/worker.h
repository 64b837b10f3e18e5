// Worker: one thread with everything a record needs on its way: loop, listener, sessions, handler,
// lane and link. Nothing of it is shared but the counters, which others only read. Start,
// StopListening, Drain and Abandon may be called from the main thread; all else runs on the
// worker's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/config.h"
#include "server/ports.h"
#include "sluice/base/clock.h"
#include "sluice/base/worker_stats.h"
#include "sluice/gateway/ingest_handler.h"
#include "sluice/gateway/route.h"
#include "sluice/gateway/session_table.h"
#include "sluice/journal/journal.h"
#include "sluice/journal/journal_directory.h"
#include "sluice/net/alarm.h"
#include "sluice/net/listener.h"
#include "sluice/net/loop.h"
#include "sluice/net/uv_stream.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/link.h"
#include "sluice/redis/redis_url.h"
#include "sluice/redis/stream_sink.h"

namespace sluice {

// What all workers are made from. Outlives them.
struct WorkerPlan {
  Config config;
  std::optional<RedisUrl> redis_url;  // nothing: the journal alone stores
  std::vector<Route> routes;
  std::vector<StreamSpec> streams;
  uint32_t worker_count;
  std::string ledger_prefix;  // names gate and process start; the worker's number is appended
  uint64_t seed;
};

class Worker final : public LoopHandler, public AcceptHandler {
 public:
  // `sockets` become the worker's. Both functions are called on the worker's thread: one when none
  // of them is listened on any more (unless Abandon came first), one last of all.
  // Without a journal where `journal_directory` is null; it outlives the worker.
  Worker(const WorkerPlan& plan, uint32_t number, const std::vector<Ports::Socket>& sockets,
         const Clock& clock, JournalDirectory* journal_directory,
         std::function<void()> on_listeners_closed, std::function<void()> on_ended);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void Start();
  // Accepts what waits, and no more. Sessions go on as before.
  void StopListening();
  // No new work; ends when everything in hand is settled and answered.
  void Drain();
  // Ends now, whatever is in hand.
  void Abandon();
  void Join();

  const WorkerStats& stats() const { return stats_; }
  // After Join: the records that Abandon had to settle.
  uint64_t abandoned_records() const { return abandoned_records_; }

 private:
  void Run();
  void CloseListeners();
  void EndIfDrained();
  void OnTurnEnd() override;
  void OnSweep() override;
  void OnAccept(std::unique_ptr<UvStream> stream) override;

  const bool has_redis_;
  WorkerStats stats_;
  Loop loop_;
  IngestHandler handler_;
  SessionTable sessions_;
  UvDialer dialer_;
  Link link_;
  Lane lane_;
  StreamSink sink_;
  std::unique_ptr<Journal> journal_;  // null: none
  Alarm linger_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::function<void()> on_listeners_closed_;
  std::function<void()> on_ended_;
  std::thread thread_;
  bool closing_listeners_ = false;
  bool draining_ = false;
  uint64_t abandoned_records_ = 0;
};

}  // namespace sluice
