// What is said of the tokens while the server runs: their reload on SIGHUP, and doors that are
// open. Main thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/config.h"
#include "sluice/gateway/route.h"
#include "sluice/gateway/token_set.h"

namespace sluice {

// The file anew, or null where it cannot be taken; the log says which, and how many there are.
std::shared_ptr<const TokenSet> ReloadTokens(const Config& config, const std::vector<Route>& routes,
                                             const TokenSet& before);

// What is wrong with a gate that takes requests from anybody on a network, and what helps.
inline constexpr std::string_view kOpenDoors =
    "http.listen is on a network, where anybody may post and read along";
inline constexpr std::string_view kOpenDoorsRemedy =
    "set tls.certificate or auth.tokens, or listen on loopback";
// Whether it is one. `listens`: the data port's addresses, joined by " and ".
bool HasOpenDoors(const Config& config, const std::string& listens);

// One line each: a tokens file that others may read, and a gate that takes requests from anybody on
// a network.
void WarnOfOpenDoors(const Config& config, const std::string& listens);

}  // namespace sluice
