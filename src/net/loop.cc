#include "sluice/net/loop.h"

#include "sluice/base/check.h"

namespace sluice {
namespace {

constexpr size_t kSpareWriteRequests = 64;

}  // namespace

Loop::Loop(const Clock& clock)
    : clock_(clock),
      read_buffer_(std::make_unique<char[]>(kReadBufferBytes + kJsonPaddingBytes)),
      write_requests_(kSpareWriteRequests) {
  SLUICE_CHECK(uv_loop_init(&loop_) == 0);
  SLUICE_CHECK(uv_prepare_init(&loop_, &turn_end_) == 0);
  SLUICE_CHECK(uv_timer_init(&loop_, &sweep_) == 0);
  SLUICE_CHECK(uv_async_init(&loop_, &posted_signal_, [](uv_async_t* handle) {
                 static_cast<Loop*>(handle->data)->RunPosted();
               }) == 0);
  turn_end_.data = sweep_.data = posted_signal_.data = this;
}

Loop::~Loop() {
  uv_close(reinterpret_cast<uv_handle_t*>(&turn_end_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&sweep_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&posted_signal_), nullptr);
  uv_run(&loop_, UV_RUN_DEFAULT);
  SLUICE_CHECK(uv_loop_close(&loop_) == 0);
}

void Loop::Run(LoopHandler& handler) {
  handler_ = &handler;
  uv_prepare_start(&turn_end_, [](uv_prepare_t* handle) {
    auto* loop = static_cast<Loop*>(handle->data);
    loop->handler_->OnTurnEnd();
    loop->clock_.Forget();
  });
  uv_timer_start(
      &sweep_, [](uv_timer_t* handle) { static_cast<Loop*>(handle->data)->handler_->OnSweep(); },
      kSweepPeriodMs, kSweepPeriodMs);
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_prepare_stop(&turn_end_);
  uv_timer_stop(&sweep_);
}

void Loop::Stop() { uv_stop(&loop_); }

void Loop::Post(std::function<void()> task) {
  {
    const std::lock_guard<std::mutex> lock(posted_mutex_);
    posted_.push_back(std::move(task));
  }
  uv_async_send(&posted_signal_);
}

void Loop::RunPosted() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard<std::mutex> lock(posted_mutex_);
    tasks.swap(posted_);
  }
  for (const auto& task : tasks) task();
}

}  // namespace sluice
