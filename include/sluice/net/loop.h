// Loop: one thread's libuv loop with what every worker shares on it: the turn clock, the one read
// buffer, the hook before sleeping, the coarse sweep, and Post, the only call other threads make.
// Everything on it is closed before it is destroyed.
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/limits.h"
#include "sluice/base/pool.h"

namespace sluice {

class LoopHandler {
 public:
  virtual ~LoopHandler() = default;
  virtual void OnTurnEnd() = 0;  // before the loop sleeps, once a turn
  virtual void OnSweep() = 0;    // every kSweepPeriodMs
};

class Loop {
 public:
  explicit Loop(const Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Run(LoopHandler& handler);  // until Stop
  void Stop();
  // Runs `task` on the loop's thread, in order of posting. From any thread; for control only.
  void Post(std::function<void()> task);

  TurnClock& clock() { return clock_; }

  // For this folder.
  struct WriteRequest {
    uv_write_t request;
    void Reset() {}
  };
  uv_loop_t* uv() { return &loop_; }
  uv_buf_t read_buffer() { return uv_buf_init(read_buffer_.get(), kReadBufferBytes); }
  Pool<WriteRequest>& write_requests() { return write_requests_; }

 private:
  void RunPosted();

  uv_loop_t loop_;
  uv_prepare_t turn_end_;
  uv_timer_t sweep_;
  uv_async_t posted_signal_;
  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
  TurnClock clock_;
  LoopHandler* handler_ = nullptr;
  std::unique_ptr<char[]> read_buffer_;
  Pool<WriteRequest> write_requests_;
};

}  // namespace sluice
