// The tokens file (auth.tokens): TOML, a line a token,
//
//   "band-000123" = { sha256 = "<64 hex digits>", routes = ["/v1/vitals"], keys = ["band-000123"],
//                     key_prefixes = ["band-"], records_per_second = 100, bytes_per_second = 65536
//                     }
//
// with `cn = "<common name of a client certificate>"` instead of sha256 where that is what proves
// it. What is left out is not limited; of keys and key_prefixes, one is enough to be limited. An
// Error is one line with the file, the place and the id, never a digest, and nothing of the file is
// taken then.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/config.h"
#include "sluice/base/result.h"
#include "sluice/gateway/route.h"
#include "sluice/gateway/token.h"
#include "sluice/gateway/token_set.h"

namespace sluice {

// `file` is only named. Without routes (null) any path will do.
Result<std::vector<Token>> ReadTokens(std::string_view text, const std::string& file,
                                      const std::vector<Route>* routes, size_t body_bytes_max);

// The configuration's; null where it has no file. `before`: those that they replace, or null.
Result<std::shared_ptr<const TokenSet>> LoadTokens(const Config& config,
                                                   const std::vector<Route>& routes,
                                                   const TokenSet* before);

// Whether others may read it, or its group write: its digests are no secrets, but its ids and keys
// tell who is who, and who may write it makes tokens.
bool IsOpenToOthers(const std::string& file);

}  // namespace sluice
