#include "server/token_file.h"

#include <sys/stat.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "server/text.h"
#include "server/text_file.h"
#include "server/toml_table.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

constexpr std::array<std::string_view, 7> kTokenKeys = {
    "sha256", "cn", "routes", "keys", "key_prefixes", "records_per_second", "bytes_per_second"};

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool IsName(std::string_view text, size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::none_of(text.begin(), text.end(), IsControl);
}

class TokenReader {
 public:
  TokenReader(const toml::table& source, std::string_view id, TomlErrors& errors)
      : table_(source, Shown(id), errors) {}
  TokenReader(const TokenReader&) = delete;
  TokenReader& operator=(const TokenReader&) = delete;

  // `routes` may be null.
  Token Read(std::string_view id, const std::vector<Route>* routes, size_t body_bytes_max);
  void Fail(std::string_view key, std::string_view what) const { table_.Fail(key, what); }

 private:
  void ReadCredentials(Token& token);
  void ReadRoutes(const std::vector<Route>* routes, Token& token);
  std::vector<std::string> ReadKeys(std::string_view key);
  RateLimit ReadRate(std::string_view key, uint64_t burst_min);

  bool Has(std::string_view key) const { return table_.Find(key) != nullptr; }

  const TomlTable table_;
};

Token TokenReader::Read(std::string_view id, const std::vector<Route>* routes,
                        size_t body_bytes_max) {
  Token token{.id = std::string(id)};
  table_.RefuseUnknown(kTokenKeys);
  ReadCredentials(token);
  ReadRoutes(routes, token);
  std::vector<std::string> keys = ReadKeys("keys");
  token.keys = KeyRule(std::move(keys), ReadKeys("key_prefixes"));
  token.records = ReadRate("records_per_second", 1);
  // A chunked body is counted as it comes, and one of the largest must be able to.
  token.bytes = ReadRate("bytes_per_second", body_bytes_max);
  return token;
}

void TokenReader::ReadCredentials(Token& token) {
  if (Has("sha256") == Has("cn")) {
    const std::string_view both = Has("cn") ? "stands beside cn" : "is missing, and cn too";
    return table_.Fail("sha256", std::string(both) + "; give one of the two");
  }
  std::string text;
  if (Has("cn")) {
    table_.Read("cn", &token.common_name);
    if (IsName(token.common_name, kCommonNameBytesMax)) return;
    return table_.Fail("cn", "must have 1 to " + std::to_string(kCommonNameBytesMax) +
                                 " bytes without control characters");
  }
  table_.Read("sha256", &text);
  token.secret = ParseDigest(text);
  if (!token.secret) {
    table_.Fail("sha256",
                "is not 64 hexadecimal digits; give the SHA-256 of the secret, or make "
                "the line with sluice token new");
  }
}

void TokenReader::ReadRoutes(const std::vector<Route>* routes, Token& token) {
  if (!Has("routes")) return;
  std::vector<std::string> paths;
  table_.Read("routes", &paths);
  if (paths.empty()) table_.Fail("routes", "is empty; name a route, or leave it out for any");
  token.routes = 0;
  for (const std::string& path : paths) {
    if (!path.starts_with('/')) table_.Fail("routes", Shown(path) + " does not begin with /");
    if (routes == nullptr) continue;
    const auto at = std::find_if(routes->begin(), routes->end(), [&path](const Route& route) {
      return route.path == path ||
             std::find(route.aliases.begin(), route.aliases.end(), path) != route.aliases.end();
    });
    if (at != routes->end()) {
      token.routes |= uint64_t{1} << (at - routes->begin());
      continue;
    }
    std::vector<std::string_view> known;
    for (const Route& route : *routes) known.push_back(route.path);
    table_.Fail("routes", Shown(path) + " is no route of the configuration; give one that is" +
                              Suggestion(path, known));
  }
}

