#include "sluice/net/tls_room.h"

#include "sluice/base/log.h"

namespace sluice {

TlsRoom::TlsRoom(Loop& loop, TlsStats& stats, uint64_t handshake_ms)
    : loop_(loop),
      stats_(stats),
      handshakes_(loop, handshake_ms),
      plain_(std::make_unique<char[]>(kPlainBytes + kJsonPaddingBytes)) {}

void TlsRoom::NoteFailure(std::string_view reason) {
  constexpr uint64_t kQuietNs = kMsPerSecond * kNsPerMs;
  stats_.failed.Add();
  const uint64_t now_ns = loop_.clock().now_ns();
  if (said_ns_ != 0 && now_ns - said_ns_ < kQuietNs) return;
  said_ns_ = now_ns;
  Log(LogLevel::kDebug, "a TLS handshake failed", {{"reason", reason}});
}

}  // namespace sluice
