#include "support/http_client.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "support/loopback.h"
#include "support/tcp_table.h"
#include "support/wait.h"

namespace sluice {
namespace {

short Poll(int fd, short events, int timeout_ms) {
  pollfd waiting{fd, events, 0};
  poll(&waiting, 1, timeout_ms);
  return waiting.revents;
}

}  // namespace

std::string PostRequest(std::string_view path, std::string_view body, std::string_view content_type,
                        std::string_view more_headers) {
  std::string request = "POST " + std::string(path) + " HTTP/1.1\r\nHost: gate\r\n";
  if (!content_type.empty()) request.append("Content-Type: ").append(content_type).append("\r\n");
  request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  return request.append(more_headers).append("\r\n").append(body);
}

std::string GetRequest(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: gate\r\n\r\n";
}

std::string Chunked(std::string_view body, size_t chunk_bytes) {
  std::string chunks;
  while (!body.empty()) {
    const std::string_view chunk = body.substr(0, chunk_bytes);
    std::array<char, 16> hex{};
    const auto end = std::to_chars(hex.begin(), hex.end(), chunk.size(), 16).ptr;
    chunks.append(hex.begin(), end).append("\r\n").append(chunk).append("\r\n");
    body.remove_prefix(chunk.size());
  }
  return chunks + "0\r\n\r\n";
}

HttpClient::HttpClient(uint16_t port) : fd_(ConnectLoopback(port)), port_(port) {
  if (fd_ < 0) {
    throw std::system_error(errno, std::generic_category(), "connect to " + std::to_string(port));
  }
  sockaddr_in local{};
  socklen_t size = sizeof local;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&local), &size);
  local_port_ = ntohs(local.sin_port);
}

HttpClient::HttpClient(const std::string& socket_path)
    : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    close(std::exchange(fd_, -1));
    throw std::system_error(error, std::generic_category(), "connect to " + socket_path);
  }
}

HttpClient::~HttpClient() {
  if (fd_ >= 0) close(fd_);
}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      port_(other.port_),
      local_port_(other.local_port_),
      reader_(std::move(other.reader_)) {}

bool HttpClient::CanConnect(uint16_t port) {
  const int fd = ConnectLoopback(port);
  if (fd < 0) return false;
  close(fd);
  return true;
}

void HttpClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (Poll(fd_, POLLOUT, kWaitBoundMs) == 0) throw std::runtime_error("the gate stopped reading");
    const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) continue;
    if (n < 0) return;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

void HttpClient::SendByteByByte(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size() && PeerStillReads(); ++i) {
    Send(bytes.substr(i, 1));
    // Most bytes are read by the time the table is; WaitFor's pause is for the others.
    if (UnreadBytes(port_, local_port_) == 0) continue;
    const auto read = WaitFor([this] { return UnreadBytes(port_, local_port_) == 0; },
                              "the gate to read byte " + std::to_string(i));
    if (!read) throw std::runtime_error(read.message());
  }
}

void HttpClient::Reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(std::exchange(fd_, -1));
}

void HttpClient::FinishSending() { shutdown(fd_, SHUT_WR); }

HttpResponse HttpClient::ReadResponse(HttpResponseReader::Body body) {
  for (;;) {
    if (std::optional<HttpResponse> response = reader_.Take(body)) return *std::move(response);
    if (!ReadMore()) {
      throw std::runtime_error("closed before an answer, after: " + std::string(reader_.rest()));
    }
  }
}

HttpResponse HttpClient::Post(std::string_view path, std::string_view body,
                              std::string_view content_type) {
  Send(PostRequest(path, body, content_type));
  return ReadResponse();
}

HttpResponse HttpClient::Get(std::string_view path) {
  Send(GetRequest(path));
  return ReadResponse();
}

bool HttpClient::Readable() const { return !reader_.rest().empty() || Poll(fd_, POLLIN, 0) != 0; }

bool HttpClient::ReadClose() {
  if (!reader_.rest().empty()) return false;
  try {
    return !ReadMore();
  } catch (const std::system_error&) {
    return false;
  }
}

bool HttpClient::ReadMore() {
  if (Poll(fd_, POLLIN, kWaitBoundMs) == 0) {
    throw std::runtime_error("no answer within the bound, after: " + std::string(reader_.rest()));
  }
  std::array<char, 65'536> bytes;
  const ssize_t n = recv(fd_, bytes.data(), bytes.size(), 0);
  if (n < 0) throw std::system_error(errno, std::generic_category(), "recv");
  reader_.Append({bytes.data(), static_cast<size_t>(n)});
  return n > 0;
}

bool HttpClient::PeerStillReads() const {
  return (Poll(fd_, POLLRDHUP, 0) & (POLLRDHUP | POLLHUP | POLLERR)) == 0;
}

}  // namespace sluice
