// The Dialer to one place where a Redis is: plain, or through TLS.
#pragma once

#include <memory>

#include "sluice/net/address.h"
#include "sluice/net/loop.h"
#include "sluice/net/tls_dialer.h"
#include "sluice/net/uv_stream.h"

namespace sluice {

// `tls` is null unless it is to be TLS, and so may `room` be; the server must prove to be the
// address's host. All of it outlives the dialer.
inline std::unique_ptr<Dialer> MakeRedisDialer(Loop& loop, const Address& address, TlsRoom* room,
                                               const std::shared_ptr<const TlsContext>& tls) {
  if (!tls) return std::make_unique<UvDialer>(loop, address);
  return std::make_unique<TlsDialer>(loop, *room, tls->ForHost(address.host), address);
}

}  // namespace sluice
