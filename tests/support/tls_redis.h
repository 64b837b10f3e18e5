// A real Redis that speaks TLS on a loopback port besides its unix socket.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/certificates.h"
#include "support/http_client.h"
#include "support/loopback.h"
#include "support/redis_server.h"

namespace sluice {

// Starts it with that certificate; its TLS port. `more` as on its command line.
inline uint16_t StartOverTls(RedisServer& redis, const CertificateAuthority& authority,
                             const CertificateFiles& files,
                             const std::vector<std::string>& more = {}) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    const uint16_t port = TakenPort().port();
    std::vector<std::string> args = {"--tls-port",         std::to_string(port),
                                     "--tls-cert-file",    files.certificate,
                                     "--tls-key-file",     files.key,
                                     "--tls-ca-cert-file", authority.file(),
                                     "--tls-auth-clients", "no"};
    args.insert(args.end(), more.begin(), more.end());
    redis.Start(args);
    if (HttpClient::CanConnect(port)) return port;
  }
  throw std::runtime_error("no port for Redis's TLS");
}

}  // namespace sluice
