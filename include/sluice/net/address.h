// Where to listen or connect: `host:port`, `[v6]:port` or a unix socket's path. Parsing does not
// resolve; a host name is resolved when connecting. A plain value; no thread, no errors later.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice {

struct Address {
  std::string host;   // empty when `path` is set
  uint16_t port = 0;  // 0 when listening: the kernel picks one
  std::string path;   // of a unix socket

  bool operator==(const Address&) const = default;
  bool is_unix() const { return !path.empty(); }
  // Loopback, or a unix socket: nobody on a network reaches it.
  bool is_local() const;
  std::string ToString() const;  // as an operator would write it

  // "127.0.0.1:8080", "[::1]:8080", "name:8080" or "unix:///path".
  static Result<Address> Parse(std::string_view text);
};

}  // namespace sluice
