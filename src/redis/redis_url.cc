#include "sluice/redis/redis_url.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "sluice/base/percent.h"

namespace sluice {
namespace {

struct Scheme {
  std::string_view text;
  RedisUrl::Mode mode = RedisUrl::Mode::kSingle;
  bool tls = false;
};
constexpr std::string_view kUnix = "unix://";
constexpr Scheme kSchemes[] = {
    {"redis://", RedisUrl::Mode::kSingle, false},
    {"rediss://", RedisUrl::Mode::kSingle, true},
    {kUnix, RedisUrl::Mode::kSingle, false},
    {"redis+cluster://", RedisUrl::Mode::kCluster, false},
    {"rediss+cluster://", RedisUrl::Mode::kCluster, true},
    {"redis+sentinel://", RedisUrl::Mode::kSentinel, false},
    {"rediss+sentinel://", RedisUrl::Mode::kSentinel, true},
};
constexpr uint16_t kRedisPort = 6379;
constexpr uint16_t kSentinelPort = 26379;
constexpr std::string_view kForms =
    "give redis://[user:password@]host:port[/db], redis+cluster://host:port,host:port, "
    "redis+sentinel://host:port,host:port/name, each with rediss for TLS, or unix:///path";

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

Result<Address> ParseHost(std::string_view text, uint16_t default_port) {
  std::string with_port(text);
  const bool bracketed = text.ends_with(']');
  if (bracketed || text.find(':') == std::string_view::npos) {
    with_port += ":" + std::to_string(default_port);
  }
  auto address = Address::Parse(with_port);
  if (address.ok() && address.value().port == 0) return Error{"the port is 0"};
  return address;
}

Status ParseHosts(std::string_view text, RedisUrl& url) {
  const bool sentinels = url.mode == RedisUrl::Mode::kSentinel;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    auto address =
        ParseHost(text.substr(begin, end - begin), sentinels ? kSentinelPort : kRedisPort);
    if (!address.ok()) return Error{address.error()};
    url.seeds.push_back(std::move(address.value()));
    begin = end + 1;
  }
  if (url.is_single() && url.seeds.size() > 1) {
    return Error{"several hosts are redis+cluster's or redis+sentinel's"};
  }
  url.address = url.seeds.front();
  return {};
}

// What stands behind the hosts: `/db`, of sentinels `/name[/db]`, of a cluster nothing.
Status ParsePath(std::string_view path, RedisUrl& url) {
  if (url.mode == RedisUrl::Mode::kSentinel) {
    const size_t end = std::min(path.find('/', 1), path.size());
    auto name = path.size() > 1 ? PercentDecode(path.substr(1, end - 1)) : std::nullopt;
    if (!name || name->empty()) return Error{"the primary's name is missing behind the sentinels"};
    url.primary = std::move(*name);
    path = path.substr(end);
  }
  if (path.size() <= 1) return {};
  if (url.mode == RedisUrl::Mode::kCluster) return Error{"a cluster has no numbered databases"};
  return ParseDb(path.substr(1), url);
}

Status ParseTcp(std::string_view rest, RedisUrl& url) {
  const size_t slash = std::min(rest.find('/'), rest.size());
  if (Status path = ParsePath(rest.substr(slash), url); !path.ok()) return path;
  return ParseHosts(rest.substr(0, slash), url);
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
  const auto* const scheme =
      std::find_if(std::begin(kSchemes), std::end(kSchemes),
                   [text](const Scheme& each) { return text.starts_with(each.text); });
  if (scheme == std::end(kSchemes)) return Error{std::string(kForms)};
  RedisUrl url;
  url.mode = scheme->mode;
  url.tls = scheme->tls;
  std::string_view rest = text.substr(scheme->text.size());
  // A password may hold an @ only percent-encoded, and a path none before its first slash.
  const size_t at = rest.substr(0, rest.find('/')).rfind('@');
  if (at != std::string_view::npos) {
    if (Status user = ParseUserInfo(rest.substr(0, at), url); !user.ok()) {
      return Error{user.error()};
    }
    rest = rest.substr(at + 1);
  }
  const Status place = scheme->text == kUnix ? ParseUnixPath(rest, url) : ParseTcp(rest, url);
  if (!place.ok()) return Error{place.error() + "; " + std::string(kForms)};
  return url;
}

}  // namespace sluice
