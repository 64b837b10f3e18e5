#include "server/token_reload.h"

#include <algorithm>
#include <string_view>

#include "server/token_file.h"
#include "sluice/base/log.h"
#include "sluice/net/address.h"

namespace sluice {
namespace {

bool IsOnNetwork(std::string_view listens) {
  constexpr std::string_view kAnd = " and ";
  while (!listens.empty()) {
    const size_t end = std::min(listens.find(kAnd), listens.size());
    const Result<Address> address = Address::Parse(listens.substr(0, end));
    if (!address || !address.value().is_local()) return true;
    listens.remove_prefix(std::min(end + kAnd.size(), listens.size()));
  }
  return false;
}

void WarnOfOpenFile(const Config& config) {
  if (config.auth.tokens.empty() || !IsOpenToOthers(config.auth.tokens)) return;
  Log(LogLevel::kWarning, "auth.tokens is open to others than its owner; chmod 600 it",
      {{"file", config.auth.tokens}});
}

}  // namespace

std::shared_ptr<const TokenSet> ReloadTokens(const Config& config, const std::vector<Route>& routes,
                                             const TokenSet& before) {
  WarnOfOpenFile(config);
  auto tokens = LoadTokens(config, routes, &before);
  if (!tokens) {
    Log(LogLevel::kError, "the tokens are not reloaded, the old ones stay; mend it and send SIGHUP",
        {{"reason", tokens.error()}});
    return nullptr;
  }
  const size_t count = tokens.value()->size();
  if (count == 0) {
    Log(LogLevel::kWarning, "auth.tokens names no tokens any more, so every request is refused",
        {{"file", config.auth.tokens}});
  }
  Log(LogLevel::kInfo, "tokens reloaded", {{"tokens", count}});
  return tokens.value();
}

bool HasOpenDoors(const Config& config, const std::string& listens) {
  const bool closed = !config.auth.tokens.empty() || !config.tls.certificate.empty();
  return !closed && IsOnNetwork(listens);
}

void WarnOfOpenDoors(const Config& config, const std::string& listens) {
  WarnOfOpenFile(config);
  if (!HasOpenDoors(config, listens)) return;
  Log(LogLevel::kWarning, std::string(kOpenDoors) + "; " + std::string(kOpenDoorsRemedy),
      {{"listen", listens}});
}

}  // namespace sluice
