#include "support/tcp_table.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

namespace sluice {
namespace {

constexpr unsigned kEstablished = 1;  // TCP_ESTABLISHED in the kernel's tcp_states.h

struct DiagRequest {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

DiagRequest Question(uint16_t local_port, uint16_t remote_port) {
  DiagRequest request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.body.sdiag_family = AF_INET;
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = ~0U;
  request.body.id.idiag_sport = htons(local_port);
  request.body.id.idiag_dport = htons(remote_port);
  request.body.id.idiag_src[0] = htonl(INADDR_LOOPBACK);
  request.body.id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
  request.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return request;
}

// Nothing where the kernel does not say: no such socket, or no sock_diag.
std::optional<uint64_t> AskUnreadBytes(uint16_t local_port, uint16_t remote_port) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) return std::nullopt;
  const DiagRequest request = Question(local_port, remote_port);
  std::array<char, 4'096> answer;
  ssize_t n = -1;
  if (send(fd, &request, sizeof request, 0) > 0) n = recv(fd, answer.data(), answer.size(), 0);
  close(fd);
  nlmsghdr header{};
  inet_diag_msg message{};
  if (n < static_cast<ssize_t>(NLMSG_LENGTH(sizeof message))) return std::nullopt;
  std::memcpy(&header, answer.data(), sizeof header);
  std::memcpy(&message, answer.data() + NLMSG_HDRLEN, sizeof message);
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
  return message.idiag_state == kEstablished ? message.idiag_rqueue : 0;
}

uint64_t SumUnreadBytes(unsigned local_port, unsigned remote_port) {
  std::ifstream table("/proc/net/tcp");
  uint64_t sum = 0;
  for (std::string line; std::getline(table, line);) {
    unsigned local = 0;
    unsigned remote = 0;
    unsigned state = 0;
    unsigned unread_bytes = 0;
    const bool is_row = std::sscanf(line.c_str(), " %*u: %*8x:%4x %*8x:%4x %2x %*8x:%8x", &local,
                                    &remote, &state, &unread_bytes) == 4;
    if (is_row && local == local_port && state == kEstablished &&
        (remote_port == 0 || remote == remote_port)) {
      sum += unread_bytes;
    }
  }
  return sum;
}

}  // namespace

uint64_t UnreadBytes(uint16_t local_port) { return SumUnreadBytes(local_port, 0); }

uint64_t UnreadBytes(uint16_t local_port, uint16_t remote_port) {
  const std::optional<uint64_t> told = AskUnreadBytes(local_port, remote_port);
  return told ? *told : SumUnreadBytes(local_port, remote_port);
}

}  // namespace sluice
