#include "sluice/gateway/router.h"

namespace sluice {

Router::Router(const std::vector<Route>& routes) {
  for (uint32_t i = 0; i < routes.size(); ++i) {
    entries_.push_back({routes[i].path, i});
    for (const std::string& alias : routes[i].aliases) entries_.push_back({alias, i});
  }
}

uint32_t Router::Find(std::string_view path) const {
  for (const Entry& entry : entries_) {
    if (entry.path == path) return entry.route;
  }
  return kNotFound;
}

}  // namespace sluice
