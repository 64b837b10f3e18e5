// Link: one worker's connection to one Redis, kept up by itself. It dials, greets (AUTH, SELECT,
// CLIENT ID, INFO server, PING), fences, carries commands and hands replies up in order; when it
// falls it waits, longer each time (capped, jittered), and dials again. It knows nothing of
// batches.
//
// The fence: bytes sent on the connection before may still wait to be read, in the server or in a
// proxy. If the server is still the same (its run_id says so), that connection is killed there
// before this one is ready, so nothing of it is applied any more.
//
// Replies have no deadline here: the lane knows what it waits for and calls Drop. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/net/byte_stream.h"
#include "sluice/redis/redis_url.h"
#include "sluice/redis/reply_reader.h"

namespace sluice {

class LinkHandler {
 public:
  virtual ~LinkHandler() = default;
  virtual void OnLinkReady() = 0;
  virtual void OnLinkReply(const Reply& reply) = 0;
  // The connection is gone and holds no one's bytes any more. Also after a failed attempt.
  virtual void OnLinkDown(std::string_view reason) = 0;
};

struct LinkOptions {
  RedisUrl url;
  uint64_t connect_ms;
};

class Link final : public StreamHandler {
 public:
  Link(LinkOptions options, Dialer& dialer, TurnClock& clock, uint64_t jitter_seed);
  ~Link() override;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void set_handler(LinkHandler& handler) { handler_ = &handler; }
  // Dials, unless it did already.
  void Start();
  // Gives up the connection, and makes none until Start.
  void Rest();
  bool ready() const { return state_ == State::kReady; }
  // This connection at its server: `<run id> <client id>`. While ready.
  const std::string& name() const { return name_; }
  // Only while ready. The bytes stay where they are until OnLinkDown or until they were answered.
  void Send(std::string_view commands);
  // Gives up the connection (and dials again later).
  void Drop(std::string_view reason);
  void Sweep();  // attempts and time-outs
  // For good: no further attempt; OnLinkDown follows if there was a connection.
  void Close();
  bool closed() const { return state_ == State::kClosed && !stream_; }

 private:
  enum class State : uint8_t {
    kIdle,
    kDialling,
    kGreeting,
    kFencing,
    kReady,
    kFalling,
    kWaiting,
    kClosed
  };

  void Dial();
  void Greet();
  void Say(std::string_view bytes);
  void OnGreetingReply(const Reply& reply);
  void Fence();
  void BeReady();
  bool coming_up() const;
  void WaitBeforeDialling();

  void OnConnected() override;
  void OnRead(std::string_view bytes) override;
  void OnEnd() override;
  void OnClosed(std::string_view reason) override;

  const LinkOptions options_;
  Dialer& dialer_;
  TurnClock& clock_;
  const uint64_t jitter_seed_;
  Random jitter_;  // begins anew with each connection, so that links of one seed stay in step
  LinkHandler* handler_ = nullptr;
  State state_ = State::kIdle;
  std::unique_ptr<ByteStream> stream_;
  std::unique_ptr<ReplyReader> reader_;
  Buffer greeting_;
  uint32_t greeting_replies_ = 0;  // still to come
  std::string run_id_;             // of the server, and
  std::string client_id_;          // of this connection there
  std::string name_;               // both; of the last connection that was ready
  uint32_t attempt_ = 0;
  uint64_t backoff_ms_ = 0;
  bool resting_ = false;
  uint64_t due_ns_ = 0;  // of the next attempt, or of this one's end
  std::string reason_;   // why the connection is being given up
};

}  // namespace sluice
