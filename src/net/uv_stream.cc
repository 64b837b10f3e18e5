#include "sluice/net/uv_stream.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "sluice/base/check.h"

namespace sluice {

struct UvStream::Dial {
  Address address;
  uv_getaddrinfo_t resolve;
  uv_connect_t connect;
  uint32_t attempt = 0;
  addrinfo* found = nullptr;  // all of the host's addresses
  bool resolving = false;

  ~Dial() { uv_freeaddrinfo(found); }

  const sockaddr* Pick() const {
    uint32_t count = 0;
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) ++count;
    const addrinfo* picked = found;
    for (uint32_t i = attempt % count; i > 0; --i) picked = picked->ai_next;
    return picked->ai_addr;
  }
};

UvStream::UvStream(Loop& loop, bool is_unix) : loop_(loop) {
  if (is_unix) {
    SLUICE_CHECK(uv_pipe_init(loop.uv(), &handle_.pipe, 0) == 0);
  } else {
    SLUICE_CHECK(uv_tcp_init(loop.uv(), &handle_.tcp) == 0);
  }
  handle_.base.data = this;
}

UvStream::~UvStream() { SLUICE_CHECK(phase_ == Phase::kClosed); }

std::unique_ptr<UvStream> UvStream::Accept(Loop& loop, uv_stream_t* listening) {
  std::unique_ptr<UvStream> stream(new UvStream(loop, listening->type == UV_NAMED_PIPE));
  if (uv_accept(listening, stream->stream()) != 0) {
    // Nothing to hand out; the half-made handle still has to be closed by the loop.
    UvStream* orphan = stream.release();
    uv_close(&orphan->handle_.base, [](uv_handle_t* handle) {
      auto* self = static_cast<UvStream*>(handle->data);
      self->phase_ = Phase::kClosed;
      delete self;
    });
    return nullptr;
  }
  // An answer is one write; Nagle would only hold it back.
  if (listening->type == UV_TCP) uv_tcp_nodelay(&stream->handle_.tcp, 1);
  return stream;
}

std::unique_ptr<UvStream> UvStream::Adopt(Loop& loop, int fd, bool is_unix) {
  std::unique_ptr<UvStream> stream(new UvStream(loop, is_unix));
  if (is_unix) {
    SLUICE_CHECK(uv_pipe_open(&stream->handle_.pipe, fd) == 0);
    return stream;
  }
  SLUICE_CHECK(uv_tcp_open(&stream->handle_.tcp, fd) == 0);
  uv_tcp_nodelay(&stream->handle_.tcp, 1);
  return stream;
}

