// Reads the [[route]] tables of a configuration file: paths, streams, the fields that become each
// route's schema, and the alert rules on them. What is wrong goes to `errors`; the routes are
// complete only if they stay without one. At most kRoutesMax routes; a path or alias leads to one
// route.
#pragma once

#include <vector>

#include "server/config.h"
#include "server/toml_table.h"

namespace sluice {

// `file` is the whole document; `ack` is delivery.ack, for the routes that name none.
std::vector<RouteConfig> ReadRoutes(const TomlTable& file, Ack ack, TomlErrors& errors);

}  // namespace sluice
