// floor PORT: the least that a server of these requests can do, to measure sluice against. One
// thread, epoll, keep-alive: finds the end of each request's head and its Content-Length, skips the
// body, and answers a constant, with one write for all requests of one read. It looks at nothing
// else, stores nothing and checks nothing: never put it in front of anyone. Port 0 takes a free
// one; the first line on standard output names it.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view kBody = R"({"success":true,"accepted":1})";
static_assert(kBody.size() == 29, "as Content-Length says below");
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\n"
    "Date: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 29\r\n"
    "\r\n"
    R"({"success":true,"accepted":1})";
static_assert(kAnswer.ends_with(kBody));

constexpr size_t kReadBytes = 64 * 1024;
constexpr size_t kHeadBytesMax = 16 * 1024;
constexpr int kBacklog = 4096;
constexpr int kEventsMax = 256;

struct Connection {
  explicit Connection(int connection_fd) : fd(connection_fd) {}
  ~Connection() { close(fd); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd;
  uint64_t body_left = 0;  // of the request whose head has been read
  bool in_body = false;
  std::string head;  // begun in an earlier read; empty nearly always
};

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// 0 where the head names none.
uint64_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "content-length:";
  for (size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    const std::string_view line = head.substr(at + 1);
    if (line.size() > kName.size() && strncasecmp(line.data(), kName.data(), kName.size()) == 0) {
      return std::strtoull(line.data() + kName.size(), nullptr, 10);
    }
  }
  return 0;
}

// How many requests end in `bytes`; what is left of a head is kept in the connection. Nothing if a
// head is too long.
std::optional<size_t> CountRequests(Connection& connection, std::string_view bytes) {
  std::string joined;
  if (!connection.head.empty()) {
    joined = std::move(connection.head);
    connection.head.clear();
    joined += bytes;
    bytes = joined;
  }
  size_t count = 0;
  while (true) {
    if (!connection.in_body) {
      const size_t end = bytes.find("\r\n\r\n");
      if (end == std::string_view::npos) {
        if (bytes.size() > kHeadBytesMax) return std::nullopt;
        connection.head.assign(bytes);
        return count;
      }
      connection.in_body = true;
      connection.body_left = ContentLength(bytes.substr(0, end + 2));
      bytes.remove_prefix(end + 4);
    }
    if (bytes.size() < connection.body_left) {
      connection.body_left -= bytes.size();
      return count;
    }
    bytes.remove_prefix(connection.body_left);
    connection.in_body = false;
    ++count;
  }
}

class Floor {
 public:
  explicit Floor(uint16_t port) : epoll_(epoll_create1(0)), listener_(Listen(port)) {
    if (epoll_ < 0) Die("epoll_create1");
    Watch(listener_);
  }

  [[noreturn]] void Run() {
    std::array<epoll_event, kEventsMax> events;
    while (true) {
      const int count = epoll_wait(epoll_, events.data(), kEventsMax, -1);
      if (count < 0 && errno != EINTR) Die("epoll_wait");
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<size_t>(i)].data.fd;
        if (fd == listener_) {
          Accept();
        } else if (!Serve(*connections_[static_cast<size_t>(fd)])) {
          connections_[static_cast<size_t>(fd)].reset();
        }
      }
    }
  }

 private:
  static int Listen(uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0) Die("socket");
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0) Die("bind");
    if (listen(fd, kBacklog) != 0) Die("listen");
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) Die("getsockname");
    std::printf("floor: listening on 127.0.0.1:%u\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return fd;
  }

  void Watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) Die("epoll_ctl");
  }

  void Accept() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const auto at = static_cast<size_t>(fd);
      if (at >= connections_.size()) connections_.resize(at + 1);
      connections_[at] = std::make_unique<Connection>(fd);
      Watch(fd);
    }
  }

  // One read, one write. False when the connection is over; so is one that does not take its
  // answers at once, since waiting for it is more than the least.
  bool Serve(Connection& connection) {
    const ssize_t got = read(connection.fd, read_.data(), read_.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    const auto count = CountRequests(connection, {read_.data(), static_cast<size_t>(got)});
    if (!count) return false;
    while (answers_.size() < *count * kAnswer.size()) answers_ += kAnswer;
    const size_t size = *count * kAnswer.size();
    return size == 0 || write(connection.fd, answers_.data(), size) == static_cast<ssize_t>(size);
  }

  int epoll_;
  int listener_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  std::vector<char> read_ = std::vector<char>(kReadBytes);
  std::string answers_;  // the constant, as often as one read ever needed it
};

}  // namespace

int main(int argc, char** argv) {
  char* end = nullptr;
  const unsigned long port = argc == 2 ? std::strtoul(argv[1], &end, 10) : 0;
  if (end == nullptr || end == argv[1] || *end != '\0' || port > UINT16_MAX) {
    std::fprintf(stderr, "usage: floor PORT\n");
    return 2;
  }
  Floor(static_cast<uint16_t>(port)).Run();
}