std::unique_ptr<UvStream> UvStream::Connect(Loop& loop, const Address& address, uint32_t attempt,
                                            StreamHandler& handler) {
  std::unique_ptr<UvStream> stream(new UvStream(loop, address.is_unix()));
  UvStream* self = stream.get();
  self->handler_ = &handler;
  self->dial_ = std::make_unique<Dial>();
  self->dial_->address = address;
  self->dial_->attempt = attempt;
  if (address.is_unix()) {
    self->StartDial();
    return stream;
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  self->dial_->resolve.data = self;
  const int status = uv_getaddrinfo(
      loop.uv(), &self->dial_->resolve,
      [](uv_getaddrinfo_t* request, int result, addrinfo* found) {
        static_cast<UvStream*>(request->data)->OnResolved(result, found);
      },
      address.host.c_str(), std::to_string(address.port).c_str(), &hints);
  if (status == 0) {
    self->dial_->resolving = true;
  } else {
    self->Fail("cannot resolve", status);
  }
  return stream;
}

void UvStream::OnResolved(int status, addrinfo* found) {
  dial_->resolving = false;
  dial_->found = found;
  if (phase_ == Phase::kClosed) return Join();
  if (phase_ == Phase::kClosing) return;
  if (status != 0) return Fail("cannot resolve", status);
  StartDial();
}

void UvStream::StartDial() {
  const auto done = [](uv_connect_t* request, int status) {
    static_cast<UvStream*>(request->data)->OnDialled(status);
  };
  dial_->connect.data = this;
  if (dial_->address.is_unix()) {
    uv_pipe_connect(&dial_->connect, &handle_.pipe, dial_->address.path.c_str(), done);
    return;
  }
  const int status = uv_tcp_connect(&dial_->connect, &handle_.tcp, dial_->Pick(), done);
  if (status != 0) Fail("cannot connect", status);
}

void UvStream::OnDialled(int status) {
  if (phase_ != Phase::kOpen) return;
  if (status != 0) return Fail("cannot connect", status);
  if (!dial_->address.is_unix()) uv_tcp_nodelay(&handle_.tcp, 1);
  handler_->OnConnected();
}

size_t UvStream::TryWrite(std::string_view bytes) {
  if (phase_ != Phase::kOpen || writes_in_flight_ > 0) return 0;
  // Nothing of libuv's waits in front of these bytes. uv_try_write would call write, which takes
  // the way of any file through the kernel; send goes to the socket at once.
  uv_os_fd_t fd;
  SLUICE_CHECK(uv_fileno(&handle_.base, &fd) == 0);
  ssize_t n;
  do {
    n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  if (n >= 0) return static_cast<size_t>(n);
  if (errno != EAGAIN && errno != ENOBUFS) Fail("cannot write", uv_translate_sys_error(errno));
  return 0;
}

void UvStream::Write(std::string_view bytes) {
  if (phase_ != Phase::kOpen) return;
  Loop::WriteRequest* request = loop_.write_requests().Take().release();
  request->request.data = request;
  const uv_buf_t buffer =
      uv_buf_init(const_cast<char*>(bytes.data()), static_cast<unsigned>(bytes.size()));
  const int status =
      uv_write(&request->request, stream(), &buffer, 1, [](uv_write_t* done, int result) {
        auto* self = static_cast<UvStream*>(done->handle->data);
        self->loop_.write_requests().Give(
            std::unique_ptr<Loop::WriteRequest>(static_cast<Loop::WriteRequest*>(done->data)));
        self->OnWriteDone(result);
      });
  if (status != 0) {
    loop_.write_requests().Give(std::unique_ptr<Loop::WriteRequest>(request));
    return Fail("cannot write", status);
  }
  ++writes_in_flight_;
}

void UvStream::OnWriteDone(int status) {
  --writes_in_flight_;
  if (phase_ != Phase::kOpen) return;
  if (status != 0) return Fail("cannot write", status);
  if (writes_in_flight_ == 0) handler_->OnWritten();
}

void UvStream::StartRead() {
  if (phase_ != Phase::kOpen) return;
  uv_read_start(
      stream(),
      [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
        *buffer = static_cast<UvStream*>(handle->data)->loop_.read_buffer();
      },
      [](uv_stream_t* handle, ssize_t n, const uv_buf_t* buffer) {
        static_cast<UvStream*>(handle->data)->OnReadable(n, buffer);
      });
}

void UvStream::StopRead() {
  if (phase_ == Phase::kOpen) uv_read_stop(stream());
}

void UvStream::OnReadable(ssize_t n, const uv_buf_t* buffer) {
  if (n > 0) {
    handler_->OnRead({buffer->base, static_cast<size_t>(n)});
  } else if (n == UV_EOF) {
    uv_read_stop(stream());
    handler_->OnEnd();
  } else if (n < 0) {
    Fail("cannot read", static_cast<int>(n));
  }
}

void UvStream::FinishWriting() {
  if (phase_ != Phase::kOpen) return;
  // Everything written has been taken by the kernel (the callers wait for OnWritten), so the plain
  // call does what uv_shutdown would, without a request to keep.
  SLUICE_CHECK(writes_in_flight_ == 0);
  uv_os_fd_t fd;
  if (uv_fileno(&handle_.base, &fd) == 0) ::shutdown(fd, SHUT_WR);
}

std::optional<IpAddress> UvStream::peer_address() const {
  if (phase_ != Phase::kOpen || handle_.base.type != UV_TCP) return std::nullopt;
  sockaddr_storage name{};
  int length = sizeof name;
  if (uv_tcp_getpeername(&handle_.tcp, reinterpret_cast<sockaddr*>(&name), &length) != 0) {
    return std::nullopt;
  }
  IpAddress address;
  if (name.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(name).sin6_addr;
    std::memcpy(address.bytes.data(), &v6, sizeof v6);
  } else if (name.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(name).sin_addr;
    address.bytes[10] = address.bytes[11] = '\xff';
    std::memcpy(address.bytes.data() + 12, &v4, sizeof v4);
  } else {
    return std::nullopt;
  }
  return address;
}

void UvStream::Fail(std::string_view what, int status) {
  if (phase_ != Phase::kOpen) return;
  reason_ = std::string(what) + ": " + uv_strerror(status);
  Close();
}

void UvStream::Close() {
  if (phase_ != Phase::kOpen) return;
  phase_ = Phase::kClosing;
  if (dial_ && dial_->resolving) uv_cancel(reinterpret_cast<uv_req_t*>(&dial_->resolve));
  uv_close(&handle_.base, [](uv_handle_t* handle) {
    auto* self = static_cast<UvStream*>(handle->data);
    self->phase_ = Phase::kClosed;
    self->Join();
  });
}

void UvStream::Join() {
  if (dial_ && dial_->resolving) return;  // a look-up that could not be cancelled ends later
  handler_->OnClosed(reason_);
}

}  // namespace sluice
