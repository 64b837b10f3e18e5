// `sluice doctor`: says in plain lines what is wrong, before production does: in Redis, on this
// machine, and in the files that the configuration names. It reads what a gate would read, changes
// nothing, and may be run beside one.
#pragma once

#include <ostream>

#include "server/config.h"

namespace sluice {

// The exit code: 0; 1 where there is a problem; 2 where no gate could be made of the configuration,
// or the report cannot be written, which `err` explains in one line.
int RunDoctorCommand(const Config& config, bool json, std::ostream& out, std::ostream& err);

}  // namespace sluice
