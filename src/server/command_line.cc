#include "server/command_line.h"

#include <CLI/CLI.hpp>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "server/program_arguments.h"

namespace sluice {
namespace {

constexpr std::array<SettingFlag, 5> kFlags = {{
    {"--listen", "ADDR", "http", "listen"},
    {"--admin", "ADDR", "admin", "listen"},
    {"--redis", "URL", "redis", "url"},
    {"--workers", "N", "http", "workers"},
    {"--takeover", nullptr, "http", "takeover"},
}};

// `sluice ready`, with the settings' flags before or behind it.
void AddReadyCommand(CLI::App& app, bool& given) {
  CLI::App* ready = app.add_subcommand(
      "ready", "ask the gate that runs with these settings whether it is ready; exit code 0 or 1");
  ready->fallthrough();
  ready->callback([&given] { given = true; });
}

// `sluice journal ls DIR`: adds the subcommand, which fills `command` and sets `given`.
void AddJournalCommand(CLI::App& app, JournalCommand& command, bool& given) {
  struct JournalVerb {
    const char* name;
    const char* help;
    JournalCommand::Verb verb;
  };
  constexpr std::array<JournalVerb, 3> kVerbs = {{
      {"ls", "a line for each file of the journal", JournalCommand::Verb::kList},
      {"verify", "a line for each damaged run of bytes; exit code 1 if there is any",
       JournalCommand::Verb::kVerify},
      {"cat", "a line of JSON for each record", JournalCommand::Verb::kPrint},
  }};
  CLI::App* journal = app.add_subcommand(
      "journal", "journal ls|verify|cat DIR: show what is in a journal, and change nothing");
  journal->require_subcommand(1);
  for (const JournalVerb& verb : kVerbs) {
    CLI::App* sub = journal->add_subcommand(verb.name, verb.help);
    sub->add_option("DIR", command.dir, "the journal.dir of a gate, running or not")->required();
    sub->add_flag("--json", command.json, "lines of JSON");
    sub->callback([&command, &given, verb] {
      command.verb = verb.verb;
      given = true;
    });
  }
}

// `sluice token new ...`, in the same way.
void AddTokenCommand(CLI::App& app, TokenCommand& command, bool& given) {
  CLI::App* token =
      app.add_subcommand("token", "token new --file FILE --id ID: add a token to a tokens file");
  token->require_subcommand(1);
  CLI::App* add = token->add_subcommand("new", "add a line, and print the secret, once");
  const auto text = [add](const char* name, const char* type, std::string& value,
                          const char* help) {
    return add->add_option(name, value, help)->type_name(type);
  };
  // One value a flag.
  const auto list = [add](const char* name, const char* type, std::vector<std::string>& values,
                          const char* help) {
    add->add_option(name, values, help)->type_name(type)->allow_extra_args(false);
  };
  text("--file", "FILE", command.file,
       "the tokens file; made, for its owner alone, if it is not there")
      ->required();
  text("--id", "ID", command.id, "what the token is called")->required();
  text("--cn", "NAME", command.common_name,
       "no secret: a client certificate of this common name is the token");
  list("--route", "PATH", command.routes, "it may post here; any number of them, none: anywhere");
  list("--key", "VALUE", command.keys, "it may write records of this key; none: of any");
  list("--key-prefix", "PREFIX", command.key_prefixes, "and of keys that begin like this");
  add->add_option("--records-per-second", command.records_per_second, "its rate; none: no limit")
      ->type_name("N");
  add->add_option("--bytes-per-second", command.bytes_per_second, "its rate; none: no limit")
      ->type_name("N");
  add->callback([&given] { given = true; });
}

// `sluice doctor`, with the settings' flags before or behind it.
void AddDoctorCommand(CLI::App& app, bool& json, bool& given) {
  CLI::App* doctor = app.add_subcommand(
      "doctor", "doctor [--json]: say what is wrong before production does, in Redis and here");
  doctor->fallthrough();
  doctor->add_flag("--json", json, "one JSON object");
  doctor->footer("Takes the settings of a gate: the flags and variables that sluice --help names.");
  doctor->callback([&given] { given = true; });
}

CommandLine Leaving(int exit_code) { return {CommandLine::Action::kExit, exit_code, {}, {}, {}}; }

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv, const char* const* environment,
                             std::ostream& out, std::ostream& err) {
  ProgramArguments arguments(
      "sluice", "Takes JSON records over HTTP and commits them to Redis Streams.", kFlags);
  bool is_ready = false;
  AddReadyCommand(arguments.app(), is_ready);
  CommandLine journal{CommandLine::Action::kJournal, 0, {}, {}, {}};
  bool is_journal = false;
  AddJournalCommand(arguments.app(), journal.journal, is_journal);
  CommandLine token{CommandLine::Action::kToken, 0, {}, {}, {}};
  bool is_token = false;
  AddTokenCommand(arguments.app(), token.token, is_token);
  CommandLine doctor{CommandLine::Action::kDoctor, 0, {}, {}, {}};
  bool is_doctor = false;
  AddDoctorCommand(arguments.app(), doctor.json, is_doctor);
  // First the flags' own word: --help answers whatever the environment holds.
  if (const auto exit_code = arguments.Parse(argc, argv, out, err)) return Leaving(*exit_code);
  if (is_journal) return journal;
  if (is_token) return token;
  if (is_doctor && arguments.check()) {
    return Leaving(arguments.Refuse("doctor and --check are two commands; give one", err));
  }
  Result<Config> config = arguments.Load(environment);
  if (!config) return Leaving(arguments.Refuse(config.error(), err));
  if (is_doctor) {
    doctor.config = std::move(config.value());
    return doctor;
  }
  if (is_ready) return {CommandLine::Action::kReady, 0, std::move(config.value()), {}, {}};
  return {arguments.check() ? CommandLine::Action::kCheck : CommandLine::Action::kRun,
          0,
          std::move(config.value()),
          {},
          {}};
}

}  // namespace sluice
