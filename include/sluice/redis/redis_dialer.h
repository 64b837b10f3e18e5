// The Dialer to the place that a Redis URL names: plain, or through TLS.
#pragma once

#include <memory>

#include "sluice/net/loop.h"
#include "sluice/net/tls_dialer.h"
#include "sluice/net/uv_stream.h"
#include "sluice/redis/redis_url.h"

namespace sluice {

// `tls` is null unless it is a rediss:// URL, and so may `room` be. All of it outlives the dialer.
inline std::unique_ptr<Dialer> MakeRedisDialer(Loop& loop, const RedisUrl& url, TlsRoom* room,
                                               std::shared_ptr<const TlsContext> tls) {
  if (!tls) return std::make_unique<UvDialer>(loop, url.address);
  return std::make_unique<TlsDialer>(loop, *room, std::move(tls), url.address);
}

}  // namespace sluice
