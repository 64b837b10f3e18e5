#include "server/tls_port.h"

#include <utility>

#include "server/text.h"
#include "sluice/base/limits.h"
#include "sluice/base/log.h"

namespace sluice {
namespace {

constexpr const char* kRemedy =
    "; give a readable PEM file, a certificate and the key that belongs to it";

// What an operator should hear of a certificate that ends then; empty: nothing.
const char* WarningOf(int64_t expires_at, const Clock& clock) {
  const auto now = static_cast<int64_t>(clock.WallMs() / kMsPerSecond);
  if (expires_at <= now) return "tls.certificate has expired; clients will refuse it: renew it";
  if (expires_at - now <= static_cast<int64_t>(kCertificateWarningSeconds)) {
    return "tls.certificate expires soon; renew it and send SIGHUP";
  }
  return "";
}

Result<std::shared_ptr<const TlsContext>> MakeContext(const TlsConfig& config, TicketKeys& keys) {
  auto context = TlsContext::ForServer(
      {.certificate = config.certificate, .key = config.key, .client_ca = config.client_ca}, keys);
  if (!context.ok()) return Error{"tls." + context.error() + kRemedy};
  return context;
}

auto MakeClientContext(const RedisConfig& config, const RedisUrl& url) {
  return TlsContext::ForClient(config.ca, url.address.host,
                               "; redis.ca says whose certificates are good");
}

}  // namespace

Status CheckTlsFiles(const Config& config, const std::optional<RedisUrl>& redis_url) {
  const TlsConfig& tls = config.tls;
  if (tls.certificate.empty() != tls.key.empty()) {
    const bool has_key = tls.certificate.empty();
    return Error{std::string("tls.") + (has_key ? "key" : "certificate") + " is set and tls." +
                 (has_key ? "certificate" : "key") + " is not; give both, or neither"};
  }
  if (!tls.client_ca.empty() && tls.certificate.empty()) {
    return Error{
        "tls.client_ca is set and tls.certificate is not, so no client would be asked for one; "
        "give tls.certificate and tls.key too"};
  }
  if (!tls.certificate.empty()) {
    const SystemClock clock;
    TicketKeys keys(clock);
    if (auto context = MakeContext(tls, keys); !context.ok()) return Error{context.error()};
  }
  return CheckRedisTls(config.redis, redis_url);
}

Status CheckRedisTls(const RedisConfig& config, const std::optional<RedisUrl>& redis_url) {
  const bool to_redis = redis_url && redis_url->tls;
  if (!config.ca.empty() && !to_redis) {
    return Error{"redis.ca is set and redis.url is no rediss:// URL; give one, or no redis.ca"};
  }
  if (!to_redis) return {};
  auto context = MakeClientContext(config, *redis_url);
  if (!context.ok()) return Error{"redis." + context.error() + "; give a readable PEM file"};
  return {};
}

std::string ExpiryWarning(const TlsConfig& config, const Clock& clock) {
  if (config.certificate.empty()) return "";
  TicketKeys keys(clock);
  const auto context = MakeContext(config, keys);
  if (!context.ok()) return "";
  const int64_t expires_at = context.value()->expires_at();
  const std::string warning = WarningOf(expires_at, clock);
  return warning.empty() ? "" : warning + " (" + TimeText(expires_at) + ")";
}

std::shared_ptr<const TlsContext> MakeRedisContext(const RedisConfig& config, const RedisUrl& url) {
  return MakeClientContext(config, url).value();
}

Result<TlsPort::Contexts> TlsPort::Load(uint32_t worker_count) {
  Contexts contexts;
  for (uint32_t i = 0; i < worker_count; ++i) {
    auto context = MakeContext(config_, keys_);
    if (!context.ok()) return Error{context.error()};
    contexts.push_back(std::move(context.value()));
  }
  const int64_t expires_at = contexts.front()->expires_at();
  expires_at_.Set(static_cast<uint64_t>(expires_at));
  const std::string text = TimeText(expires_at);
  Log(LogLevel::kInfo, "tls.certificate is in use", {{"expires", text}});
  const std::string_view warning = WarningOf(expires_at, clock_);
  if (!warning.empty()) Log(LogLevel::kWarning, warning, {{"expires", text}});
  return contexts;
}

}  // namespace sluice
