#include "sluice/net/handshake_queue.h"

#include <iterator>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {

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
  all_.push_back(
      {.who = &who, .since_ns = loop_.clock().now_ns(), .bytes = 0, .waiting = waiting_.end()});
  return std::prev(all_.end());
}

bool HandshakeQueue::Wait(Place place, size_t bytes) {
  SLUICE_CHECK(place->waiting == waiting_.end());
  if (bytes > kHandshakeBytesMax - waiting_bytes_) return false;
  place->bytes = bytes;
  waiting_bytes_ += bytes;
  place->waiting = waiting_.insert(waiting_.end(), &*place);
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
  if (entry.waiting == waiting_.end()) return;
  waiting_bytes_ -= entry.bytes;
  waiting_.erase(entry.waiting);
  entry.waiting = waiting_.end();
}

void HandshakeQueue::Run() {
  for (size_t i = 0; i < kHandshakesPerTurn && !waiting_.empty(); ++i) {
    Entry& entry = *waiting_.front();
    StopWaiting(entry);
    entry.who->OnHandshakeTurn();
  }
  if (waiting_.empty()) uv_idle_stop(handle_);
}

void HandshakeQueue::Sweep() {
  const uint64_t now_ns = loop_.clock().now_ns();
  while (!all_.empty() && now_ns - all_.front().since_ns >= handshake_ms_ * kNsPerMs) {
    all_.front().who->OnHandshakeLate();
  }
}

}  // namespace sluice
