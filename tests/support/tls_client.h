// One TLS connection to a loopback port, blocking, as http_client.h is one without TLS. Connects in
// the constructor; Handshake is apart from it. Every wait is bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/http_response.h"
#include "support/tls_peer.h"

namespace sluice {

class TlsClient {
 public:
  TlsClient(uint16_t port, const TlsPeerOptions& options);
  ~TlsClient();
  TlsClient(TlsClient&& other) noexcept;
  TlsClient& operator=(TlsClient&&) = delete;

  TlsPeer& peer() { return peer_; }
  // False: refused, or cut; peer().error() says why if the server did.
  bool Handshake();
  void Send(std::string_view plain);
  // The next answer. Throws where the connection ends before it.
  HttpResponse ReadResponse();
  HttpResponse Post(std::string_view path, std::string_view body);
  // Whether the server closes, a reset included, without sending anything else.
  bool ReadClose();
  // Its bytes as they are, past TLS.
  void SendRaw(std::string_view bytes);

 private:
  bool ReadMore();  // false: closed
  void SendTaken() { SendRaw(peer_.Take()); }

  int fd_;
  TlsPeer peer_;
  HttpResponseReader reader_;
};

}  // namespace sluice
