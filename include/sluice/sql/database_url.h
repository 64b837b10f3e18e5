// Which database, and who we are there:
//   sqlite:///path, sqlite:path                       a file; made if it is not there
//   postgresql://[user[:password]@][host[:port]]/name[?key=value[&...]]   as libpq reads it
//   mariadb://[user[:password]@][host[:port]]/name[?socket=PATH][&ssl_ca=FILE]
// postgres:// and mysql:// are the same as the latter two. User, password, name and values may be
// percent-encoded. Errors never repeat the URL, since it may hold a password.
//
// localhost, or no host, is MariaDB's unix socket, as in each of its clients; 127.0.0.1 is TCP.
// With ssl_ca the server's certificate must lead to it, but its name is not compared: SOCI has no
// way to ask for that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice {

enum class DatabaseKind : uint8_t { kSqlite, kPostgresql, kMariadb };

struct DatabaseUrl {
  DatabaseKind kind = DatabaseKind::kSqlite;
  std::string connect;        // what the client library is told: may hold a password
  std::string shown;          // "PostgreSQL at host:port/name": for logs, no secret
  bool must_encrypt = false;  // MariaDB with ssl_ca; libpq's sslmode sees to itself

  static Result<DatabaseUrl> Parse(std::string_view text);
};

}  // namespace sluice
