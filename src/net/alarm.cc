#include "sluice/net/alarm.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "sluice/base/check.h"

namespace sluice {

Alarm::Alarm(Loop& loop)
    : fd_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)), handle_(new uv_poll_t) {
  SLUICE_CHECK(fd_ >= 0);
  SLUICE_CHECK(uv_poll_init(loop.uv(), handle_, fd_) == 0);
  handle_->data = this;
  uv_poll_start(handle_, UV_READABLE, [](uv_poll_t* handle, int, int) {
    uint64_t expirations;
    // Read only to make it unreadable again; a failure would merely wake the loop once more.
    [[maybe_unused]] const ssize_t n =
        ::read(static_cast<Alarm*>(handle->data)->fd_, &expirations, sizeof expirations);
  });
}

Alarm::~Alarm() { SLUICE_CHECK(handle_ == nullptr); }

void Alarm::Set(uint64_t in_ns) {
  constexpr uint64_t kNsPerSecond = 1'000'000'000;
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(in_ns / kNsPerSecond);
  when.it_value.tv_nsec = static_cast<long>(in_ns % kNsPerSecond);
  SLUICE_CHECK(::timerfd_settime(fd_, 0, &when, nullptr) == 0);
}

void Alarm::Close() {
  if (handle_ == nullptr) return;
  uv_poll_stop(handle_);
  uv_close(reinterpret_cast<uv_handle_t*>(handle_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  ::close(fd_);
  handle_ = nullptr;
}

}  // namespace sluice
