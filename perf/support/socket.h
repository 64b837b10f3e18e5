// Sockets and clocks of the measuring programs. What fails ends the program: a measurement with a
// part missing is none.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

namespace perf {

inline constexpr int64_t kNsPerSecond = 1'000'000'000;
inline constexpr int64_t kNsPerMs = 1'000'000;

[[noreturn]] inline void Die(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}
[[noreturn]] inline void DieOf(int error, const std::string& what) {
  Die(what + ": " + std::strerror(error));
}

inline int64_t ClockNs(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kNsPerSecond + now.tv_nsec;
}
inline int64_t NowNs() { return ClockNs(CLOCK_MONOTONIC); }

inline timespec TimespecOf(int64_t ns) { return {ns / kNsPerSecond, ns % kNsPerSecond}; }

// Processors that this program kept busy on average since `start_ns`, when it had used `cpu_ns`.
inline double CoresSince(int64_t start_ns, int64_t cpu_ns) {
  const int64_t used_ns = ClockNs(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns;
  return static_cast<double>(used_ns) / static_cast<double>(NowNs() - start_ns);
}

// As many descriptors as may be had, and timers that are not late by the usual 50 us.
inline void PrepareProcess() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  prctl(PR_SET_TIMERSLACK, 1UL);
}

inline int Dial(int family, const sockaddr* address, socklen_t size, const std::string& name) {
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, address, size) != 0) DieOf(errno, name);
  if (family == AF_INET) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return fd;
}

// `name` is an IPv4 address and a port.
inline int DialTcp(const std::string& name) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const size_t colon = name.rfind(':');
  if (colon == std::string::npos ||
      inet_pton(AF_INET, name.substr(0, colon).c_str(), &address.sin_addr) != 1) {
    Die("'" + name + "' is not an address and a port, such as 127.0.0.1:8080");
  }
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(name.c_str() + colon + 1)));
  return Dial(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address, name);
}

inline int DialUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) Die(path + ": too long for a unix socket");
  path.copy(address.sun_path, path.size());
  return Dial(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address, path);
}

// What the socket takes now; 0 if it is full.
inline size_t WriteSome(int fd, const char* bytes, size_t size) {
  const ssize_t wrote = send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (wrote >= 0) return static_cast<size_t>(wrote);
  if (errno != EAGAIN && errno != EINTR) DieOf(errno, "a connection was lost");
  return 0;
}

// What there is now; 0 if there is nothing.
inline size_t ReadSome(int fd, char* bytes, size_t size) {
  const ssize_t got = recv(fd, bytes, size, MSG_DONTWAIT);
  if (got > 0) return static_cast<size_t>(got);
  if (got == 0) Die("a connection was closed by the other side");
  if (errno != EAGAIN && errno != EINTR) DieOf(errno, "a connection was lost");
  return 0;
}

}  // namespace perf
