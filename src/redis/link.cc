#include "sluice/redis/link.h"

#include <algorithm>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/redis/resp.h"

namespace sluice {
namespace {

// From INFO's lines of `name:value`.
std::string_view RunIdOf(std::string_view info) {
  constexpr std::string_view kName = "\nrun_id:";
  const size_t at = info.find(kName);
  if (at == std::string_view::npos) return {};
  info.remove_prefix(at + kName.size());
  return info.substr(0, info.find('\r'));
}

}  // namespace

Link::Link(LinkOptions options, Dialer& dialer, TurnClock& clock, uint64_t jitter_seed)
    : options_(std::move(options)),
      dialer_(dialer),
      clock_(clock),
      jitter_seed_(jitter_seed),
      jitter_(jitter_seed) {}

Link::~Link() { SLUICE_CHECK(!stream_); }

void Link::Start() {
  SLUICE_CHECK(handler_ != nullptr);
  resting_ = false;
  if (state_ == State::kIdle) Dial();
}

void Link::Rest() {
  resting_ = true;
  if (state_ == State::kWaiting) state_ = State::kIdle;
  if (coming_up() || ready()) Drop("");
}

void Link::Dial() {
  state_ = State::kDialling;
  due_ns_ = clock_.now_ns() + options_.connect_ms * kNsPerMs;
  reason_.clear();
  reader_ = std::make_unique<ReplyReader>();
  stream_ = dialer_.Dial(attempt_++, *this);
}

void Link::OnConnected() {
  state_ = State::kGreeting;
  stream_->StartRead();
  Greet();
}

void Link::Greet() {
  greeting_.Clear();
  greeting_replies_ = 0;
  const auto say = [this](std::initializer_list<std::string_view> words) {
    AppendCommand(words, greeting_);
    ++greeting_replies_;
  };
  const RedisUrl& url = options_.url;
  if (!url.user.empty()) {
    say({"AUTH", url.user, url.password});
  } else if (!url.password.empty()) {
    say({"AUTH", url.password});
  }
  if (url.db != 0) say({"SELECT", std::to_string(url.db)});
  // Sentinels may name one that is no primary any more, or not yet.
  if (url.mode == RedisUrl::Mode::kSentinel) say({"INFO", "replication"});
  say({"CLIENT", "ID"});
  say({"INFO", "server"});
  // Tells whether commands are taken at all: not while loading, nor without a needed AUTH.
  say({"PING"});
  Say(greeting_.view());
}

void Link::Say(std::string_view bytes) {
  const size_t n = stream_->TryWrite(bytes);
  if (n < bytes.size()) stream_->Write(bytes.substr(n));
}

void Link::OnGreetingReply(const Reply& reply) {
  if (reply.kind == Reply::Kind::kError) {
    return Drop("Redis refused the connection: " + reply.text);
  }
  switch (greeting_replies_--) {
    case 4:
      if (options_.url.mode == RedisUrl::Mode::kSentinel &&
          reply.text.find("role:master") == std::string::npos) {
        Drop("it is no primary");
      }
      break;
    case 3:
      client_id_ = std::to_string(reply.integer);
      break;
    case 2:
      run_id_ = RunIdOf(reply.text);
      break;
    case 1:
      Fence();
      break;
    default:
      break;
  }
}

void Link::Fence() {
  const size_t space = name_.find(' ');
  if (space == std::string::npos || name_.substr(0, space) != run_id_) return BeReady();
  state_ = State::kFencing;
  greeting_.Clear();
  AppendCommand({"CLIENT", "KILL", "ID", std::string_view(name_).substr(space + 1)}, greeting_);
  Say(greeting_.view());
}

void Link::BeReady() {
  name_ = run_id_.empty() ? "" : run_id_ + " " + client_id_;
  state_ = State::kReady;
  backoff_ms_ = 0;
  jitter_ = Random(jitter_seed_);
  handler_->OnLinkReady();
}

void Link::Send(std::string_view commands) {
  SLUICE_CHECK(ready());
  const size_t n = stream_->TryWrite(commands);
  if (n < commands.size() && ready()) stream_->Write(commands.substr(n));
}

void Link::OnRead(std::string_view bytes) {
  reader_->Feed(bytes);
  while (const Reply* reply = reader_->Next()) {
    if (state_ == State::kGreeting) {
      OnGreetingReply(*reply);
    } else if (state_ == State::kFencing) {
      if (reply->kind == Reply::Kind::kError) {
        return Drop("Redis refused to fence the last connection: " + reply->text);
      }
      BeReady();
    } else if (state_ == State::kReady) {
      handler_->OnLinkReply(*reply);
    } else {
      return;
    }
  }
  if (reader_->failed()) Drop("Redis sent what is not RESP");
}

bool Link::coming_up() const {
  return state_ == State::kDialling || state_ == State::kGreeting || state_ == State::kFencing;
}

void Link::OnEnd() { Drop("Redis closed the connection"); }

void Link::Drop(std::string_view reason) {
  if (!coming_up() && !ready()) return;
  reason_ = reason;
  state_ = State::kFalling;
  stream_->Close();
}

void Link::OnClosed(std::string_view reason) {
  if (reason_.empty()) reason_ = reason;  // a view of the stream, which goes now
  stream_.reset();
  if (state_ != State::kClosed && resting_) {
    state_ = State::kIdle;
    backoff_ms_ = 0;
  } else if (state_ != State::kClosed) {
    WaitBeforeDialling();
  }
  handler_->OnLinkDown(reason_);
}

void Link::WaitBeforeDialling() {
  state_ = State::kWaiting;
  backoff_ms_ = std::clamp(backoff_ms_ * 2, kBackoffMinMs, kBackoffMaxMs);
  // Half of it fixed, half at random, so that many workers do not dial in step.
  const uint64_t wait_ms = backoff_ms_ / 2 + jitter_.Below(backoff_ms_ / 2 + 1);
  due_ns_ = clock_.now_ns() + wait_ms * kNsPerMs;
}

void Link::Sweep() {
  if (clock_.now_ns() < due_ns_) return;
  if (state_ == State::kWaiting) {
    Dial();
  } else if (coming_up()) {
    Drop("no connection within redis.connect_ms");
  }
}

void Link::Close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  if (stream_) stream_->Close();
}

}  // namespace sluice
