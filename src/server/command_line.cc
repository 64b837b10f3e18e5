#include "server/command_line.h"

#include <CLI/CLI.hpp>
#include <array>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/config_file.h"
#include "server/settings.h"
#include "server/text.h"

namespace sluice {
namespace {

constexpr int kUsageExitCode = 2;
constexpr std::string_view kPrefix = "SLUICE_";
constexpr std::string_view kFileVariable = "SLUICE_CONFIG";

// Flags that are short names of settings.
struct SettingFlag {
  const char* name;
  const char* value_name;
  std::string_view section;
  std::string_view key;
};
constexpr std::array<SettingFlag, 5> kSettingFlags = {{
    {"--listen", "ADDR", "http", "listen"},
    {"--admin", "ADDR", "admin", "listen"},
    {"--redis", "URL", "redis", "url"},
    {"--workers", "N", "http", "workers"},
    {"--takeover", nullptr, "http", "takeover"},  // true where it is given
}};

// What environment and flags say, in rising precedence.
struct Given {
  std::optional<std::string> file;
  std::vector<Override> overrides;
};

const Setting* FindVariable(std::string_view name) {
  for (const Setting& setting : Settings()) {
    if (EnvironmentName(setting) == name) return &setting;
  }
  return nullptr;
}

Error UnknownVariable(std::string_view name) {
  std::vector<std::string> names = {std::string(kFileVariable)};
  for (const Setting& setting : Settings()) names.push_back(EnvironmentName(setting));
  const std::vector<std::string_view> known(names.begin(), names.end());
  return Error{"unknown variable " + Shown(name) + Suggestion(name, known)};
}

Status ReadEnvironment(const char* const* environment, Given& given) {
  for (; *environment != nullptr; ++environment) {
    const std::string_view variable = *environment;
    const size_t equals = variable.find('=');
    if (!variable.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    const std::string_view name = variable.substr(0, equals);
    const std::string text(variable.substr(equals + 1));
    if (name == kFileVariable) {
      given.file = text;
    } else if (const Setting* setting = FindVariable(name)) {
      given.overrides.push_back({setting, text, std::string(name)});
    } else {
      return UnknownVariable(name);
    }
  }
  return {};
}

std::string SettingsHelp() {
  const Config defaults;
  std::string text =
      "Settings, with variable and default; a [section] holds the key in the file:\n";
  for (const Setting& setting : Settings()) {
    text += "  " + SettingName(setting) + "  " + EnvironmentName(setting) + "  " +
            PrintSetting(setting, defaults) + "\n      " + std::string(setting.help) + "\n";
  }
  return text;
}

CommandLine Refuse(std::ostream& err, std::string_view what) {
  err << "sluice: " << what << "\n";
  return {CommandLine::Action::kExit, kUsageExitCode, {}, {}, {}};
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

// Puts the flags over what the environment gave. Returns a CommandLine if there is no more to do.
std::optional<CommandLine> ReadFlags(int argc, const char* const* argv, Given& given, bool& check,
                                     std::ostream& out, std::ostream& err) {
  CLI::App app("Takes JSON records over HTTP and commits them to Redis Streams.", "sluice");
  app.set_help_flag("--help", "print this and leave");
  app.set_version_flag("--version", "sluice " SLUICE_VERSION, "print the version and leave");
  std::string file;
  const CLI::Option* file_option =
      app.add_option("--config", file, "the TOML file, also SLUICE_CONFIG")->type_name("FILE");
  std::array<std::string, kSettingFlags.size()> texts;
  std::array<const CLI::Option*, kSettingFlags.size()> options;
  for (size_t i = 0; i < kSettingFlags.size(); ++i) {
    const SettingFlag& flag = kSettingFlags[i];
    const Setting& setting = *FindSetting(flag.section, flag.key);
    const std::string help = SettingName(setting) + ": " + std::string(setting.help);
    options[i] = flag.value_name != nullptr
                     ? app.add_option(flag.name, texts[i], help)->type_name(flag.value_name)
                     : app.add_flag(flag.name + std::string("{true}"), texts[i], help);
  }
  app.add_flag("--check", check, "print the effective configuration and leave");
  CommandLine journal{CommandLine::Action::kJournal, 0, {}, {}, {}};
  bool is_journal = false;
  AddJournalCommand(app, journal.journal, is_journal);
  CommandLine token{CommandLine::Action::kToken, 0, {}, {}, {}};
  bool is_token = false;
  AddTokenCommand(app, token.token, is_token);
  app.footer("Flags beat environment beats file beats default.\n\n" + SettingsHelp());
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    out << app.help();
    return CommandLine{};
  } catch (const CLI::CallForVersion& version) {
    out << version.what() << "\n";
    return CommandLine{};
  } catch (const CLI::ExtrasError&) {
    return Refuse(err, "unexpected argument " + Quoted(HidePassword(app.remaining(true).front())));
  } catch (const std::exception& error) {
    return Refuse(err, HidePassword(error.what()));
  }
  if (is_journal) return journal;
  if (is_token) return token;
  if (file_option->count() > 0) given.file = file;
  for (size_t i = 0; i < kSettingFlags.size(); ++i) {
    const SettingFlag& flag = kSettingFlags[i];
    if (options[i]->count() == 0) continue;
    given.overrides.push_back({FindSetting(flag.section, flag.key), texts[i], flag.name});
  }
  return std::nullopt;
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv, const char* const* environment,
                             std::ostream& out, std::ostream& err) {
  Given given;
  bool check = false;
  const Status status = ReadEnvironment(environment, given);
  // First the flags' own word: --help answers whatever the environment holds.
  if (auto done = ReadFlags(argc, argv, given, check, out, err)) return std::move(*done);
  if (!status) return Refuse(err, status.error());
  Result<Config> config = LoadConfig(given.file, given.overrides);
  if (!config) return Refuse(err, config.error());
  return {check ? CommandLine::Action::kCheck : CommandLine::Action::kRun,
          0,
          std::move(config.value()),
          {},
          {}};
}

}  // namespace sluice
