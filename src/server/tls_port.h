// TlsPort: the certificate of the data port, from the files that [tls] names: read at start and
// again at each SIGHUP, made into a context for each worker, and its end watched. The keys of
// session tickets are here too, and outlive reloads. Belongs to the main thread; the contexts are
// the workers'.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/config.h"
#include "sluice/base/clock.h"
#include "sluice/base/counter.h"
#include "sluice/base/result.h"
#include "sluice/net/ticket_keys.h"
#include "sluice/net/tls_context.h"
#include "sluice/redis/redis_url.h"

namespace sluice {

// That the files of [tls] and of redis.ca can be used. The error names setting, file and remedy.
Status CheckTlsFiles(const Config& config, const std::optional<RedisUrl>& redis_url);
// That of redis.ca alone.
Status CheckRedisTls(const RedisConfig& config, const std::optional<RedisUrl>& redis_url);
// What is to be said of the end of tls.certificate, which has been checked; empty: nothing.
std::string ExpiryWarning(const TlsConfig& config, const Clock& clock);
// For a rediss:// URL; redis.ca has been checked.
std::shared_ptr<const TlsContext> MakeRedisContext(const RedisConfig& config, const RedisUrl& url);

class TlsPort {
 public:
  using Contexts = std::vector<std::shared_ptr<const TlsContext>>;

  // With a certificate. `config` and `clock` outlive it, and it outlives all connections.
  TlsPort(const TlsConfig& config, const Clock& clock)
      : config_(config), clock_(clock), keys_(clock) {}
  TlsPort(const TlsPort&) = delete;
  TlsPort& operator=(const TlsPort&) = delete;

  // One for each worker, of the files as they are now; logs until when they are good. After an
  // error nothing has changed.
  Result<Contexts> Load(uint32_t worker_count);
  // When the certificate in use ends, in seconds since the Unix epoch.
  const Gauge& expires_at() const { return expires_at_; }

 private:
  const TlsConfig& config_;
  const Clock& clock_;
  TicketKeys keys_;
  Gauge expires_at_;
};

}  // namespace sluice
