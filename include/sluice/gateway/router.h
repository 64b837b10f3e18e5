// Router: a path to its route's index, exact match. With the few routes there are, comparing
// lengths first and walking beats hashing. Read-only after construction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/gateway/route.h"

namespace sluice {

class Router {
 public:
  static constexpr uint32_t kNotFound = UINT32_MAX;

  explicit Router(const std::vector<Route>& routes);
  uint32_t Find(std::string_view path) const;

 private:
  struct Entry {
    std::string path;
    uint32_t route;
  };
  std::vector<Entry> entries_;
};

}  // namespace sluice
