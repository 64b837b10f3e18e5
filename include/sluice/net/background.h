// Background: runs one job at a time on libuv's pool of threads, for what blocks: disks. Belongs to
// its loop's thread. All loops of the process and name lookups share the pool: four threads, what
// SizePool made them, or what the operator set in UV_THREADPOOL_SIZE.
//
// Between Start and OnDone the job is the pool's: it and all it touches stay where they are, and
// nobody else changes them. A job that was started cannot be called back: its Background, its job
// and its loop live, and the loop runs, until OnDone.
#pragma once

#include <uv.h>

#include <cstddef>

#include "sluice/net/loop.h"

namespace sluice {

class BackgroundJob {
 public:
  virtual ~BackgroundJob() = default;
  virtual void RunInBackground() = 0;  // on a thread of the pool
  virtual void OnDone() = 0;           // on the loop's; the next job may be started in it
};

class Background {
 public:
  explicit Background(Loop& loop) : loop_(loop) {}
  ~Background();  // not busy
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // So many jobs will find a thread free at any time, up to libuv's bound. At start-up: while one
  // thread runs, and before anything uses the pool.
  static void SizePool(size_t job_count);

  void Start(BackgroundJob& job);  // not busy
  bool busy() const { return job_ != nullptr; }

 private:
  Loop& loop_;
  uv_work_t request_{};
  BackgroundJob* job_ = nullptr;
};

}  // namespace sluice
