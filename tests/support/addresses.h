// Addresses of clients, by their last numbers.
#pragma once

#include <cstdint>

#include "sluice/net/ip_address.h"

namespace sluice {

// 10.0.0.n
inline IpAddress V4(uint8_t n) {
  IpAddress address;
  address.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff', 10, 0, 0, static_cast<char>(n)};
  return address;
}

// 2001:db8:0:<network>::<host>
inline IpAddress V6(uint8_t network, uint8_t host) {
  IpAddress address;
  address.bytes = {0x20, 1, 0x0d, '\xb8'};
  address.bytes[7] = static_cast<char>(network);
  address.bytes[15] = static_cast<char>(host);
  return address;
}

}  // namespace sluice
