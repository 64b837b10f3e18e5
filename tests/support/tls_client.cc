#include "support/tls_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "support/http_client.h"
#include "support/loopback.h"
#include "support/wait.h"

namespace sluice {

TlsClient::TlsClient(uint16_t port, const TlsPeerOptions& options)
    : fd_(ConnectLoopback(port)), peer_(options) {
  if (fd_ < 0) throw std::runtime_error("nobody listens");
}

TlsClient::~TlsClient() {
  if (fd_ >= 0) close(fd_);
}

TlsClient::TlsClient(TlsClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      peer_(std::move(other.peer_)),
      reader_(std::move(other.reader_)) {}

bool TlsClient::Handshake() {
  SendTaken();
  while (!peer_.established() && peer_.error().empty()) {
    if (!ReadMore()) return false;
    SendTaken();
  }
  return peer_.error().empty();
}

void TlsClient::Send(std::string_view plain) {
  peer_.Write(plain);
  SendTaken();
}

void TlsClient::SendRaw(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0) return;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

HttpResponse TlsClient::ReadResponse() {
  for (;;) {
    reader_.Append(std::exchange(peer_.plain, {}));
    if (std::optional<HttpResponse> response = reader_.Take()) return *std::move(response);
    if (peer_.ended() || !ReadMore()) {
      throw std::runtime_error("closed before an answer: " + peer_.error());
    }
  }
}

HttpResponse TlsClient::Post(std::string_view path, std::string_view body) {
  Send(PostRequest(path, body));
  return ReadResponse();
}

bool TlsClient::ReadClose() {
  while (ReadMore()) {
    if (!peer_.plain.empty()) return false;
  }
  return true;
}

bool TlsClient::ReadMore() {
  pollfd waiting{fd_, POLLIN, 0};
  if (poll(&waiting, 1, kWaitBoundMs) <= 0) throw std::runtime_error("nothing within the bound");
  std::array<char, 65'536> bytes;
  const ssize_t n = recv(fd_, bytes.data(), bytes.size(), 0);
  if (n <= 0) return false;
  peer_.Hear({bytes.data(), static_cast<size_t>(n)});
  return true;
}

}  // namespace sluice
