// BlockingLink: a connection to one Redis for a thread that has nothing else to do: Do sends a
// command and returns its reply. It runs a loop of its own, so that TCP, unix sockets and TLS are
// the same as a Link's. It neither fences nor sends anything twice. In a cluster it goes to the
// node that has its key's slot, among sentinels to the primary; each connection asks anew where
// that is, and being sent elsewhere ends one.
//
// One thread. A command or a connection that takes too long, or fails, closes the connection; the
// caller connects again when it likes to. No error's text holds a password or a command's words.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/base/worker_stats.h"
#include "sluice/net/byte_stream.h"
#include "sluice/net/loop.h"
#include "sluice/net/tls_context.h"
#include "sluice/net/tls_room.h"
#include "sluice/redis/redis_url.h"
#include "sluice/redis/reply_value.h"

namespace sluice {

struct BlockingLinkOptions {
  RedisUrl url;
  std::shared_ptr<const TlsContext> tls;  // null unless url.tls
  uint64_t connect_ms;
  uint64_t reply_ms;
  std::string key = {};  // whose node, in a cluster
};

class BlockingLink final : private StreamHandler, private LoopHandler {
 public:
  BlockingLink(BlockingLinkOptions options, const Clock& clock);
  ~BlockingLink() override;
  BlockingLink(const BlockingLink&) = delete;
  BlockingLink& operator=(const BlockingLink&) = delete;

  // Also AUTH, SELECT and PING. Nothing if there is a connection.
  Status Connect();
  bool connected() const { return stream_ != nullptr; }
  bool in_cluster() const { return options_.url.mode == RedisUrl::Mode::kCluster; }
  // While connected. The reply may be an error that Redis answered; an Error is the connection's
  // end. `blocks_ms` is what the command itself may wait for, beyond reply_ms.
  Result<ReplyValue> Do(std::span<const std::string_view> words, uint64_t blocks_ms = 0);
  Result<ReplyValue> Do(std::initializer_list<std::string_view> words, uint64_t blocks_ms = 0) {
    return Do(std::span(words.begin(), words.size()), blocks_ms);
  }
  void Close();
  // While connected: when the server's certificate ends, in seconds since the Unix epoch; nothing
  // without TLS.
  std::optional<int64_t> peer_expires_at() const {
    return connected() ? stream_->peer_expires_at() : std::nullopt;
  }

 private:
  Status Greet();
  Result<Address> FindNode();
  // Runs the loop until the answer is there, the connection is gone, or it takes too long.
  void Wait(uint64_t for_ms, std::string_view too_long);

  void OnConnected() override;
  void OnRead(std::string_view bytes) override;
  void OnEnd() override;
  void OnClosed(std::string_view reason) override;
  void OnTurnEnd() override {}
  void OnSweep() override;

  const BlockingLinkOptions options_;
  const Clock& clock_;
  Loop loop_;
  TlsStats tls_stats_;
  TlsRoom tls_room_;
  std::unique_ptr<Dialer> dialer_;
  std::unique_ptr<ByteStream> stream_;
  std::unique_ptr<ValueReader> reader_;
  Buffer command_;
  ReplyValue reply_;
  uint32_t attempt_ = 0;
  bool answered_ = false;  // connected, or `reply_` has come
  uint64_t deadline_ns_ = 0;
  std::string_view too_long_;
  std::string reason_;  // why the connection ended
};

}  // namespace sluice
