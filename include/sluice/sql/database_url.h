// Which database, and who we are there:
//   sqlite:///path, sqlite:path                                    a file; made if it is not there
//   postgresql://[user[:password]@][host[:port]]/name[?key=value]  as libpq reads it; also
//   postgres:// mariadb://[user[:password]@][host[:port]]/name[?socket=PATH][&ssl_ca=FILE]   also
//   mysql://
// User, password, name and values may be percent-encoded. Errors never repeat the URL, since it may
// hold a password.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/result.h"

namespace sluice {

enum class DatabaseKind : uint8_t { kSqlite, kPostgresql, kMariadb };

struct DatabaseUrl {
  DatabaseKind kind = DatabaseKind::kSqlite;
  std::string connect;  // what the client library is told: may hold a password
  std::string shown;    // "PostgreSQL at host:port/name": for logs and the progress line, no secret

  static Result<DatabaseUrl> Parse(std::string_view text);
};

}  // namespace sluice
