#include "sluice/net/signals.h"

#include <csignal>

#include "sluice/base/check.h"

namespace sluice {

Signals::Signals(Loop& loop, SignalHandler& handler) : handler_(handler) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  constexpr std::array<int, 3> kNumbers = {SIGTERM, SIGINT, SIGHUP};
  for (size_t i = 0; i < kNumbers.size(); ++i) {
    handles_[i] = new uv_signal_t;
    SLUICE_CHECK(uv_signal_init(loop.uv(), handles_[i]) == 0);
    handles_[i]->data = this;
    uv_signal_start(
        handles_[i],
        [](uv_signal_t* handle, int number) {
          SignalHandler& told = static_cast<Signals*>(handle->data)->handler_;
          number == SIGHUP ? told.OnReloadSignal() : told.OnStopSignal();
        },
        kNumbers[i]);
  }
}

Signals::~Signals() { SLUICE_CHECK(closed_); }

void Signals::LeaveToMainThread() {
  sigset_t all;
  sigfillset(&all);
  SLUICE_CHECK(pthread_sigmask(SIG_BLOCK, &all, nullptr) == 0);
}

void Signals::Close() {
  if (closed_) return;
  closed_ = true;
  for (uv_signal_t* handle : handles_) {
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<uv_signal_t*>(closed); });
  }
}

}  // namespace sluice