std::vector<std::string> TokenReader::ReadKeys(std::string_view key) {
  std::vector<std::string> values;
  if (!Has(key)) return values;
  table_.Read(key, &values);
  if (values.empty()) table_.Fail(key, "is empty; name one, or leave it out");
  if (values.size() > kTokenKeysMax) {
    table_.Fail(key, "there are " + std::to_string(values.size()) + "; at most " +
                         std::to_string(kTokenKeysMax) + " are allowed");
  }
  for (const std::string& value : values) {
    if (!value.empty() && value.size() <= kTokenKeyBytesMax) continue;
    table_.Fail(key, "each must have 1 to " + std::to_string(kTokenKeyBytesMax) + " bytes");
  }
  return values;
}

RateLimit TokenReader::ReadRate(std::string_view key, uint64_t burst_min) {
  if (!Has(key)) return {};
  int64_t rate = 1;
  table_.ReadInteger(key, 1, kTokenRateMax, &rate);
  const auto per_second = static_cast<uint64_t>(rate);
  return {per_second, std::max(per_second, burst_min)};
}

// What stands in front of the line's equals sign: its id, as it is spelt.
std::string_view IdOnLine(std::string_view text, size_t line) {
  for (; line > 1; --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  text = text.substr(0, text.find_first_of("=\n"));
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// What toml++ says of a line may quote it; of a line with a digest only the id is quoted.
std::string WhyNoToml(const toml::parse_error& error, std::string_view text) {
  if (error.description().find("cannot redefine") != std::string_view::npos) {
    return Shown(IdOnLine(text, error.source().begin.line)) +
           " is there already; give each token an id of its own";
  }
  return "is not TOML; give a line a token, such as \"id\" = { sha256 = \"...\" }";
}

}  // namespace

Result<std::vector<Token>> ReadTokens(std::string_view text, const std::string& file,
                                      const std::vector<Route>* routes, size_t body_bytes_max) {
  TomlErrors errors(file);
  toml::table lines;
  try {
    lines = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    errors.Add(error.source(), WhyNoToml(error, text));
    return Error{errors.first().error()};
  }
  if (lines.size() > kTokensMax) {
    return Error{file + ": there are " + std::to_string(lines.size()) + " tokens; at most " +
                 std::to_string(kTokensMax) + " are allowed"};
  }
  std::vector<Token> tokens;
  tokens.reserve(lines.size());
  std::set<SecretDigest> secrets;
  std::set<std::string_view> common_names;
  for (const auto& [id, value] : lines) {
    if (!IsName(id.str(), kTokenIdBytesMax)) {
      errors.Add(id.source(), "an id must have 1 to " + std::to_string(kTokenIdBytesMax) +
                                  " bytes without control characters");
    } else if (!value.is_table()) {
      errors.Add(value.source(),
                 Shown(id.str()) + ": expected a table, not " + std::string(TypeName(value)));
    } else {
      TokenReader reader(*value.as_table(), id.str(), errors);
      tokens.push_back(reader.Read(id.str(), routes, body_bytes_max));
      const Token& token = tokens.back();
      if (token.secret && !secrets.insert(*token.secret).second) {
        reader.Fail("sha256", "another token has it already; give each a secret of its own");
      }
      if (!token.common_name.empty() && !common_names.insert(token.common_name).second) {
        reader.Fail("cn", "another token has it already; give each a name of its own");
      }
    }
    if (!errors.first()) return Error{errors.first().error()};
  }
  return tokens;
}

Result<std::shared_ptr<const TokenSet>> LoadTokens(const Config& config,
                                                   const std::vector<Route>& routes,
                                                   const TokenSet* before) {
  if (config.auth.tokens.empty()) return std::shared_ptr<const TokenSet>();
  const auto text = ReadTextFile(config.auth.tokens);
  if (!text) return Error{"auth.tokens: " + text.error()};
  auto tokens = ReadTokens(text.value(), config.auth.tokens, &routes, config.http.body_bytes_max);
  if (!tokens) return Error{"auth.tokens: " + tokens.error()};
  return std::shared_ptr<const TokenSet>(
      std::make_shared<TokenSet>(std::move(tokens.value()), before));
}

bool IsOpenToOthers(const std::string& file) {
  struct stat info {};
  return ::stat(file.c_str(), &info) == 0 && (info.st_mode & (S_IWGRP | S_IRWXO)) != 0;
}

}  // namespace sluice
