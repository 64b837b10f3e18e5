#include "sluice/net/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

int OpenAndBind(const addrinfo& at, PortSharing sharing) {
  const int fd = ::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (sharing == PortSharing::kShared) {
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  }
  if (::bind(fd, at.ai_addr, at.ai_addrlen) == 0 && ::listen(fd, kListenBacklog) == 0) return fd;
  const int failure = errno;
  ::close(fd);
  errno = failure;
  return -1;
}

// The peer behind this error has gone; the next may be well. accept(2) lists them: Linux hands what
// befell the waiting connection to accept.
bool IsOfOnePeer(int error) {
  constexpr std::array<int, 11> kErrors = {EINTR,       ECONNABORTED, EPROTO,   ENETDOWN,
                                           ENOPROTOOPT, EHOSTDOWN,    ENONET,   EHOSTUNREACH,
                                           EOPNOTSUPP,  ENETUNREACH,  ETIMEDOUT};
  return std::find(kErrors.begin(), kErrors.end(), error) != kErrors.end();
}

}  // namespace

Result<int> BindListeningSocket(const Address& address, PortSharing sharing) {
  if (address.is_unix()) return Error{"a unix socket is not supported here; give host:port"};
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failure =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (failure != 0) return Error{std::string("cannot resolve: ") + ::gai_strerror(failure)};
  const int fd = OpenAndBind(*found, sharing);
  const int why = errno;
  ::freeaddrinfo(found);
  if (fd < 0) return Error{std::strerror(why)};
  return fd;
}

uint16_t BoundPort(int fd) {
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  SLUICE_CHECK(::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) == 0);
  // sin_port and sin6_port share their place.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&name)->sin_port);
}

Address BoundAddress(int fd) {
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  auto* generic = reinterpret_cast<sockaddr*>(&name);
  SLUICE_CHECK(::getsockname(fd, generic, &length) == 0);
  if (name.ss_family == AF_UNIX) {
    const auto* path = reinterpret_cast<const sockaddr_un*>(&name)->sun_path;
    return {.host = {}, .port = 0, .path = path};
  }
  char host[NI_MAXHOST] = "";
  SLUICE_CHECK(::getnameinfo(generic, length, host, sizeof host, nullptr, 0, NI_NUMERICHOST) == 0);
  return {.host = host, .port = BoundPort(fd), .path = {}};
}

Listener::Listener(Loop& loop, int fd, AcceptHandler& handler, WaitingPeers waiting)
    : loop_(loop), handler_(handler), waiting_(waiting), handle_(new ListeningHandle) {
  if (BoundAddress(fd).is_unix()) {
    SLUICE_CHECK(uv_pipe_init(loop.uv(), &handle_->pipe, 0) == 0);
    SLUICE_CHECK(uv_pipe_open(&handle_->pipe, fd) == 0);
  } else {
    SLUICE_CHECK(uv_tcp_init(loop.uv(), &handle_->tcp) == 0);
    SLUICE_CHECK(uv_tcp_open(&handle_->tcp, fd) == 0);
  }
  handle_->base.data = this;
  const int status =
      uv_listen(&handle_->stream, kListenBacklog, [](uv_stream_t* listening, int result) {
        // Out of descriptors and the like: libuv retries on the next turn;
        // the peer waits.
        if (result != 0) return;
        auto* self = static_cast<Listener*>(listening->data);
        auto stream = UvStream::Accept(self->loop_, listening);
        if (stream) self->handler_.OnAccept(std::move(stream));
      });
  SLUICE_CHECK(status == 0);
}

Listener::~Listener() { SLUICE_CHECK(closed()); }

bool Listener::Close() {
  if (!closed() && waiting_ == WaitingPeers::kAccepted && !AcceptWaiting()) return false;
  CloseNow();
  return true;
}

bool Listener::AcceptWaiting() {
  uv_os_fd_t fd;
  SLUICE_CHECK(uv_fileno(&handle_->base, &fd) == 0);
  for (;;) {
    const int accepted = ::accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      handler_.OnAccept(UvStream::Adopt(loop_, accepted, is_unix()));
    } else if (errno == EAGAIN) {
      return true;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return false;
    } else if (!IsOfOnePeer(errno)) {
      return true;
    }
  }
}

void Listener::CloseNow() {
  if (closed()) return;
  uv_close(&handle_->base,
           [](uv_handle_t* handle) { delete reinterpret_cast<ListeningHandle*>(handle); });
  handle_ = nullptr;
}

}  // namespace sluice
