// Signals: SIGTERM, SIGINT and SIGHUP as calls on a loop's thread. SIGPIPE and SIGXFSZ are ignored
// for the process: a write to a closed connection or past a limit of files is an error there, not a
// death. One per process, on the main loop.
#pragma once

#include <uv.h>

#include <array>

#include "sluice/net/loop.h"

namespace sluice {

class SignalHandler {
 public:
  virtual ~SignalHandler() = default;
  virtual void OnStopSignal() = 0;    // SIGTERM, SIGINT
  virtual void OnReloadSignal() = 0;  // SIGHUP
};

class Signals {
 public:
  Signals(Loop& loop, SignalHandler& handler);
  ~Signals();  // closed before
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  void Close();  // idempotent

  // Called by every other thread, first: signals are the main thread's to take.
  static void LeaveToMainThread();

 private:
  SignalHandler& handler_;
  std::array<uv_signal_t*, 3> handles_;  // freed by their close callbacks
  bool closed_ = false;
};

}  // namespace sluice
