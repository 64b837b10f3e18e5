// The effective configuration as TOML, for --check: what it prints reads back (config_file.h) as
// the same configuration, except for passwords, which it prints as ***.
#pragma once

#include <ostream>

#include "server/config.h"

namespace sluice {

void PrintConfig(const Config& config, std::ostream& out);

}  // namespace sluice
