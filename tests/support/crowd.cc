#include "support/crowd.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "support/loopback.h"

namespace sluice {
namespace {

[[noreturn]] void ThrowErrno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

bool AllowDescriptors(size_t count) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) ThrowErrno("getrlimit");
  if (limit.rlim_cur >= count) return true;
  if (limit.rlim_max < count) return false;
  limit.rlim_cur = count;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

Crowd::Crowd(uint16_t port, size_t count, std::string_view bytes)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), members_(count) {
  if (epoll_ < 0) ThrowErrno("epoll_create1");
  for (size_t at = 0; at < count; ++at) {
    const int fd = members_[at].fd = ConnectLoopback(port);
    if (fd < 0) ThrowErrno("connect");
    ++open_count_;
    if (send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
      ThrowErrno("send");
    }
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.u64 = at;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) ThrowErrno("epoll_ctl");
  }
}

Crowd::~Crowd() {
  for (const Member& member : members_) {
    if (member.fd >= 0) close(member.fd);
  }
  close(epoll_);
}

bool Crowd::AllClosed() {
  std::array<epoll_event, 512> events;
  for (;;) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
    if (count < 0 && errno != EINTR) ThrowErrno("epoll_wait");
    for (int i = 0; i < count; ++i) Read(events[static_cast<size_t>(i)].data.u64);
    if (count < static_cast<int>(events.size())) return open_count_ == 0;
  }
}

void Crowd::Read(size_t at) {
  Member& member = members_[at];
  std::array<char, 2'048> bytes;
  const ssize_t n = recv(member.fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n > 0) {
    member.heard.append(bytes.data(), static_cast<size_t>(n));
  } else if (n == 0) {
    Close(at);
  } else if (errno == ECONNRESET) {
    ++reset_count_;
    Close(at);
  } else if (errno != EAGAIN) {
    ThrowErrno("recv");
  }
}

void Crowd::Close(size_t at) {
  Member& member = members_[at];
  ++told_[member.heard.substr(0, member.heard.find('\r'))];
  close(member.fd);
  member.fd = -1;
  --open_count_;
}

}  // namespace sluice
