// Alarm: wakes the loop once after a while, in microseconds where uv_timer knows only milliseconds.
// What is to be done then is done by the hook before the loop sleeps again. One thread.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>

#include "sluice/net/loop.h"

namespace sluice {

class Alarm {
 public:
  explicit Alarm(Loop& loop);
  ~Alarm();  // closed before
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  void Set(uint64_t in_ns);  // replaces an earlier setting; > 0
  void Close();              // idempotent

 private:
  int fd_;
  uv_poll_t* handle_;  // freed by its close callback
};

}  // namespace sluice
