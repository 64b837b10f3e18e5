// Where Redis is and who we are there:
//   redis://[user:password@]host[:port][/db]                     port 6379, db 0 unless given
//   unix://[user:password@]/path[?db=N]
//   redis+cluster://[user:password@]host[:port][,host[:port]...]  some nodes of a Redis Cluster
//   redis+sentinel://[user:password@]host[:port][,...]/name[/db]  sentinels, port 26379, and what
//                                                                they call the primary
// and rediss:// the same over TLS. User and password may be percent-encoded; `:password@` alone
// authenticates the default user. Errors never repeat the URL, since it may hold a password.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.h"
#include "sluice/net/address.h"

namespace sluice {

struct RedisUrl {
  enum class Mode : uint8_t { kSingle, kCluster, kSentinel };

  Mode mode = Mode::kSingle;
  Address address;             // of the one Redis; of others, the first of
  std::vector<Address> seeds;  // whom to ask where the nodes are, or the primary is
  std::string primary;         // its name among sentinels
  std::string user;
  std::string password;
  uint32_t db = 0;
  bool tls = false;

  bool is_single() const { return mode == Mode::kSingle; }

  static Result<RedisUrl> Parse(std::string_view text);
};

}  // namespace sluice
