// IpAddress: where a TCP connection comes from: an IPv6 address, or an IPv4 one mapped into it
// (RFC 4291 section 2.5.5.2). A plain value, in network order.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace sluice {

struct IpAddress {
  std::array<char, 16> bytes{};

  bool operator==(const IpAddress&) const = default;

  bool is_v4() const {
    constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    return std::string_view(bytes.data(), kMapped.size()) == kMapped;
  }
  // What one client has to itself: an IPv4 address, or the /64 of an IPv6 one (RFC 6177 section 2:
  // nobody is given less, and whoever has it may use any address in it).
  IpAddress Client() const {
    IpAddress client = *this;
    if (!is_v4()) std::fill(client.bytes.begin() + 8, client.bytes.end(), '\0');
    return client;
  }
};

}  // namespace sluice
