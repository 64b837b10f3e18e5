// Redirect: an error by which Redis says that a key is another node's, or nobody's for now. What it
// was said to was not applied.
// https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/net/address.h"

namespace sluice {

struct Redirect {
  enum class Kind : uint8_t {
    kMoved,  // the slot is the node's at `address`
    kAsk,    // this once, the key is at `address`, which takes it behind ASKING
    kWait,   // TRYAGAIN, CLUSTERDOWN, READONLY, LOADING, MASTERDOWN: later, and perhaps elsewhere
  };

  Kind kind = Kind::kWait;
  std::string address;  // host:port; ":port" where the host is the one that was asked
  std::string error;    // in full

  // Where to go, as the node at `from` said; nothing where it is to wait, or nobody can say.
  std::optional<Address> Target(const Address& from) const;

  static std::optional<Redirect> Parse(std::string_view error);
};

}  // namespace sluice
