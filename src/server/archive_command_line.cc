#include "server/archive_command_line.h"

#include <CLI/CLI.hpp>
#include <array>
#include <utility>

#include "server/program_arguments.h"

namespace sluice {
namespace {

constexpr std::array<SettingFlag, 3> kFlags = {{
    {"--redis", "URL", "redis", "url"},
    {"--database", "URL", "archive", "database"},
    {"--admin", "ADDR", "archive", "listen"},
}};

}  // namespace

ArchiveCommandLine ParseArchiveCommandLine(int argc, const char* const* argv,
                                           const char* const* environment, std::ostream& out,
                                           std::ostream& err) {
  using Action = ArchiveCommandLine::Action;
  ProgramArguments arguments("sluice-archive",
                             "Moves the entries of Redis Streams into an SQL database.", kFlags);
  ArchiveCommandLine line;
  arguments.app()
      .add_option("--route", line.routes,
                  "archive the stream of this route alone; any number of them, none: of all")
      ->type_name("PATH")
      ->allow_extra_args(false);
  arguments.app().add_flag("--once", line.once, "archive what is there and leave");
  // First the flags' own word: --help answers whatever the environment holds.
  if (const auto exit_code = arguments.Parse(argc, argv, out, err)) {
    line.exit_code = *exit_code;
    return line;
  }
  Result<Config> config = arguments.Load(environment);
  if (!config) {
    line.exit_code = arguments.Refuse(config.error(), err);
    return line;
  }
  line.action = arguments.check() ? Action::kCheck : Action::kRun;
  line.config = std::move(config.value());
  return line;
}

}  // namespace sluice
