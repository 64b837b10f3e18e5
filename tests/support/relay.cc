#include "support/relay.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace sluice {
namespace {

constexpr int kThrottledPollMs = 2;

}  // namespace

Relay::Relay(std::string redis_socket_path) : redis_socket_path_(std::move(redis_socket_path)) {
  listen_fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listen_fd_ < 0 || wake_fd_ < 0 || bind(listen_fd_, generic, size) != 0 ||
      listen(listen_fd_, 128) != 0 || getsockname(listen_fd_, generic, &size) != 0) {
    throw std::runtime_error(std::string("the relay cannot listen: ") + std::strerror(errno));
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

Relay::~Relay() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  Wake();
  thread_.join();
  close(listen_fd_);
  close(wake_fd_);
}

void Relay::Wake() const { (void)!eventfd_write(wake_fd_, 1); }

void Relay::Run() {
  std::vector<pollfd> polls;
  for (;;) {
    int timeout_ms = -1;
    {
      const std::lock_guard lock(mutex_);
      if (stop_) return connections_.clear();
      polls = {{listen_fd_, POLLIN, 0}, {wake_fd_, POLLIN, 0}};
      for (const auto& connection : connections_) connection->AddPolls(rules_, &polls);
      if (rules_.bytes_per_s > 0) timeout_ms = kThrottledPollMs;
    }
    poll(polls.data(), polls.size(), timeout_ms);
    eventfd_t count = 0;
    (void)!eventfd_read(wake_fd_, &count);
    const std::lock_guard lock(mutex_);
    Accept();
    for (const auto& connection : connections_) connection->Move(&rules_);
    // What a throttle lets through next is another's.
    if (!connections_.empty()) {
      std::rotate(connections_.begin(), connections_.begin() + 1, connections_.end());
    }
    std::erase_if(connections_, [](const auto& connection) { return connection->ended(); });
  }
}

int Relay::Dial() const {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  redis_socket_path_.copy(address.sun_path, sizeof address.sun_path - 1);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

void Relay::Accept() {
  for (;;) {
    const int fd = accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    ++accepted_count_;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int redis_fd = rules_.blackhole ? -1 : Dial();
    if (redis_fd < 0 && !rules_.blackhole) {
      close(fd);
      continue;
    }
    connections_.push_back(std::make_unique<RelayConnection>(fd, redis_fd));
  }
}

void Relay::Pass() {
  const std::lock_guard lock(mutex_);
  RelayRules rules;
  rules.cut_count = rules_.cut_count;
  rules.passed_bytes = rules_.passed_bytes;
  rules.mark = rules_.mark;
  rules_ = rules;
  std::erase_if(connections_, [](const auto& connection) { return connection->is_blackhole(); });
  Wake();
}

void Relay::Mark(std::string bytes) {
  const std::lock_guard lock(mutex_);
  rules_.mark = std::move(bytes);
  for (const auto& connection : connections_) connection->Unmark();
}

void Relay::CutAfter(RelayDirection direction, size_t bytes, RelayEnd end, RelayLinks which) {
  const std::lock_guard lock(mutex_);
  rules_.cut = RelayRules::Cut::kAfterBytes;
  rules_.cut_links = which;
  rules_.cut_direction = direction;
  rules_.cut_bytes = bytes;
  rules_.cut_end = end;
}

void Relay::CutBeforeExecReply(RelayEnd end, RelayLinks which) {
  const std::lock_guard lock(mutex_);
  rules_.cut = RelayRules::Cut::kBeforeExecReply;
  rules_.cut_links = which;
  rules_.cut_end = end;
  Wake();
}

void Relay::CutAll(RelayEnd end, RelayLinks which) {
  const std::lock_guard lock(mutex_);
  rules_.cut_count += std::erase_if(connections_, [&](const auto& connection) {
    if (!connection->IsOf(which)) return false;
    connection->End(end);
    return true;
  });
  Wake();
}

uint64_t Relay::cut_count() const {
  const std::lock_guard lock(mutex_);
  return rules_.cut_count;
}

void Relay::Freeze(RelayDirection direction, RelayLinks which) {
  const std::lock_guard lock(mutex_);
  RelayLinks& frozen =
      direction == RelayDirection::kToRedis ? rules_.frozen_to_redis : rules_.frozen_from_redis;
  frozen = frozen | which;
  Wake();
}

void Relay::Throttle(size_t bytes_per_s) {
  const std::lock_guard lock(mutex_);
  rules_.bytes_per_s = bytes_per_s;
  Wake();
}

void Relay::Blackhole() {
  const std::lock_guard lock(mutex_);
  rules_.blackhole = true;
  for (const auto& connection : connections_) connection->End(RelayEnd::kReset);
  connections_.clear();
  Wake();
}

void Relay::Hold() {
  const std::lock_guard lock(mutex_);
  for (const auto& connection : connections_) connection->Hold();
  Wake();
}

void Relay::DropHeld() {
  const std::lock_guard lock(mutex_);
  for (const auto& connection : connections_) {
    if (connection->held()) connection->DropClient();
  }
  Wake();
}

void Relay::DeliverHeld() {
  const std::lock_guard lock(mutex_);
  for (const auto& connection : connections_) connection->Deliver();
  Wake();
}

size_t Relay::held_bytes() const {
  const std::lock_guard lock(mutex_);
  size_t bytes = 0;
  for (const auto& connection : connections_) {
    if (connection->held()) bytes += connection->bytes_to_redis();
  }
  return bytes;
}

uint64_t Relay::passed_bytes() const {
  const std::lock_guard lock(mutex_);
  return rules_.passed_bytes;
}

size_t Relay::open_count(RelayLinks which) const {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [which](const auto& connection) { return connection->IsOf(which); }));
}

uint64_t Relay::accepted_count() const {
  const std::lock_guard lock(mutex_);
  return accepted_count_;
}

}  // namespace sluice
