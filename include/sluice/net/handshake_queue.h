// HandshakeQueue: the handshakes of one loop, in two orders. Those with something to work on wait
// for their turn, and each turn of the loop takes kHandshakesPerTurn steps, so that a storm of
// handshakes slows handshakes and not those who have one behind them. Later steps go before first
// ones: what has cost a signature is brought to its end, however many begin. And all of them have a
// deadline, whether they wait here or for their peer.
//
// While any waits the loop does not sleep. What those that wait have sent is bounded by
// kHandshakeBytesMax; beyond it Wait says no. One thread.
#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <list>

#include "sluice/net/loop.h"

namespace sluice {

class Handshaker {
 public:
  virtual ~Handshaker() = default;
  virtual void OnHandshakeTurn() = 0;
  virtual void OnHandshakeLate() = 0;  // leaves the queue
};

class HandshakeQueue {
 public:
  enum class Step : uint8_t { kFirst, kLater };
  struct Entry {
    Handshaker* who;
    uint64_t since_ns;
    size_t bytes = 0;                          // while it waits
    std::list<Entry*>* queue = nullptr;        // that it waits in; null: it does not
    std::list<Entry*>::iterator waiting = {};  // where in it
  };
  using Place = std::list<Entry>::iterator;

  HandshakeQueue(Loop& loop, uint64_t handshake_ms);
  ~HandshakeQueue();  // empty
  HandshakeQueue(const HandshakeQueue&) = delete;
  HandshakeQueue& operator=(const HandshakeQueue&) = delete;

  // From now on it has its deadline.
  Place Enter(Handshaker& who);
  // It holds so many bytes to work on, and waits for its turn; not while it waits already. False:
  // too much waits.
  [[nodiscard]] bool Wait(Place place, size_t bytes, Step step);
  void Leave(Place place);

  // One turn's steps.
  void Run();
  // Ends those that are late; of many some, and the others at the next sweeps.
  void Sweep();

  size_t waiting_count() const { return first_.size() + later_.size(); }

 private:
  void StopWaiting(Entry& entry);

  Loop& loop_;
  const uint64_t handshake_ms_;
  uv_idle_t* handle_;     // freed by its close callback
  std::list<Entry> all_;  // by deadline
  std::list<Entry*> first_;
  std::list<Entry*> later_;
  size_t waiting_bytes_ = 0;
};

}  // namespace sluice
