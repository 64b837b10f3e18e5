#include "sluice/net/handshake_queue.h"

#include <iterator>
#include <utility>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

constexpr size_t kLateASweep = 256;  // closing one takes some microseconds

}  // namespace

HandshakeQueue::HandshakeQueue(Loop& loop, uint64_t handshake_ms)
    : loop_(loop), handshake_ms_(handshake_ms), handle_(new uv_idle_t) {
  SLUICE_CHECK(uv_idle_init(loop.uv(), handle_) == 0);
  handle_->data = this;
}

HandshakeQueue::~HandshakeQueue() {
  SLUICE_CHECK(all_.empty());
  uv_close(reinterpret_cast<uv_handle_t*>(handle_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_idle_t*>(handle); });
}

HandshakeQueue::Place HandshakeQueue::Enter(Handshaker& who) {
  all_.push_back({.who = &who, .since_ns = loop_.clock().now_ns()});
  return std::prev(all_.end());
}

bool HandshakeQueue::Wait(Place place, size_t bytes, Step step) {
  SLUICE_CHECK(place->queue == nullptr);
  if (bytes > kHandshakeBytesMax - waiting_bytes_) return false;
  place->bytes = bytes;
  waiting_bytes_ += bytes;
  place->queue = step == Step::kFirst ? &first_ : &later_;
  place->waiting = place->queue->insert(place->queue->end(), &*place);
  // An idle handle runs before the loop sleeps, and keeps it from sleeping.
  uv_idle_start(handle_,
                [](uv_idle_t* handle) { static_cast<HandshakeQueue*>(handle->data)->Run(); });
  return true;
}

void HandshakeQueue::Leave(Place place) {
  StopWaiting(*place);
  all_.erase(place);
}

void HandshakeQueue::StopWaiting(Entry& entry) {
  if (entry.queue == nullptr) return;
  waiting_bytes_ -= entry.bytes;
  std::exchange(entry.queue, nullptr)->erase(entry.waiting);
}

void HandshakeQueue::Run() {
  for (size_t i = 0; i < kHandshakesPerTurn && waiting_count() > 0; ++i) {
    Entry& entry = later_.empty() ? *first_.front() : *later_.front();
    StopWaiting(entry);
    entry.who->OnHandshakeTurn();
  }
  if (waiting_count() == 0) uv_idle_stop(handle_);
}

void HandshakeQueue::Sweep() {
  const uint64_t now_ns = loop_.clock().now_ns();
  for (size_t i = 0; i < kLateASweep && !all_.empty(); ++i) {
    if (now_ns - all_.front().since_ns < handshake_ms_ * kNsPerMs) return;
    all_.front().who->OnHandshakeLate();
  }
}

}  // namespace sluice
