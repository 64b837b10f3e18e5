// Worker: one thread with everything a record needs on its way: loop, listener, sessions, handler,
// lanes and links. Nothing of it is shared but the counters, which others only read, and the
// tokens, which nobody changes but for their meters. Start, UseTls, SetTokens, StopListening, Drain
// and Abandon may be called from the main thread; all else runs on the worker's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/config.h"
#include "server/port_socket.h"
#include "server/store_lanes.h"
#include "server/worker_plan.h"
#include "sluice/base/clock.h"
#include "sluice/base/worker_stats.h"
#include "sluice/gateway/address_table.h"
#include "sluice/gateway/ingest_handler.h"
#include "sluice/gateway/route.h"
#include "sluice/gateway/session_table.h"
#include "sluice/journal/journal_directory.h"
#include "sluice/net/alarm.h"
#include "sluice/net/listener.h"
#include "sluice/net/loop.h"
#include "sluice/net/tls_context.h"
#include "sluice/net/tls_room.h"
#include "sluice/net/uv_stream.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/joint_tickets.h"
#include "sluice/redis/redis_url.h"
#include "sluice/redis/stream_sink.h"

namespace sluice {

// What the workers share beside their plan. Each part outlives them; null: not in use.
struct WorkerShared {
  JournalDirectory* journal_directory;
  AddressTable* addresses;
};

class Worker final : public LoopHandler, public AcceptHandler {
 public:
  // `sockets` become the worker's. Both functions are called on the worker's thread: one when none
  // of them is listened on any more (unless Abandon came first), one last of all.
  Worker(const WorkerPlan& plan, uint32_t number, const std::vector<PortSocket>& sockets,
         const Clock& clock, const WorkerShared& shared, std::function<void()> on_listeners_closed,
         std::function<void()> on_ended);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // What connections are accepted with from then on; those that are open go on. Before Start and at
  // any time after.
  void UseTls(std::shared_ptr<const TlsContext> context);
  void Start();
  // Accepts what waits, and no more. Sessions go on as before.
  void StopListening();
  // No new work; ends when everything in hand is settled and answered.
  void Drain();
  // Ends now, whatever is in hand.
  void Abandon();
  // From now on these tokens are asked for.
  void SetTokens(std::shared_ptr<const TokenSet> tokens);
  void Join();

  const WorkerStats& stats() const { return stats_; }
  // After Join: what Abandon had to settle.
  uint64_t abandoned_records() const { return abandoned_records_; }
  uint64_t abandoned_alerts() const { return abandoned_alerts_; }

 private:
  void Run();
  void CloseListeners();
  void EndIfDrained();
  void OnTurnEnd() override;
  void OnSweep() override;
  void OnAccept(std::unique_ptr<UvStream> stream) override;
  void OnAcceptTls(std::unique_ptr<UvStream> stream);

  WorkerStats stats_;
  Loop loop_;
  std::unique_ptr<TlsRoom> tls_room_;      // null: neither devices nor Redis speak TLS
  std::shared_ptr<const TlsContext> tls_;  // for devices; null: plain HTTP
  IngestHandler handler_;
  SessionTable sessions_;
  JointTickets joints_;
  StoreLanes bulk_;
  std::unique_ptr<StoreLanes> urgent_;  // null: no route has alert rules
  std::unique_ptr<StreamSink> sink_;
  Alarm linger_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::function<void()> on_listeners_closed_;
  std::function<void()> on_ended_;
  std::thread thread_;
  bool closing_listeners_ = false;
  bool draining_ = false;
  uint64_t abandoned_records_ = 0;
  uint64_t abandoned_alerts_ = 0;
};

}  // namespace sluice
