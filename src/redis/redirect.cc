#include "sluice/redis/redirect.h"

namespace sluice {

std::optional<Redirect> Redirect::Parse(std::string_view error) {
  const std::string_view code = error.substr(0, error.find(' '));
  if (code == "MOVED" || code == "ASK") {
    const size_t at = error.rfind(' ');
    if (at == std::string_view::npos || at == code.size()) return std::nullopt;  // no address
    return Redirect{.kind = code == "ASK" ? Kind::kAsk : Kind::kMoved,
                    .address = std::string(error.substr(at + 1))};
  }
  for (const std::string_view wait :
       {"TRYAGAIN", "CLUSTERDOWN", "READONLY", "LOADING", "MASTERDOWN"}) {
    if (code == wait) return Redirect{.kind = Kind::kWait, .address = ""};
  }
  return std::nullopt;
}

}  // namespace sluice
