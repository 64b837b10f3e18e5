// TlsDialer: opens TLS connections to one place. Everything given outlives it and its streams.
#pragma once

#include <memory>
#include <utility>

#include "sluice/net/address.h"
#include "sluice/net/byte_stream.h"
#include "sluice/net/loop.h"
#include "sluice/net/tls_context.h"
#include "sluice/net/tls_room.h"
#include "sluice/net/tls_stream.h"
#include "sluice/net/uv_stream.h"

namespace sluice {

class TlsDialer final : public Dialer {
 public:
  TlsDialer(Loop& loop, TlsRoom& room, std::shared_ptr<const TlsContext> context, Address address)
      : loop_(loop), room_(room), context_(std::move(context)), address_(std::move(address)) {}

  std::unique_ptr<ByteStream> Dial(uint32_t attempt, StreamHandler& handler) override {
    auto stream = std::make_unique<TlsStream>(room_, context_);
    stream->set_handler(handler);
    stream->set_below(UvStream::Connect(loop_, address_, attempt, *stream));
    return stream;
  }

 private:
  Loop& loop_;
  TlsRoom& room_;
  const std::shared_ptr<const TlsContext> context_;
  const Address address_;
};

}  // namespace sluice
