#include "sluice/redis/blocking_link.h"

#include <utility>

#include "sluice/base/check.h"
#include "sluice/redis/hash_slot.h"
#include "sluice/redis/node_finder.h"
#include "sluice/redis/redirect.h"
#include "sluice/redis/redis_dialer.h"
#include "sluice/redis/resp.h"

namespace sluice {

BlockingLink::BlockingLink(BlockingLinkOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      loop_(clock),
      tls_room_(loop_, tls_stats_, options_.connect_ms),
      dialer_(MakeRedisDialer(loop_, options_.url.address, &tls_room_, options_.tls)) {}

BlockingLink::~BlockingLink() { Close(); }

Status BlockingLink::Connect() {
  if (connected()) return {};
  if (!options_.url.is_single()) {
    const auto node = FindNode();
    if (!node) return Error{node.error()};
    dialer_ = MakeRedisDialer(loop_, node.value(), &tls_room_, options_.tls);
  }
  reader_ = std::make_unique<ValueReader>();
  reason_.clear();
  answered_ = false;
  stream_ = dialer_->Dial(attempt_++, *this);
  Wait(options_.connect_ms, "no connection within redis.connect_ms");
  if (!answered_) return Error{reason_};
  Status greeted = Greet();
  if (!greeted) Close();
  return greeted;
}

Result<Address> BlockingLink::FindNode() {
  NodeFinder finder(options_.url, options_.tls, options_.connect_ms, clock_);
  const auto map = finder.Find();
  if (!map) return Error{map.error()};
  const Address* node = map.value().At(HashSlot(options_.key));
  if (node != nullptr) return *node;
  return Error{"no node has the slot of " + options_.key};
}

Status BlockingLink::Greet() {
  const RedisUrl& url = options_.url;
  const std::string db = std::to_string(url.db);
  const auto say = [this](std::initializer_list<std::string_view> words) -> Status {
    const Result<ReplyValue> reply = Do(words);
    if (!reply) return Error{reply.error()};
    if (!reply.value().is_error()) return {};
    return Error{"Redis refused the connection: " + reply.value().text};
  };
  Status status;
  if (!url.user.empty()) {
    status = say({"AUTH", url.user, url.password});
  } else if (!url.password.empty()) {
    status = say({"AUTH", url.password});
  }
  if (status && url.db != 0) status = say({"SELECT", db});
  // Tells whether commands are taken at all: not while loading, nor without a needed AUTH.
  if (status) status = say({"PING"});
  return status;
}

Result<ReplyValue> BlockingLink::Do(std::span<const std::string_view> words, uint64_t blocks_ms) {
  SLUICE_CHECK(connected());
  command_.Clear();
  AppendArrayHeader(words.size(), command_);
  for (const std::string_view word : words) AppendBulk(word, command_);
  answered_ = false;
  const size_t n = stream_->TryWrite(command_.view());
  if (n < command_.size()) stream_->Write(command_.view().substr(n));
  Wait(options_.reply_ms + blocks_ms, "no reply within redis.reply_ms");
  if (!answered_) return Error{reason_};
  if (!options_.url.is_single() && reply_.is_error() && Redirect::Parse(reply_.text)) {
    Close();
    return Error{reply_.text};
  }
  return std::move(reply_);
}

void BlockingLink::Wait(uint64_t for_ms, std::string_view too_long) {
  loop_.clock().Forget();  // the thread may have been elsewhere for long
  deadline_ns_ = loop_.clock().now_ns() + for_ms * kNsPerMs;
  too_long_ = too_long;
  // A stream that has closed itself ends the wait too; until then it may not be destroyed.
  while (!answered_ && stream_) loop_.Run(*this);
}

void BlockingLink::Close() {
  if (!stream_) return;
  answered_ = false;
  stream_->Close();
  while (stream_) loop_.Run(*this);
}

void BlockingLink::OnConnected() {
  stream_->StartRead();
  answered_ = true;
  loop_.Stop();
}

void BlockingLink::OnRead(std::string_view bytes) {
  reader_->Feed(bytes);
  if (reader_->Next(reply_)) {
    answered_ = true;
    loop_.Stop();
  } else if (reader_->failed()) {
    reason_ = "Redis sent what is not RESP";
    stream_->Close();
  }
}

void BlockingLink::OnEnd() {
  reason_ = "Redis closed the connection";
  stream_->Close();
}

void BlockingLink::OnClosed(std::string_view reason) {
  if (reason_.empty()) reason_ = reason;
  stream_.reset();
  loop_.Stop();
}

void BlockingLink::OnSweep() {
  if (loop_.clock().now_ns() < deadline_ns_ || answered_ || !reason_.empty()) return;
  reason_ = too_long_;
  stream_->Close();
}

}  // namespace sluice
