// Where Redis is and who we are there:
//   redis://[user:password@]host[:port][/db]     port 6379, db 0 unless given
//   rediss://[user:password@]host[:port][/db]    the same over TLS
//   unix://[user:password@]/path[?db=N]
// User and password may be percent-encoded; `:password@` alone authenticates the default user.
// Errors never repeat the URL, since it may hold a password.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.h"
#include "sluice/net/address.h"

namespace sluice {

struct RedisUrl {
  Address address;
  std::string user;
  std::string password;
  uint32_t db = 0;
  bool tls = false;

  static Result<RedisUrl> Parse(std::string_view text);
};

}  // namespace sluice
