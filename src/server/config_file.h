// The configuration as a whole: the defaults, the file over them, environment and flags over the
// file, then the routes, then the checks that need more than one setting. All of it before anything
// starts; an Error is one line that names the setting and where it came from.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/config.h"
#include "server/settings.h"
#include "sluice/base/result.h"

namespace sluice {

// A setting from outside the file.
struct Override {
  const Setting* setting;
  std::string text;
  std::string source;  // the variable or flag, for errors
};

// Without a file: the defaults. Later overrides beat earlier ones; a route without `ack` of its own
// takes the delivery.ack that results, and urgent.reserve_bytes, unless given, is an eighth of the
// delivery.inflight_bytes_max that results. A file without a [[route]] has the shipped routes.
Result<Config> LoadConfig(const std::optional<std::string>& file,
                          std::span<const Override> overrides);

// What one setting alone cannot get wrong; the error names both and the remedy.
Status CheckConfig(const Config& config);

// /v1/vitals, and /v1/questionnaires with its alias /submit_qol.
std::vector<RouteConfig> ShippedRoutes();

}  // namespace sluice
