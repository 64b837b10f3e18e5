#include "server/ready_command.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include "server/exit_code.h"
#include "sluice/base/result.h"
#include "sluice/net/address.h"

namespace sluice {
namespace {

constexpr std::string_view kRequest =
    "GET /readyz HTTP/1.1\r\nHost: sluice\r\nConnection: close\r\n\r\n";
constexpr std::string_view kReady = "HTTP/1.1 200 ";
constexpr int kReadyMs = 2'000;  // for each thing that is waited for

class Socket {
 public:
  explicit Socket(int family) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval time{.tv_sec = kReadyMs / 1'000, .tv_usec = kReadyMs % 1'000 * 1'000};
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);  // of connect too
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  }
  ~Socket() { ::close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const { return fd_; }

 private:
  const int fd_;
};

// What the answer begins with, as much as tells.
Result<std::string> Ask(int family, const sockaddr* address, socklen_t size) {
  const auto failed = [] { return Error{std::strerror(errno)}; };
  const Socket socket(family);
  if (::connect(socket.fd(), address, size) != 0) return failed();
  if (::send(socket.fd(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) return failed();
  std::string answer(kReady.size(), '\0');
  const ssize_t n = ::recv(socket.fd(), answer.data(), answer.size(), MSG_WAITALL);
  if (n < 0) return failed();
  answer.resize(static_cast<size_t>(n));
  return answer;
}

Result<std::string> AskUnix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path) return Error{"the path is too long"};
  path.copy(name.sun_path, path.size());
  return Ask(AF_UNIX, reinterpret_cast<const sockaddr*>(&name), sizeof name);
}

Result<std::string> AskTcp(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) return Error{::gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  return Ask(found->ai_family, found->ai_addr, found->ai_addrlen);
}

}  // namespace

int RunReadyCommand(const std::string& listen, std::ostream& err) {
  const Address address = Address::Parse(listen).value();
  const auto answer = address.is_unix() ? AskUnix(address.path) : AskTcp(address);
  if (answer.ok() && answer.value() == kReady) return kExitDrained;
  err << "sluice: not ready: " << listen << ": "
      << (!answer.ok() ? answer.error() : "it answered " + answer.value()) << "\n";
  return kExitNotStarted;
}

}  // namespace sluice
