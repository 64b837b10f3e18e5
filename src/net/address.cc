#include "sluice/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>

namespace sluice {
namespace {

constexpr std::string_view kUnixScheme = "unix://";
// sun_path keeps its terminating zero.
constexpr size_t kUnixPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;

Result<Address> ParseUnix(std::string_view path) {
  if (path.empty() || path.front() != '/') return Error{"a unix socket needs an absolute path"};
  if (path.size() > kUnixPathBytesMax) {
    return Error{"the unix socket's path is longer than " + std::to_string(kUnixPathBytesMax) +
                 " bytes"};
  }
  Address address;
  address.path = path;
  return address;
}

}  // namespace

Result<Address> Address::Parse(std::string_view text) {
  if (text.starts_with(kUnixScheme)) return ParseUnix(text.substr(kUnixScheme.size()));
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Error{"expected host:port"};
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return Error{"an IPv6 address needs brackets: [address]:port"};
  }
  if (host.empty()) return Error{"expected host:port, but the host is empty"};
  Address address;
  address.host = host;
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (failure != std::errc() || end != port.data() + port.size()) {
    return Error{"the port is not a number from 0 to 65535"};
  }
  return address;
}

bool Address::is_local() const {
  in_addr v4{};
  in6_addr v6{};
  if (is_unix() || host == "localhost") return true;
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::string Address::ToString() const {
  if (is_unix()) return std::string(kUnixScheme) + path;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace sluice
