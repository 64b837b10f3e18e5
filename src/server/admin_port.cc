#include "server/admin_port.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sluice/base/limits.h"

namespace sluice {
namespace {

SessionLimits AdminLimits(const HttpConfig& http) {
  return {.parser = {.head_bytes_max = http.header_bytes_max,
                     .header_count_max = http.header_count_max},
          .body_bytes_max = 0,
          .connections_max = kAdminConnectionsMax,
          .pipeline_max = std::min(http.pipeline_max, kAdminPipelineMax),
          .idle_ms = http.idle_ms,
          .header_ms = http.header_ms,
          .body_ms = http.body_ms};
}

}  // namespace

AdminPort::AdminPort(const HttpConfig& http, Loop& loop, PortSocket socket, const MetricsPage& page,
                     const Readiness& readiness)
    : handler_(page, readiness),
      sessions_(AdminLimits(http), loop.clock(), handler_),
      listener_(loop, socket.fd, *this, socket.waiting) {}

void AdminPort::Close() {
  if (!listener_.Close()) listener_.CloseNow();
  sessions_.CloseAll();
}

void AdminPort::OnAccept(std::unique_ptr<UvStream> stream) {
  UvStream& accepted = *stream;
  std::optional<ShedReason> shed;
  Session& session = sessions_.Adopt(std::move(stream), shed);
  accepted.set_handler(session);
  if (!shed) accepted.StartRead();
}

}  // namespace sluice
