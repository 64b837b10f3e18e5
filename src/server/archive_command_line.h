// The command line and environment of sluice-archive, as one Config and what to do with it. Prints
// help, version and errors itself; nothing it prints holds a password, and no exception leaves it.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "server/config.h"

namespace sluice {

struct ArchiveCommandLine {
  enum class Action {
    kRun,
    kCheck,  // print the configuration (config_printer.h) and leave
    kExit,   // all is said; leave with `exit_code`
  };
  Action action = Action::kExit;
  int exit_code = 0;  // 0 after help or version, 2 after an error
  Config config;
  std::vector<std::string> routes;  // paths or aliases as given; none: all
  bool once = false;                // archive what is there and leave
};

// Settings are taken as program_arguments.h says. `argv` and `environment` as main() has them, each
// ended by a null pointer.
ArchiveCommandLine ParseArchiveCommandLine(int argc, const char* const* argv,
                                           const char* const* environment, std::ostream& out,
                                           std::ostream& err);

}  // namespace sluice
