// The program's command line and environment, as one Config and what to do with it. Prints help,
// version and errors itself; nothing it prints holds a password, and no exception leaves it.
#pragma once

#include <ostream>

#include "server/config.h"
#include "server/journal_command.h"
#include "server/token_command.h"

namespace sluice {

struct CommandLine {
  enum class Action {
    kRun,
    kReady,    // ask the gate that runs with `config` whether it is ready (ready_command.h)
    kCheck,    // print the configuration (config_printer.h) and leave
    kJournal,  // see `journal`
    kToken,    // see `token`
    kDoctor,   // of `config`
    kExit,     // all is said; leave with `exit_code`
  };
  Action action = Action::kExit;
  int exit_code = 0;  // 0 after help or version, 2 after an error
  Config config;
  JournalCommand journal = {};
  TokenCommand token = {};
  bool json = false;  // of kDoctor: JSON where lines stood
};

// Settings are taken as program_arguments.h says. `argv` and `environment` as main() has them, each
// ended by a null pointer.
CommandLine ParseCommandLine(int argc, const char* const* argv, const char* const* environment,
                             std::ostream& out, std::ostream& err);

}  // namespace sluice
