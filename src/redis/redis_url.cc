#include "sluice/redis/redis_url.h"

#include <charconv>

#include "sluice/base/percent.h"

namespace sluice {
namespace {

constexpr std::string_view kTcp = "redis://";
constexpr std::string_view kTls = "rediss://";
constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kForms =
    "give redis://[user:password@]host:port[/db], the same with rediss:// for TLS, or unix:///path";

Status ParseUserInfo(std::string_view text, RedisUrl& url) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return Error{"a user needs a password: user:password@"};
  auto user = PercentDecode(text.substr(0, colon));
  auto password = PercentDecode(text.substr(colon + 1));
  if (!user || !password) return Error{"a % in the user or password needs two hex digits"};
  if (password->empty()) return Error{"the password is empty"};
  url.user = std::move(*user);
  url.password = std::move(*password);
  return {};
}

Status ParseDb(std::string_view text, RedisUrl& url) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), url.db);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error{"the database is not a number"};
  }
  return {};
}

Status ParseTcp(std::string_view rest, RedisUrl& url) {
  const size_t slash = rest.find('/');
  if (slash != std::string_view::npos) {
    if (slash + 1 < rest.size()) {
      if (Status db = ParseDb(rest.substr(slash + 1), url); !db.ok()) return db;
    }
    rest = rest.substr(0, slash);
  }
  std::string with_port(rest);
  const bool bracketed = rest.ends_with(']');
  if (bracketed || rest.find(':') == std::string_view::npos) with_port += ":6379";
  auto address = Address::Parse(with_port);
  if (!address.ok()) return Error{address.error()};
  if (address.value().port == 0) return Error{"the port is 0"};
  url.address = std::move(address.value());
  return {};
}

Status ParseUnixPath(std::string_view rest, RedisUrl& url) {
  const size_t query = rest.find('?');
  if (query != std::string_view::npos) {
    const std::string_view option = rest.substr(query + 1);
    if (!option.starts_with("db=")) return Error{"the only option of a unix socket is ?db=N"};
    if (Status db = ParseDb(option.substr(3), url); !db.ok()) return db;
    rest = rest.substr(0, query);
  }
  auto address = Address::Parse(std::string(kUnix) + std::string(rest));
  if (!address.ok()) return Error{address.error()};
  url.address = std::move(address.value());
  return {};
}

}  // namespace

Result<RedisUrl> RedisUrl::Parse(std::string_view text) {
  RedisUrl url;
  url.tls = text.starts_with(kTls);
  const bool is_unix = text.starts_with(kUnix);
  if (!is_unix && !url.tls && !text.starts_with(kTcp)) return Error{std::string(kForms)};
  const std::string_view scheme = is_unix ? kUnix : url.tls ? kTls : kTcp;
  std::string_view rest = text.substr(scheme.size());
  // A password may hold an @ only percent-encoded, and a path none before its first slash.
  const size_t at = rest.substr(0, rest.find('/')).rfind('@');
  if (at != std::string_view::npos) {
    if (Status user = ParseUserInfo(rest.substr(0, at), url); !user.ok()) {
      return Error{user.error()};
    }
    rest = rest.substr(at + 1);
  }
  const Status place = is_unix ? ParseUnixPath(rest, url) : ParseTcp(rest, url);
  if (!place.ok()) return Error{place.error() + "; " + std::string(kForms)};
  return url;
}

}  // namespace sluice
