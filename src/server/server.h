// Server: the process. Binds the ports, starts the workers, serves the admin port on the main loop,
// and drains when told to stop, in steps: http.drain_grace_ms after readiness fell the workers
// close their listeners, and only when every one has are the sessions told to drain, so that a
// client that is told to reconnect never meets a listener that is about to close. `Run` returns the
// exit code (exit_code.h).
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "server/admin_handler.h"
#include "server/admin_port.h"
#include "server/ports.h"
#include "server/tls_port.h"
#include "server/worker.h"
#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/gateway/address_table.h"
#include "sluice/journal/journal_directory.h"
#include "sluice/metrics/exposition.h"
#include "sluice/net/loop.h"
#include "sluice/net/signals.h"

namespace sluice {

class Server final : public LoopHandler, public SignalHandler, public Readiness {
 public:
  // `out` gets the line that says where it listens, and the ledger at the end.
  Server(WorkerPlan plan, std::ostream& out);
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds all ports, before anything starts; the error names the setting and the remedy.
  // Opens the journal's directory and reads the certificate, too, once the ports are known to be
  // free.
  Status Bind();
  int Run();

  bool ready() const override;

 private:
  Status OpenJournal();
  Status LoadTls();
  void ReloadTls();
  void ReloadTokens();
  void StartWorkers();
  void BeginDrain();
  void StopListening();
  void OnListenersClosed();
  void OnWorkerEnded();
  int SayLedger();
  void OnTurnEnd() override;
  void OnSweep() override;
  void OnStopSignal() override;
  void OnReloadSignal() override;

  WorkerPlan plan_;
  std::ostream& out_;
  SystemClock clock_;
  Loop loop_;
  Ports ports_;
  std::unique_ptr<JournalDirectory> journal_directory_;  // null: no journal
  std::unique_ptr<AddressTable> addresses_;              // null: clients are not told apart
  std::unique_ptr<TlsPort> tls_port_;                    // null: plain HTTP
  TlsPort::Contexts tls_contexts_;                       // for the workers to come
  std::vector<std::unique_ptr<Worker>> workers_;
  size_t workers_listening_ = 0;
  size_t workers_running_ = 0;
  std::unique_ptr<Exposition> exposition_;
  std::unique_ptr<AdminPort> admin_;
  bool draining_ = false;
  bool told_to_close_ = false;  // the listeners
  bool abandoned_ = false;
  uint64_t grace_ends_ns_ = 0;
  uint64_t drain_deadline_ns_ = 0;
};

}  // namespace sluice
