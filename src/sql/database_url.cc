#include "sluice/sql/database_url.h"

#include <soci/postgresql/soci-postgresql.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>

#include "sluice/base/percent.h"

namespace sluice {
namespace {

constexpr std::string_view kForms =
    "give sqlite:///path, postgresql://user:password@host:port/name, or "
    "mariadb://user:password@host:port/name";
constexpr char kHex[] = "a % needs two hex digits, and not 00";

// As SOCI's MySQL session reads it, and libpq: both want a backslash before these two.
void AppendOption(std::string_view key, std::string_view value, std::string& connect) {
  if (!connect.empty()) connect += ' ';
  connect.append(key).append("='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') connect += '\\';
    connect += c;
  }
  connect += '\'';
}

std::optional<std::string> Decode(std::string_view text) {
  auto decoded = PercentDecode(text);
  if (decoded && decoded->find('\0') != std::string::npos) return std::nullopt;
  return decoded;
}

Result<DatabaseUrl> ParseSqlite(std::string_view rest) {
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    if (!rest.starts_with('/')) return Error{"SQLite has no host: give sqlite:///path"};
  }
  if (rest.find('?') != std::string_view::npos) return Error{"SQLite takes no options after a ?"};
  const auto path = Decode(rest);
  if (!path) return Error{kHex};
  if (path->empty()) return Error{"the path is empty: give sqlite:///path"};
  if (*path == ":memory:") return Error{"SQLite needs a file"};
  // SOCI takes anything with a = for options, whose values it reads between these.
  if (path->find('"') != std::string::npos) return Error{"SQLite's path cannot have a \" in it"};
  const bool is_plain = path->find('=') == std::string::npos;
  return DatabaseUrl{.kind = DatabaseKind::kSqlite,
                     .connect = is_plain ? *path : "db=\"" + *path + "\"",
                     .shown = "SQLite at " + *path};
}

std::string ShownPlace(const std::string& host, const std::string& port) {
  return host.starts_with('/') ? "unix:" + host : host + ":" + port;
}

// Into libpq's other form, so that options can be put before what the URL says.
Result<DatabaseUrl> ParsePostgresql(const std::string& text) {
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(text.c_str(), nullptr), PQconninfoFree);
  // libpq's own words would repeat parts of the URL, which may be those of a password.
  if (!options) {
    return Error{"libpq does not read it; its form is postgresql://user:password@host:port/name"};
  }
  std::map<std::string, std::string> said;
  DatabaseUrl url{.kind = DatabaseKind::kPostgresql, .connect = "", .shown = ""};
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    said[option->keyword] = option->val;
    AppendOption(option->keyword, option->val, url.connect);
  }
  if (said["dbname"].empty())
    return Error{"the database's name is missing: postgresql://host/name"};
  const std::string host = said["host"].empty() ? said["hostaddr"] : said["host"];
  const std::string port = said["port"].empty() ? "5432" : said["port"];
  url.shown =
      "PostgreSQL at " + ShownPlace(host.empty() ? "localhost" : host, port) + "/" + said["dbname"];
  return url;
}

struct MariadbParts {
  std::string host = "localhost";
  std::string port = "3306";
  std::string shown_place = {};
};

Status ParseUser(std::string_view text, std::string& connect) {
  const size_t colon = text.find(':');
  const auto user = Decode(text.substr(0, colon));
  if (!user) return Error{kHex};
  AppendOption("user", *user, connect);
  if (colon == std::string_view::npos) return {};
  const auto password = Decode(text.substr(colon + 1));
  if (!password) return Error{kHex};
  AppendOption("password", *password, connect);
  return {};
}

Status ParseHost(std::string_view text, MariadbParts& parts) {
  const size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return Error{"the host's [ needs a ]"};
  const size_t colon = text.find(':', bracket);
  const auto host = Decode(bracket > 0 ? text.substr(1, bracket - 1) : text.substr(0, colon));
  if (!host) return Error{kHex};
  if (!host->empty()) parts.host = *host;
  if (bracket > 0 && bracket + 1 != std::min(colon, text.size())) {
    return Error{"behind the host's ] comes nothing but a port"};
  }
  if (colon == std::string_view::npos) return {};
  parts.port = text.substr(colon + 1);
  uint16_t port = 0;
  const char* const end = parts.port.data() + parts.port.size();
  const auto [read_to, error] = std::from_chars(parts.port.data(), end, port);
  if (error != std::errc() || read_to != end || port == 0) {
    return Error{"the port is not a number from 1 to 65535"};
  }
  return {};
}

Status ParseOption(std::string_view option, MariadbParts& parts, DatabaseUrl& url) {
  const size_t equals = std::min(option.find('='), option.size());
  const std::string_view key = option.substr(0, equals);
  const auto value = Decode(option.substr(std::min(equals + 1, option.size())));
  if (!value) return Error{kHex};
  if (value->empty()) return Error{"an option has no value"};
  if (key == "socket") {
    AppendOption("unix_socket", *value, url.connect);
    parts.shown_place = *value;
  } else if (key == "ssl_ca") {
    AppendOption("sslca", *value, url.connect);
    url.must_encrypt = true;
  } else {
    return Error{"the options are socket=PATH and ssl_ca=FILE"};
  }
  return {};
}

Result<DatabaseUrl> ParseMariadb(std::string_view rest) {
  if (!rest.starts_with("//")) return Error{"its form is mariadb://user:password@host:port/name"};
  rest.remove_prefix(2);
  DatabaseUrl url{.kind = DatabaseKind::kMariadb, .connect = "", .shown = ""};
  MariadbParts parts;
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return Error{"the database's name is missing: .../name"};
  const size_t at = rest.substr(0, slash).rfind('@');
  if (at != std::string_view::npos) {
    if (Status user = ParseUser(rest.substr(0, at), url.connect); !user.ok()) {
      return Error{user.error()};
    }
  }
  const size_t host_at = at == std::string_view::npos ? 0 : at + 1;
  if (Status host = ParseHost(rest.substr(host_at, slash - host_at), parts); !host.ok()) {
    return Error{host.error()};
  }
  rest.remove_prefix(slash + 1);
  const auto name = Decode(rest.substr(0, rest.find('?')));
  if (!name) return Error{kHex};
  if (name->empty()) return Error{"the database's name is missing: .../name"};
  AppendOption("host", parts.host, url.connect);
  AppendOption("port", parts.port, url.connect);
  AppendOption("db", *name, url.connect);
  for (size_t start = rest.find('?'); start != std::string_view::npos;) {
    const size_t end = rest.find('&', start + 1);
    const std::string_view option = rest.substr(start + 1, end - start - 1);
    if (Status read = ParseOption(option, parts, url); !read.ok()) return Error{read.error()};
    start = end;
  }
  const std::string& place = parts.shown_place.empty() ? parts.host : parts.shown_place;
  url.shown = "MariaDB at " + ShownPlace(place, parts.port) + "/" + *name;
  return url;
}

}  // namespace

Result<DatabaseUrl> DatabaseUrl::Parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return Error{"a NUL is in it"};
  const size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view rest = text.substr(std::min(text.size(), scheme.size() + 1));
  if (scheme == "sqlite") return ParseSqlite(rest);
  if (scheme == "postgresql" || scheme == "postgres") return ParsePostgresql(std::string(text));
  if (scheme == "mariadb" || scheme == "mysql") return ParseMariadb(rest);
  return Error{std::string(kForms)};
}

}  // namespace sluice
