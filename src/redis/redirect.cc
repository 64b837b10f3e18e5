#include "sluice/redis/redirect.h"

#include <charconv>

namespace sluice {

// The host may be a v6 address, without brackets.
std::optional<Address> Redirect::Target(const Address& from) const {
  const size_t colon = address.rfind(':');
  if (kind == Kind::kWait || colon == std::string::npos) return std::nullopt;
  Address to{.host = address.substr(0, colon), .port = 0, .path = ""};
  const char* const end = address.data() + address.size();
  const auto [rest, fault] = std::from_chars(address.data() + colon + 1, end, to.port);
  if (fault != std::errc() || rest != end || to.port == 0 || to.host == "?") return std::nullopt;
  if (to.host.empty()) to.host = from.host;
  return to;
}

std::optional<Redirect> Redirect::Parse(std::string_view error) {
  const std::string_view code = error.substr(0, error.find(' '));
  if (code == "MOVED" || code == "ASK") {
    const size_t at = error.rfind(' ');
    if (at == std::string_view::npos || at == code.size()) return std::nullopt;  // no address
    return Redirect{.kind = code == "ASK" ? Kind::kAsk : Kind::kMoved,
                    .address = std::string(error.substr(at + 1)),
                    .error = std::string(error)};
  }
  for (const std::string_view wait :
       {"TRYAGAIN", "CLUSTERDOWN", "READONLY", "LOADING", "MASTERDOWN"}) {
    if (code == wait)
      return Redirect{.kind = Kind::kWait, .address = "", .error = std::string(error)};
  }
  return std::nullopt;
}

}  // namespace sluice
